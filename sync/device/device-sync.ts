import type { Clock } from "../../config/base/clock.ts";
import { Counters } from "../../config/base/counters.ts";
import { errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { Random } from "../../config/base/random.ts";
import type { VerifierKey } from "../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import type { Ledger } from "../../crypto/ledger/ledger.ts";
import { coveredSeqs } from "../../crypto/ledger/writer/custody.ts";
import type { MediaStore } from "../../crypto/media/store.ts";
import { openReceipt } from "../../crypto/proof/receipt.ts";
import { keepLinked } from "../link/keep-linked.ts";
import type { Link, OpenLink } from "../link/link.ts";
import { encodeEntries } from "../wire/entries.ts";
import { MAX_DOWN_PACKET_BYTES } from "../wire/limits.ts";
import { encodeHealth, encodeHello } from "../wire/messages.ts";
import { type Address, downFilter, stateTopic, type UpSubject, upTopic } from "../wire/topics.ts";
import { DownMessages } from "./down-messages.ts";
import type { AlarmCode } from "./exchange/alarms.ts";
import { isIntact, readPart } from "./media-reader.ts";
import type { Part } from "./outbox/outbox.ts";
import type { Traffic } from "./outbox/traffic.ts";
import type { Preference } from "./outbox/wanted.ts";
import { ReceiptTrust } from "./receipt-trust.ts";
import { type Action, type SyncEvent, SyncMachine } from "./sync-machine.ts";

/** After an error that no answer of the receiver can bring, such as a database that cannot be read. */
const ERROR_WAIT_MS = 5_000;
/** Receipts looked through at start for the largest size: the newest is nearly always the largest. */
const RECEIPTS_READ = 16;

export interface DeviceSyncOptions {
  ledger: Ledger;
  reader: LedgerReader;
  media: MediaStore;
  open: OpenLink;
  shard: string;
  /** Name and version of the program. */
  agent: string;
  order: readonly Preference[];
  keepaliveS: number;
  healthMs: number;
  custody: readonly VerifierKey[];
  witnesses: readonly VerifierKey[];
  /** What only the agent knows of a health snapshot; its alarms join those of sync. */
  health: () => { recording: boolean; batteryPct?: number; freeBytes: number; alarms: string[] };
  /** The agent archives a contradicted ledger, shows alarms and holds back purges. */
  onEvent: (event: SyncEvent) => void;
  clock: Clock;
  random: Random;
  log: Logger;
}

export interface SyncStatus {
  linked: boolean;
  /** How many there were since the start. */
  connections: number;
  /** Name of the receiver that answers; null: none does, whatever the broker says. */
  receiver: string | null;
  heldEntries: number;
  backlogEntries: number;
  backlogBytes: number;
  /** Age of the oldest entry that is not held, or whose media is not. */
  oldestMs: number;
  /** Size above which receipts authorise no purge. */
  suspendedAbove: number | null;
  alarms: AlarmCode[];
  traffic: { total: Traffic; connection: Traffic };
  counters: Record<string, number>;
}

/** Hands a device's ledger and media to the receiver of its shard, for as long as it runs. */
export class DeviceSync {
  readonly receiptTrust: ReceiptTrust;
  readonly #options: DeviceSyncOptions;
  readonly #machine: SyncMachine;
  readonly #down: DownMessages;
  readonly #address: Address;
  readonly #counters = new Counters();
  readonly #stopping = new AbortController();
  readonly #settledListeners = new Set<() => void>();
  #link: Link | null = null;
  #connections = 0;
  #pump: "idle" | "running" | "again" = "idle";
  #pumped: Promise<void> = Promise.resolve();
  #timer = new AbortController();
  #finished: Promise<unknown> = Promise.resolve();

  private constructor(options: DeviceSyncOptions, receiptTrust: ReceiptTrust) {
    const { ledger, reader, custody, witnesses, shard, clock, log } = options;
    this.#options = options;
    this.receiptTrust = receiptTrust;
    this.#address = { shard, dev: ledger.dev };
    // the machine adds to it what each further receipt covers
    const covered = coveredSeqs(reader, custody);
    this.#machine = new SyncMachine({
      ledger: reader,
      agent: options.agent,
      order: options.order,
      keepaliveS: options.keepaliveS,
      custodyNames: custody.map(({ name }) => name),
      hasWitness: witnesses.length > 0,
      covered,
      receiptedSize: largestReceipt(reader, custody),
      random: options.random,
      counters: this.#counters,
      report: (event) => this.#report(event),
    });
    this.#down = new DownMessages({
      address: this.#address,
      machine: this.#machine,
      ledger,
      custody,
      witnesses,
      clock,
      log,
      counters: this.#counters,
      onReceipt: (receipt) => {
        receiptTrust.renew(receipt, covered);
        if (receiptTrust.suspendedAbove === null) this.#machine.alarms.clear("receiver-lost-data");
      },
    });
  }

  /** Begins to sync. Throws `receipt-trust-unreadable`, `bad-topic`. */
  static start(options: DeviceSyncOptions): DeviceSync {
    const sync = new DeviceSync(options, ReceiptTrust.open(options.ledger.dataDir));
    sync.#start();
    return sync;
  }

  /** Disconnects in order; resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#timer.abort();
    await this.#finished;
    await this.#pumped;
  }

  /**
   * Resolves when the receiver holds every entry and all media, receipts for all of it are stored here, and
   * the newest checkpoint is cosigned. Rejects with the signal's reason.
   */
  async flush(signal: AbortSignal): Promise<void> {
    while (!this.#machine.isSettled(this.#nowMs())) {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const done = () => {
          this.#settledListeners.delete(done);
          signal.removeEventListener("abort", abort);
          resolve();
        };
        const abort = () => {
          this.#settledListeners.delete(done);
          reject(signal.reason as Error);
        };
        this.#settledListeners.add(done);
        signal.addEventListener("abort", abort, { once: true });
      });
    }
  }

  status(): SyncStatus {
    const { traffic, held } = this.#machine.outbox;
    return {
      linked: this.#link !== null,
      connections: this.#connections,
      receiver: this.#machine.receiver,
      heldEntries: held.size,
      ...this.#backlog(),
      suspendedAbove: this.receiptTrust.suspendedAbove,
      alarms: this.#machine.alarms.codes,
      traffic: { total: { ...traffic.total }, connection: { ...traffic.connection } },
      counters: this.#counters.snapshot(),
    };
  }

  #start(): void {
    const { ledger, open, clock, random, log } = this.#options;
    const session = {
      clientId: ledger.dev,
      subscriptions: [downFilter(this.#address)],
      presenceTopic: stateTopic(this.#address),
      maxInboundBytes: MAX_DOWN_PACKET_BYTES,
    };
    const keeping = { open, session, clock, random, log, counters: this.#counters };
    const { suspendedAbove } = this.receiptTrust;
    if (suspendedAbove !== null)
      this.#machine.alarms.raise("receiver-lost-data", `held ${suspendedAbove} entries`);
    const unlisten = ledger.onGrowth(() => this.#wake());
    this.#finished = Promise.all([
      keepLinked(keeping, (link) => this.#use(link), this.#stopping.signal),
      this.#reportHealth(),
    ]).finally(unlisten);
  }

  #use(link: Link): void {
    this.#link = link;
    this.#connections++;
    this.#machine.linkUp(link.maxPayloadBytes, this.#nowMs());
    void link.ended.then(() => {
      this.#link = null;
      this.#machine.linkDown();
    });
    link.deliverTo(async (message) => {
      await this.#down.take(message);
      this.#wake();
    });
    this.#wake();
  }

  /** Does all that is to be done now, in one place at a time, so that messages leave in the order decided. */
  #wake(): void {
    if (this.#pump === "idle") this.#pumped = this.#runPump();
    else this.#pump = "again";
  }

  async #runPump(): Promise<void> {
    let minWaitMs = 0;
    try {
      do {
        this.#pump = "running";
        await this.#performAll();
      } while (this.#isWokenAgain());
    } catch (error) {
      minWaitMs = ERROR_WAIT_MS;
      this.#counters.add(errorCode(error));
      this.#options.log.error({ err: error }, "sync interrupted");
    }
    this.#pump = "idle";
    this.#setTimer(minWaitMs);
    if (this.#settledListeners.size > 0) for (const listener of [...this.#settledListeners]) listener();
  }

  #isWokenAgain(): boolean {
    return this.#pump === "again";
  }

  async #performAll(): Promise<void> {
    for (;;) {
      if (this.#link === null || this.#stopping.signal.aborted) return;
      const action = this.#machine.next(this.#nowMs());
      if (action === null) return;
      await this.#perform(action);
    }
  }

  async #perform(action: Action): Promise<void> {
    switch (action.kind) {
      case "hello":
        return await this.#publish({ kind: "hello" }, encodeHello(action.hello));
      case "checkpoint":
        return await this.#publish({ kind: "checkpoint" }, Buffer.from(action.note));
      case "entries": {
        const { from, entries } = action.batch;
        return await this.#publish({ kind: "entries", from }, encodeEntries(entries));
      }
      case "part":
        return await this.#sendPart(action.part);
      case "check-file": {
        const isGood = await isIntact(this.#options.media, action.digest);
        return this.#machine.checkedOwnCopy(action.digest, isGood, this.#nowMs());
      }
    }
  }

  async #sendPart(part: Part): Promise<void> {
    const { media, reader, log } = this.#options;
    const { digest, offset } = part;
    try {
      const bytes = await readPart(media, part);
      await this.#publish({ kind: "media", digest, offset }, bytes);
    } catch (error) {
      if (errorCode(error) !== "media-unreadable") throw error;
      // purged since it was chosen is as it should be; anything else is a fault of this disk
      if (reader.mediaNaming(digest).every(({ purged }) => purged))
        return this.#machine.outbox.dropped(digest);
      log.error({ err: error }, "media cannot be read");
      this.#machine.checkedOwnCopy(digest, false, this.#nowMs());
    }
  }

  /** What does not leave is found missing by its missing answer. */
  async #publish(subject: UpSubject, payload: Buffer, qos: 0 | 1 = 1): Promise<void> {
    await this.#link?.publish({ topic: upTopic(this.#address, subject), payload, qos });
  }

  #setTimer(minWaitMs: number): void {
    this.#timer.abort();
    const wakeMs = this.#machine.wakeMs(this.#nowMs());
    if (wakeMs === null || this.#stopping.signal.aborted) return;
    this.#timer = new AbortController();
    const waitMs = Math.max(Math.ceil(wakeMs - this.#nowMs()), minWaitMs, 1);
    this.#options.clock.sleep(waitMs, this.#timer.signal).then(
      () => this.#wake(),
      () => {},
    );
  }

  async #reportHealth(): Promise<void> {
    const { clock, health, healthMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (this.#link !== null) {
        const { alarms, ...own } = health();
        const all = [...alarms, ...this.#machine.alarms.codes];
        const snapshot = { utcMs: clock.utcMs(), ...own, ...this.#backlog(), alarms: all };
        await this.#publish({ kind: "health" }, encodeHealth(snapshot), 0);
      }
      await clock.sleep(healthMs, signal).catch(() => {});
    }
  }

  #backlog(): { backlogEntries: number; backlogBytes: number; oldestMs: number } {
    const { entries, bytes, firstSeq } = this.#machine.outbox.backlog();
    const { reader, clock } = this.#options;
    const written = firstSeq === null ? null : (reader.body(firstSeq).t as { utc_ms: number }).utc_ms;
    const oldestMs = written === null ? 0 : Math.max(clock.utcMs() - written, 0);
    return { backlogEntries: entries, backlogBytes: bytes, oldestMs };
  }

  #report(event: SyncEvent): void {
    switch (event.kind) {
      case "alarm":
        this.#options.log.warn({ code: event.code, detail: event.detail }, "sync alarm");
        break;
      case "contradicted":
        this.#options.log.error({ how: event.how }, "ledger contradicted by its own signature");
        break;
      case "receipts-suspended":
        this.receiptTrust.suspendAbove(event.size);
        break;
    }
    this.#options.onEvent(event);
  }

  #nowMs(): number {
    return this.#options.clock.monoUs() / 1000;
  }
}

function largestReceipt(reader: LedgerReader, custody: readonly VerifierKey[]): number {
  let largest = 0;
  let read = 0;
  for (const envelope of reader.namedReceipts()) {
    if (read++ >= RECEIPTS_READ) break;
    try {
      largest = Math.max(largest, openReceipt(envelope, custody).size);
    } catch {
      // by a key that is no longer pinned
    }
  }
  return largest;
}
