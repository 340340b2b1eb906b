import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { statSync } from "node:fs";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { Aedes, type AedesOptions, type Client } from "aedes";
import { Counters } from "../../config/base/counters.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import { readNamedFile } from "../../config/base/named-file.ts";
import { PacketGuard } from "../link/packet-guard.ts";
import { MAX_UP_PACKET_BYTES } from "../wire/limits.ts";
import { checkPublish, maySubscribe, type Principal, principalOf } from "./access.ts";

const CONNECT_TIMEOUT_MS = 10_000;
/** A subscriber that takes nothing for so long is dropped, so that it cannot hold up the others. */
const DRAIN_TIMEOUT_MS = 20_000;

export interface EmbeddedBrokerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  shard: string;
  /** Names (certificate CN, user or client id) under which the receiver of the shard connects. */
  receivers: readonly string[];
  tls?: {
    certFile: string;
    keyFile: string;
    /** Clients must show a certificate of this authority; its CN is their name. */
    caFile?: string;
  };
  /** Lines of `name:password`, in a file that others may not read. */
  usersFile?: string;
  maxConnections: number;
  log: Logger;
}

type Authenticate = NonNullable<AedesOptions["authenticate"]>;
type AuthorizePublish = NonNullable<AedesOptions["authorizePublish"]>;
type AuthorizeSubscribe = NonNullable<AedesOptions["authorizeSubscribe"]>;

/**
 * An MQTT 3.1.1 broker inside this process, for the demo and for a lone dock. It keeps nothing over a
 * restart, and need not: no decision of the protocol rests on a broker.
 */
export class EmbeddedBroker {
  /** Refusals, by code. */
  readonly counters = new Counters();
  readonly #options: EmbeddedBrokerOptions;
  readonly #users: ReadonlyMap<string, Buffer> | null;
  readonly #principals = new WeakMap<Client, Principal>();
  readonly #sockets = new Set<Socket>();
  readonly #aedes: Aedes;
  readonly #server: Server;

  private constructor(options: EmbeddedBrokerOptions) {
    this.#options = options;
    this.#users = options.usersFile === undefined ? null : readUsers(options.usersFile);
    this.#aedes = new Aedes({
      connectTimeout: CONNECT_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      authenticate: this.#authenticate,
      authorizePublish: this.#authorizePublish,
      authorizeSubscribe: this.#authorizeSubscribe,
    });
    this.#aedes.on("clientError", (_client, error) => this.#count(error));
    this.#aedes.on("connectionError", (_client, error) => this.#count(error));
    this.#server = createServer(options, (socket) => this.#accept(socket));
    this.#server.maxConnections = options.maxConnections;
    // also those that never finish a TLS handshake
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("tlsClientError", (error) => this.#count(error));
    this.#server.on("error", (error) => this.#count(error));
  }

  /**
   * Listens. Throws `broker-open` where strangers could reach it without proving who they are,
   * `broker-not-listening`, or `file-unreadable`.
   */
  static async open(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
    const provesNames = options.usersFile !== undefined || options.tls?.caFile !== undefined;
    if (!provesNames && !/^(127\.|::1$|localhost$)/.test(options.host)) {
      throw new AgentError("broker-open", `${options.host}:${options.port} without users_file or ca_file`, {
        next: "give the broker a users_file or a ca_file, or let it listen on 127.0.0.1",
      });
    }
    const broker = new EmbeddedBroker(options);
    await broker.#aedes.listen();
    try {
      broker.#server.listen(options.port, options.host);
      await once(broker.#server, "listening");
    } catch (cause) {
      await broker.close();
      throw new AgentError("broker-not-listening", `${options.host}:${options.port}`, { cause });
    }
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection and the server; resolves when both are gone. */
  async close(): Promise<void> {
    const closed = this.#server.listening ? once(this.#server, "close") : null;
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    await closed;
  }

  #accept(socket: Socket): void {
    socket.setNoDelay(true);
    this.#aedes.handle(socket);
    const guard = new PacketGuard(MAX_UP_PACKET_BYTES);
    // aedes reads in paused mode, in which every read() first shows its bytes here
    socket.on("data", (chunk: Buffer) => {
      try {
        guard.see(chunk);
      } catch (error) {
        this.#count(error);
        socket.destroy();
      }
    });
  }

  readonly #authenticate: Authenticate = (client, user, password, done) => {
    try {
      const name = this.#provenName(client, user, password);
      this.#principals.set(client, principalOf(name, client.id, this.#options.receivers));
      done(null, true);
    } catch (error) {
      this.#count(error);
      done(null, false);
    }
  };

  /** The name that certificate or password proves, else the one that is claimed. Throws `bad-password`. */
  #provenName(client: Client, user: string | undefined, password: Buffer | undefined): string {
    if (this.#options.tls?.caFile !== undefined && client.conn instanceof TLSSocket) {
      return String(client.conn.getPeerCertificate().subject?.CN ?? "");
    }
    if (this.#users === null) return client.id;
    const expected = this.#users.get(user ?? "");
    if (
      user === undefined ||
      expected === undefined ||
      !timingSafeEqual(expected, digestOf(password ?? ""))
    ) {
      throw new AgentError("bad-password", JSON.stringify(user?.slice(0, 80)));
    }
    return user;
  }

  readonly #authorizePublish: AuthorizePublish = (client, packet, done) => {
    try {
      const principal = client === null ? undefined : this.#principals.get(client);
      if (principal === undefined) throw new AgentError("publish-refused", packet.topic);
      checkPublish(principal, this.#options.shard, packet.topic, packet.retain);
      done(null);
    } catch (error) {
      // MQTT 3.1.1 has no way to refuse one publish: aedes ends the connection, which is at least not a false yes
      done(error as AgentError);
    }
  };

  readonly #authorizeSubscribe: AuthorizeSubscribe = (client, subscription, done) => {
    const principal = this.#principals.get(client);
    const isGranted =
      principal !== undefined && maySubscribe(principal, this.#options.shard, subscription.topic);
    if (!isGranted) this.counters.add("subscribe-refused");
    done(null, isGranted ? subscription : null);
  };

  #count(error: unknown): void {
    const code = errorCode(error);
    this.counters.add(code);
    this.#options.log.debug({ code, err: error }, "broker refused");
  }
}

function createServer({ tls }: EmbeddedBrokerOptions, accept: (socket: Socket) => void): Server {
  if (tls === undefined) return createTcpServer({ noDelay: true }, accept);
  const { certFile, keyFile, caFile } = tls;
  return createTlsServer(
    {
      minVersion: "TLSv1.2",
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      cert: readNamedFile(certFile),
      key: readNamedFile(keyFile),
      ...(caFile === undefined
        ? {}
        : { ca: readNamedFile(caFile), requestCert: true, rejectUnauthorized: true }),
    },
    accept,
  );
}

/** Throws `file-unreadable`, `secret-exposed` or `bad-users-file`. */
function readUsers(path: string): Map<string, Buffer> {
  const users = new Map<string, Buffer>();
  const text = readNamedFile(path);
  if ((statSync(path).mode & 0o007) !== 0) {
    throw new AgentError("secret-exposed", path, { next: `chmod 0600 ${path}` });
  }
  for (const [i, line] of text.toString("utf8").split(/\r?\n/).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const [, name, password] = /^([^:]+):(.+)$/.exec(line) ?? [];
    if (name === undefined || password === undefined) {
      throw new AgentError("bad-users-file", `${path}, line ${i + 1}`, {
        next: "each line is name:password",
      });
    }
    users.set(name, digestOf(password));
  }
  return users;
}

/** Equal length for the comparison in constant time. */
function digestOf(password: string | Buffer): Buffer {
  return createHash("sha256").update(password).digest();
}
