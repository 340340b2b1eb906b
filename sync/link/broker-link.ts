import type { Socket } from "node:net";
import { type IPublishPacket, MqttClient } from "mqtt";
import { withDeadline } from "../../config/base/deadline.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import { type BrokerConfig, brokerAddress, openSocket, readPassword } from "./broker-config.ts";
import { keepNoNumbers, keepNoPayloads } from "./lean-mqtt.ts";
import type {
  IncomingMessage,
  Link,
  LinkSession,
  MessageHandler,
  OpenLink,
  OutgoingMessage,
} from "./link.ts";
import { PacketGuard } from "./packet-guard.ts";

/** From the first SYN to the last SUBACK. */
const OPEN_TIMEOUT_MS = 30_000;
/** For `offline` and DISCONNECT. */
const CLOSE_TIMEOUT_MS = 2_000;
/** Bytes waiting for the socket above which a publish waits. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
/** Publishes without PUBACK above which another waits; a broker of MQTT 5 may allow fewer. */
const MAX_UNACKNOWLEDGED = 64;
/** Bytes kept of what arrives while the link is being opened. */
const MAX_EARLY_BYTES = 16 * 1024 * 1024;
/** MQTT's own limit of the remaining length. */
const MAX_PACKET_BYTES = 268_435_455;
/** Room for header, topic and properties in a packet. */
const PACKET_OVERHEAD_BYTES = 1024;

/**
 * Links over MQTT.js. Every one is a fresh client that never reconnects: MQTT.js's own replay re-sends what
 * the receiver may have, and its offline queue has no bound.
 *
 * Opening rejects with `broker-unreachable`, `broker-refused`, `tls-failed`, `subscribe-refused`,
 * `link-timeout`, `link-closed`, `file-unreadable` or `bad-broker-url`.
 */
export function brokerLinks(config: BrokerConfig): OpenLink {
  keepNoNumbers();
  return async (session, signal) => {
    signal.throwIfAborted();
    const link = new BrokerLink(config, session);
    await link.open(withDeadline(signal, OPEN_TIMEOUT_MS));
    return link;
  };
}

class BrokerLink implements Link {
  readonly ended: Promise<AgentError>;
  readonly #client: MqttClient;
  readonly #session: LinkSession;
  /** Host and port, for errors. */
  readonly #place: string;
  /**
   * What came before there was a handler. MQTT.js reads packets one after another: waiting with a message
   * would keep the SUBACK behind it from ever being read.
   */
  readonly #early: IncomingMessage[] = [];
  #earlyBytes = 0;
  #handler: MessageHandler | null = null;
  #lastDelivery: Promise<void> = Promise.resolve();
  #socket: Socket | null = null;
  /** The first thing that went wrong, or `link-closed`: later errors are its consequences. */
  #reason: AgentError | null = null;
  #isEnded = false;
  #unacknowledged = 0;
  #maxUnacknowledged = MAX_UNACKNOWLEDGED;
  #maxPacketBytes = MAX_PACKET_BYTES;
  /** Publishes follow one another, so that one waiting for room holds back the later ones. */
  #lastPublish: Promise<unknown> = Promise.resolve();
  #wakeWaiting: () => void = () => {};

  constructor(config: BrokerConfig, session: LinkSession) {
    this.#session = session;
    const { host, port } = brokerAddress(config.url);
    this.#place = `${host}:${port}`;
    const password = readPassword(config);
    this.#client = new MqttClient(() => this.#openSocket(config), {
      manualConnect: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      clean: true,
      protocolVersion: config.protocol,
      keepalive: config.keepaliveS,
      connectTimeout: OPEN_TIMEOUT_MS,
      clientId: session.clientId,
      ...(config.username === undefined ? {} : { username: config.username }),
      ...(password === undefined ? {} : { password }),
      ...(config.protocol === 5 ? { properties: { maximumPacketSize: session.maxInboundBytes } } : {}),
      ...(session.presenceTopic === undefined
        ? {}
        : { will: { topic: session.presenceTopic, payload: Buffer.from("offline"), qos: 1, retain: true } }),
    });
    keepNoPayloads(this.#client);
    this.#client.on("error", (error) => this.#note(error));
    this.#client.on("disconnect", ({ reasonCode }) =>
      this.#note(new Error(`DISCONNECT with reason ${reasonCode}`)),
    );
    this.#client.handleMessage = (packet, done) => {
      this.#deliver(packet).then(
        () => done(),
        (error: unknown) => {
          this.#note(error);
          this.#client.end(true);
        },
      );
    };
    this.ended = new Promise((resolve) => {
      this.#client.once("close", () => {
        this.#isEnded = true;
        this.#wakeWaiting();
        resolve(this.#reason ?? new AgentError("link-lost", this.#place));
      });
    });
  }

  get maxPayloadBytes(): number {
    return this.#maxPacketBytes - PACKET_OVERHEAD_BYTES;
  }

  /** Connects and subscribes; or ends the connection and throws the reason. */
  async open(signal: AbortSignal): Promise<void> {
    const giveUp = () => {
      const isTimeout = signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
      this.#reason ??= new AgentError(isTimeout ? "link-timeout" : "link-closed", this.#place);
      this.#client.end(true);
    };
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      await Promise.race([this.#connect(), this.#failure()]);
    } catch (error) {
      this.#client.end(true);
      throw error;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  deliverTo(handler: MessageHandler): void {
    this.#handler = handler;
    for (const message of this.#early.splice(0)) void this.#handOver(message, handler);
  }

  publish(message: OutgoingMessage): Promise<boolean> {
    const sent = this.#lastPublish.then(() => this.#publishWhenRoom(message));
    this.#lastPublish = sent.catch(() => {});
    return sent;
  }

  async close(): Promise<void> {
    if (this.#isEnded) return;
    this.#reason ??= new AgentError("link-closed", this.#place);
    const giveUp = setTimeout(() => this.#client.end(true), CLOSE_TIMEOUT_MS);
    try {
      await Promise.race([this.#publishPresence("offline"), this.ended]);
      this.#client.end();
      await this.ended;
    } finally {
      clearTimeout(giveUp);
    }
  }

  #openSocket(config: BrokerConfig): Socket {
    const socket = openSocket(config);
    const guard = new PacketGuard(this.#session.maxInboundBytes);
    // before MQTT.js pipes the same chunks into its parser, which would collect whatever length is announced
    socket.on("data", (chunk: Buffer) => {
      try {
        guard.see(chunk);
      } catch (error) {
        socket.destroy(error as AgentError);
      }
    });
    socket.on("error", (error) => this.#note(error));
    socket.on("drain", () => this.#wakeWaiting());
    this.#socket = socket;
    return socket;
  }

  async #connect(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#client.once("connect", ({ properties }) => {
        this.#maxUnacknowledged = Math.min(
          properties?.receiveMaximum ?? MAX_UNACKNOWLEDGED,
          MAX_UNACKNOWLEDGED,
        );
        this.#maxPacketBytes = Math.min(properties?.maximumPacketSize ?? MAX_PACKET_BYTES, MAX_PACKET_BYTES);
        resolve();
      });
      this.#client.connect();
    });
    for (const topic of this.#session.subscriptions) await this.#subscribe(topic);
    await this.#publishPresence("online");
  }

  /** Never resolves; rejects when the connection ends. */
  async #failure(): Promise<never> {
    const reason = await this.ended;
    throw reason.code === "link-lost"
      ? new AgentError("broker-unreachable", this.#place, { cause: reason })
      : reason;
  }

  async #subscribe(topic: string): Promise<void> {
    const refuse = (cause?: unknown): never => {
      throw new AgentError("subscribe-refused", `${this.#place}: ${topic}`, {
        cause,
        next: "let the broker's access list allow this client to read that topic",
      });
    };
    const granted = await this.#client.subscribeAsync(topic, { qos: 1 }).catch(refuse);
    // 0x80 is MQTT 3.1.1's failure; a broker that grants QoS 0 would lose what is published with QoS 1
    if (granted[0]?.qos !== 1) refuse();
  }

  /** Resolves when the broker has acknowledged it; at once where no presence is kept. */
  #publishPresence(state: "online" | "offline"): Promise<void> {
    const topic = this.#session.presenceTopic;
    if (topic === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#client.publish(topic, state, { qos: 1, retain: true }, () => resolve());
    });
  }

  /** Resolves when the next packet may be read. */
  async #deliver({ topic, payload, retain }: IPublishPacket): Promise<void> {
    const message = {
      topic,
      payload: Buffer.isBuffer(payload) ? payload : Buffer.from(payload),
      retained: retain,
    };
    if (this.#handler === null) this.#keepEarly(message);
    else await this.#handOver(message, this.#handler);
  }

  /** More than there is room for is lost: whoever sent it asks again. */
  #keepEarly(message: IncomingMessage): void {
    if (this.#earlyBytes + message.payload.length > MAX_EARLY_BYTES) return;
    this.#earlyBytes += message.payload.length;
    this.#early.push(message);
  }

  #handOver(message: IncomingMessage, handler: MessageHandler): Promise<void> {
    this.#lastDelivery = this.#lastDelivery.then(() => handler(message));
    return this.#lastDelivery;
  }

  async #publishWhenRoom({ topic, payload, qos = 1, onTaken }: OutgoingMessage): Promise<boolean> {
    while (!this.#isEnded && !this.#hasRoom()) {
      await new Promise<void>((resolve) => {
        this.#wakeWaiting = resolve;
      });
    }
    // MQTT.js would queue it in memory
    if (this.#isEnded || !this.#client.connected || this.#client.disconnecting) return false;
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    if (bytes.length > this.maxPayloadBytes) {
      throw new AgentError(
        "payload-too-large",
        `${topic}: ${bytes.length} of at most ${this.maxPayloadBytes} bytes`,
      );
    }
    if (qos === 1) this.#unacknowledged++;
    this.#client.publish(topic, bytes, { qos }, (error) => {
      if (qos === 1) this.#unacknowledged--;
      // without an acknowledgement some of it may still be on its way
      if (qos === 1 && !error) onTaken?.();
      this.#wakeWaiting();
    });
    return true;
  }

  #hasRoom(): boolean {
    const buffered = this.#socket?.writableLength ?? 0;
    return this.#unacknowledged < this.#maxUnacknowledged && buffered < MAX_BUFFERED_BYTES;
  }

  #note(error: unknown): void {
    this.#reason ??= describe(error, this.#place);
  }
}

/** The coded form of what MQTT.js, the socket or TLS reported. */
function describe(cause: unknown, place: string): AgentError {
  if (cause instanceof AgentError) return cause;
  const code = (cause as { code?: unknown } | null)?.code;
  if (typeof code === "number") {
    const next = "check user name, password, client certificate and client id against the broker's settings";
    return new AgentError("broker-refused", `${place}: reason ${code}`, { cause, next });
  }
  if (/^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME)/.test(errorCode(cause))) {
    return new AgentError("tls-failed", `${place}: ${errorCode(cause)}`, {
      cause,
      next: "check ca_file, cert_file and key_file, and the name in the broker's certificate",
    });
  }
  return new AgentError("link-lost", `${place}: ${errorCode(cause)}`, { cause });
}
