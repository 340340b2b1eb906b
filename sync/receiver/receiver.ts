import type { Clock } from "../../config/base/clock.ts";
import { Counters } from "../../config/base/counters.ts";
import { type AgentError, errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { Random } from "../../config/base/random.ts";
import { ThreadClient, transferable } from "../../config/threads/thread-rpc.ts";
import { parseVkey } from "../../crypto/keys/vkey.ts";
import type { Problem } from "../../crypto/proof/verdict.ts";
import { keepLinked, type LinkFault } from "../link/keep-linked.ts";
import type { IncomingMessage, Link, OpenLink } from "../link/link.ts";
import { MAX_UP_PACKET_BYTES } from "../wire/limits.ts";
import { encodeNack, type Nack } from "../wire/messages.ts";
import { downTopic, formatSubject, partTopic, shardFilters } from "../wire/topics.ts";
import { DeviceQueues } from "./device-queues.ts";
import { type Arrival, readArrival } from "./edge.ts";
import type { ReceiverOptions, StoreOptions } from "./options.ts";
import { OrderShelf } from "./order-shelf.ts";
import { type DeviceStatus, Roster } from "./roster.ts";
import type { DeviceAnswers, DeviceBatch, Letter, Refusal, UpMessage } from "./store/letters.ts";
import type { DeskOperations } from "./store/receiver-thread.ts";

const THREAD = new URL("./store/receiver-thread.js", import.meta.url);
const TICK_MS = 1_000;
const OVERFLOW_RETRY_MS = 1_000;
/** Refusals that wait for room in the link; more are not sent, and those devices ask again. */
const MAX_WAITING_REFUSALS = 256;
/** Parts of bundles in memory: an office's units all come to their docks in the evening. */
const MAX_WAITING_PARTS = 32;
/** Above the largest legal packet, so that a part that is too large can be told so. */
const MAX_INBOUND_BYTES = 8 * MAX_UP_PACKET_BYTES;

/** What a receiver gets from outside. */
export interface ReceiverParts {
  openLink: OpenLink;
  clock: Clock;
  random: Random;
  log: Logger;
}

export interface ReceiverStatus {
  linked: boolean;
  /** Why there is no link; null: there is one, or the first is still being opened. */
  fault: LinkFault | null;
  /** Bytes that wait to be stored. */
  queuedBytes: number;
  /** Of the link and of messages that nobody could be answered about, by code. */
  counts: Record<string, number>;
  devices: DeviceStatus[];
}

/**
 * Takes custody of the evidence of a shard's devices (sync-protocol, "Exchange"): the main thread talks
 * with the broker, the writer thread verifies, stores, cosigns and signs receipts.
 */
export class Receiver {
  /** What devices pin. */
  readonly vkeys: { custody: string; witness: string };
  /** Resolves with the reason when the receiver cannot go on; never after `stop`. */
  readonly failed: Promise<AgentError>;
  readonly #options: ReceiverOptions;
  readonly #parts: ReceiverParts;
  readonly #thread: ThreadClient<DeskOperations>;
  readonly #queues: DeviceQueues;
  readonly #roster: Roster;
  readonly #counters = new Counters();
  readonly #shelf: OrderShelf | null;
  readonly #stopping = new AbortController();
  #waitingRefusals = 0;
  #waitingParts = 0;
  #fail: (error: AgentError) => void = () => {};
  #link: Link | null = null;
  #fault: LinkFault | null = null;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(
    options: ReceiverOptions,
    parts: ReceiverParts,
    thread: ThreadClient<DeskOperations>,
    vkeys: { custody: string; witness: string },
  ) {
    this.#options = options;
    this.#parts = parts;
    this.#thread = thread;
    this.vkeys = vkeys;
    const { orders } = options;
    const { clock } = parts;
    this.#shelf = orders === undefined ? null : new OrderShelf(orders, { clock, counters: this.#counters });
    this.#queues = new DeviceQueues(options.limits, parts.clock);
    this.#roster = new Roster(
      options.devices.map((vkey) => parseVkey(vkey).key.deviceId),
      parts.clock,
    );
    this.failed = new Promise((resolve) => {
      this.#fail = resolve;
    });
    void thread.ended.then((error) => {
      if (!this.#stopping.signal.aborted) this.#fail(error);
    });
  }

  /** Opens the store. Rejects with `store-locked`, `bad-vkey`, `key-unreadable`. */
  static async open(options: ReceiverOptions, parts: ReceiverParts): Promise<Receiver> {
    const { dataDir, name, devices, otherWitnesses, limits } = options;
    const { openDatabases, keepFreeBytes } = limits;
    const own: StoreOptions = {
      dataDir,
      name,
      devices,
      otherWitnesses,
      limits: { openDatabases, keepFreeBytes },
    };
    const thread = new ThreadClient<DeskOperations>(THREAD, own);
    try {
      return new Receiver(options, parts, thread, await thread.call("open", []));
    } catch (error) {
      await thread.terminate();
      throw error;
    }
  }

  /** Connects, and keeps reconnecting until `stop`. */
  start(): void {
    const { openLink, clock, random, log } = this.#parts;
    const { clientId, shard } = this.#options;
    const { signal } = this.#stopping;
    const session = { clientId, subscriptions: shardFilters(shard), maxInboundBytes: MAX_INBOUND_BYTES };
    const onAway = (fault: LinkFault) => {
      this.#fault = fault;
    };
    const linking = keepLinked(
      { open: openLink, session, clock, random, log, counters: this.#counters, onAway },
      (link) => this.#use(link),
      signal,
    );
    this.#running = Promise.all([linking, this.#work(signal)]);
  }

  status(): ReceiverStatus {
    return {
      linked: this.#link !== null,
      fault: this.#fault,
      queuedBytes: this.#queues.bytes,
      counts: { ...this.#counters.snapshot(), ...this.#roster.strangers.snapshot() },
      devices: this.#roster.status(),
    };
  }

  /** Resolves when the writer thread answers. Rejects when it has ended. */
  answer(): Promise<void> {
    return this.#thread.call("answer", []);
  }

  /** Ends the link, then closes the store; what was not answered yet comes again one day. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#thread.call("close", []).catch(() => {});
    await this.#thread.terminate();
  }

  #use(link: Link): void {
    this.#link = link;
    this.#fault = null;
    void link.ended.then(() => {
      if (this.#link === link) this.#link = null;
    });
    link.deliverTo((incoming) => this.#receive(incoming));
  }

  #receive(incoming: IncomingMessage): void {
    const arrival = readArrival(incoming, this.#options.shard, (dev) => this.#roster.isKnown(dev));
    // a retained state tells how it was once
    if (arrival.kind !== "stray" && !incoming.retained) this.#roster.seen(arrival.dev);
    switch (arrival.kind) {
      case "message":
        this.#enqueue(arrival.dev, arrival.message);
        if (arrival.message.subject.kind === "hello") void this.#handOrders(arrival.dev);
        return;
      case "want":
        void this.#handPart(arrival);
        return;
      case "health":
        this.#roster.reported(arrival.dev, arrival.health);
        return;
      case "presence":
        this.#roster.isNow(arrival.dev, arrival.presence);
        return;
      case "refused":
        this.#refuse(arrival);
        return;
      case "stray":
        this.#counters.add(arrival.code);
        return;
    }
  }

  #enqueue(dev: string, { subject, payload }: UpMessage): void {
    if (this.#queues.add(dev, { subject, payload: ownBytes(payload) })) return;
    this.#refuse({
      dev,
      code: "slow-down",
      about: formatSubject(subject),
      detail: "more than its credit, or than all devices have room for",
      retryAfterMs: OVERFLOW_RETRY_MS,
    });
  }

  /** At each hello, since nobody knows which it had: it takes each once. Never rejects. */
  async #handOrders(dev: string): Promise<void> {
    for (const envelope of this.#shelf?.ordersFor(dev) ?? []) {
      await this.#send(dev, { kind: "order", payload: Buffer.from(envelope) }).catch((error: unknown) =>
        this.#counters.add(errorCode(error)),
      );
    }
  }

  /** A device that hears nothing asks again. Never rejects. */
  async #handPart({ dev, digest, offset }: Extract<Arrival, { kind: "want" }>): Promise<void> {
    if (this.#waitingParts >= MAX_WAITING_PARTS) {
      this.#counters.add("part-unsent");
      return;
    }
    this.#waitingParts++;
    try {
      const payload = (await this.#shelf?.part(dev, digest, offset)) ?? Buffer.alloc(0);
      const topic = partTopic({ shard: this.#options.shard, dev }, digest, offset);
      await this.#link?.publish({ topic, payload });
    } catch (error) {
      this.#counters.add(errorCode(error));
    } finally {
      this.#waitingParts--;
    }
  }

  /** Does not wait for the link: a handler that did would hold up the PUBACK that makes room there. */
  #refuse({ dev, ...nack }: Nack & { dev: string; detail: string }): void {
    this.#logRefusal(dev, nack);
    if (this.#waitingRefusals >= MAX_WAITING_REFUSALS) {
      this.#counters.add("refusal-unsent");
      return;
    }
    this.#waitingRefusals++;
    const sent = this.#send(dev, { kind: "nack", payload: encodeNack(nack) });
    void sent
      .catch((error: unknown) => this.#counters.add(errorCode(error)))
      .finally(() => {
        this.#waitingRefusals--;
      });
  }

  /** Keeps the writer thread busy: while it handles one batch, the next already waits there. */
  async #work(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    let nextTickUs = clock.monoUs();
    let before = Promise.resolve();
    while (!signal.aborted) {
      const batches = this.#queues.take();
      if (batches.length > 0) {
        const current = this.#answer(this.#handle(batches), before);
        await before;
        before = current;
      }
      if (clock.monoUs() >= nextTickUs) {
        nextTickUs = clock.monoUs() + TICK_MS * 1000;
        before = this.#answer(this.#thread.call("tick", []), before);
      }
      await this.#queues.waitForMail(TICK_MS, signal);
    }
    await before;
  }

  async #handle(batches: DeviceBatch[]): Promise<DeviceAnswers[]> {
    const payloads = batches.flatMap(({ messages }) => messages.map(({ payload }) => payload));
    // counted before the thread takes the memory
    const bytes = payloads.reduce((sum, { length }) => sum + length, 0);
    const buffers = payloads.map(({ buffer }) => buffer as ArrayBuffer);
    try {
      return await this.#thread.call("handle", [batches], buffers);
    } finally {
      this.#queues.release(bytes);
    }
  }

  /** Sends what the thread answers, after what it answered before. Never rejects. */
  async #answer(answers: Promise<DeviceAnswers[]>, before: Promise<void>): Promise<void> {
    try {
      const [mine] = await Promise.all([answers, before]);
      await this.#deliver(mine);
    } catch (error) {
      this.#fail(error as AgentError);
    }
  }

  async #deliver(answers: readonly DeviceAnswers[]): Promise<void> {
    for (const { dev, letters, refusals, problems, troubles, replica } of answers) {
      if (replica !== null) this.#roster.holds(dev, replica);
      for (const refusal of refusals) this.#logRefusal(dev, refusal);
      for (const problem of problems) this.#logBreach(dev, problem);
      for (const detail of troubles) this.#parts.log.error({ dev, detail }, "replica in trouble");
      for (const letter of letters) await this.#send(dev, letter);
    }
  }

  #logRefusal(dev: string, { code, about, detail }: Refusal): void {
    const times = this.#roster.refused(dev, code);
    if (!isNotable(times)) return;
    if (code === "fork") this.#parts.log.error({ dev, about, detail, times }, "fork proven");
    else this.#parts.log.warn({ dev, code, about, detail, times }, "message refused");
  }

  #logBreach(dev: string, problem: Problem): void {
    const times = this.#roster.broke(dev, problem);
    const { code, seq, detail } = problem;
    if (isNotable(times)) this.#parts.log.warn({ dev, code, seq, detail, times }, "rule broken by an entry");
  }

  /** Lost where there is no link: the device asks again. */
  async #send(dev: string, { kind, payload }: Letter): Promise<void> {
    await this.#link?.publish({ topic: downTopic({ shard: this.#options.shard, dev }, kind), payload });
  }
}

/** The 1st, 2nd, 4th, 8th … time: whoever floods the receiver does not flood its log. */
function isNotable(times: number): boolean {
  return Number.isInteger(Math.log2(times));
}

/** Bytes that can be handed to the writer thread: a copy only where they are part of a larger buffer. */
function ownBytes(payload: Uint8Array): Uint8Array {
  return payload.length === payload.buffer.byteLength ? payload : transferable(payload);
}
