import type { Clock } from "../../config/base/clock.ts";
import { Counters } from "../../config/base/counters.ts";
import { errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { Random } from "../../config/base/random.ts";
import type { VerifierKey } from "../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import type { Ledger } from "../../crypto/ledger/ledger.ts";
import { coveredSeqs } from "../../crypto/ledger/pinned-receipts.ts";
import type { MediaStore } from "../../crypto/media/store.ts";
import { openReceipt } from "../../crypto/proof/receipt.ts";
import { keepLinked, type LinkFault } from "../link/keep-linked.ts";
import type { Link, OpenLink } from "../link/link.ts";
import { MAX_DOWN_PACKET_BYTES } from "../wire/limits.ts";
import { type Address, downFilter, stateTopic } from "../wire/topics.ts";
import { DownMessages } from "./down-messages.ts";
import type { SyncEvent } from "./exchange/actions.ts";
import type { AlarmCode } from "./exchange/alarms.ts";
import type { Traffic } from "./outbox/traffic.ts";
import type { Preference } from "./outbox/wanted.ts";
import { PartAsker } from "./part-asker.ts";
import { PolicyDesk } from "./policy/policy-desk.ts";
import type { NetworkRule, Route } from "./policy/rules.ts";
import type { PolicyView } from "./policy/upload-policy.ts";
import type { QueueView } from "./policy/upload-queue.ts";
import { Pump } from "./pump.ts";
import { ReceiptTrust } from "./receipt-trust.ts";
import { SyncMachine } from "./sync-machine.ts";
import { UpMessages } from "./up-messages.ts";

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
  /** What may go over which network, the first that fits; none: everything over any. */
  networks: readonly NetworkRule[];
  /** Where packets go; the system's own routes unless given. */
  route?: () => Promise<Route | null>;
  keepaliveS: number;
  healthMs: number;
  custody: readonly VerifierKey[];
  witnesses: readonly VerifierKey[];
  /** What only the agent knows of a health snapshot; its alarms join those of sync. */
  health: () => { recording: boolean; batteryPct?: number; freeBytes: number; alarms: string[] };
  /** The agent archives a contradicted ledger, shows alarms and holds back purges. */
  onEvent: (event: SyncEvent) => void;
  /** An envelope that the receiver handed over, as it came; what it throws is counted. */
  takeOrder: (envelope: string) => Promise<void>;
  clock: Clock;
  random: Random;
  log: Logger;
}

export interface SyncStatus {
  linked: boolean;
  /** Why there is no link; null: there is one, or the first is still being opened. */
  fault: LinkFault | null;
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
  policy: PolicyView;
}

/** Hands a device's ledger and media to the receiver of its shard, for as long as it runs. */
export class DeviceSync {
  readonly receiptTrust: ReceiptTrust;
  /** Takes orders about what is sent when. */
  readonly policy: PolicyDesk;
  readonly #options: DeviceSyncOptions;
  readonly #machine: SyncMachine;
  readonly #down: DownMessages;
  readonly #asker: PartAsker;
  readonly #address: Address;
  readonly #counters = new Counters();
  readonly #stopping = new AbortController();
  readonly #up: UpMessages;
  readonly #pump: Pump;
  #link: Link | null = null;
  #fault: LinkFault | null = null;
  #connections = 0;
  #linkedMs = 0;
  #finished: Promise<unknown> = Promise.resolve();

  private constructor(options: DeviceSyncOptions, receiptTrust: ReceiptTrust) {
    const { ledger, reader, custody, witnesses, shard, clock, log } = options;
    this.#options = options;
    this.receiptTrust = receiptTrust;
    this.#address = { shard, dev: ledger.dev };
    // the machine adds to it what each further receipt covers
    const covered = coveredSeqs(reader, custody);
    this.policy = new PolicyDesk({
      dataDir: ledger.dataDir,
      rules: options.networks,
      order: options.order,
      clock,
      log,
      ...(options.route === undefined ? {} : { route: options.route }),
      onChange: () => {
        this.#machine.outbox.orderChanged();
        this.#pump.wake();
      },
    });
    this.#machine = new SyncMachine({
      ledger: reader,
      agent: options.agent,
      policy: this.policy.sending,
      keepaliveS: options.keepaliveS,
      custodyNames: custody.map(({ name }) => name),
      hasWitness: witnesses.length > 0,
      covered,
      receiptedSize: largestReceipt(reader, custody),
      random: options.random,
      counters: this.#counters,
      report: (event) => this.#report(event),
    });
    this.#asker = new PartAsker({ address: this.#address, link: () => this.#link, clock });
    this.#down = new DownMessages({
      address: this.#address,
      machine: this.#machine,
      ledger,
      custody,
      witnesses,
      clock,
      log,
      counters: this.#counters,
      takeOrder: options.takeOrder,
      takePart: (digest, offset, bytes) => this.#asker.arrived(digest, offset, bytes),
      onReceipt: (receipt) => {
        receiptTrust.renew(receipt, covered);
        if (receiptTrust.suspendedAbove === null) this.#machine.alarms.clear("receiver-lost-data");
      },
    });
    this.#up = new UpMessages({
      address: this.#address,
      machine: this.#machine,
      reader,
      media: options.media,
      clock,
      log,
      link: () => this.#link,
    });
    this.#pump = new Pump({
      drain: () => this.#performAll(),
      wakeMs: (nowMs) => this.#machine.wakeMs(nowMs),
      clock,
      log,
      counters: this.#counters,
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
    this.#pump.stopTimer();
    await this.#finished;
    await this.#pump.rested;
    this.policy.close();
  }

  /**
   * Resolves when the receiver holds every entry and all media, receipts for all of it are stored here, and
   * the newest checkpoint is cosigned. Rejects with the signal's reason.
   */
  async flush(signal: AbortSignal): Promise<void> {
    while (!this.#machine.isSettled(this.#nowMs())) await this.#pump.nextRest(signal);
  }

  /** Bytes of an ordered bundle from `offset` on; none: the receiver has no more of it. Throws what `PartAsker` throws. */
  bundlePart(digest: string, offset: number, signal: AbortSignal): Promise<Buffer> {
    return this.#asker.ask(digest, offset, signal);
  }

  /** What waits, in the order that it would go: at most `limit` recordings. */
  queue(limit: number): QueueView {
    const { connection } = this.#machine.outbox.traffic;
    const seconds = (this.#nowMs() - this.#linkedMs) / 1000;
    const isMeasured = this.#link !== null && seconds > 0 && connection.mediaBytes > 0;
    return this.policy.queue(
      this.#machine.outbox,
      limit,
      isMeasured ? connection.mediaBytes / seconds : null,
    );
  }

  status(): SyncStatus {
    const { traffic, held } = this.#machine.outbox;
    return {
      linked: this.#link !== null,
      fault: this.#fault,
      connections: this.#connections,
      receiver: this.#machine.receiver,
      heldEntries: held.size,
      ...this.#backlog(),
      suspendedAbove: this.receiptTrust.suspendedAbove,
      alarms: this.#machine.alarms.codes,
      traffic: { total: { ...traffic.total }, connection: { ...traffic.connection } },
      counters: this.#counters.snapshot(),
      policy: this.policy.view(),
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
    const onAway = (fault: LinkFault) => {
      this.#fault = fault;
    };
    const keeping = { open, session, clock, random, log, counters: this.#counters, onAway };
    const { suspendedAbove } = this.receiptTrust;
    if (suspendedAbove !== null)
      this.#machine.alarms.raise("receiver-lost-data", `held ${suspendedAbove} entries`);
    const unlisten = ledger.onGrowth(() => this.#pump.wake());
    this.#finished = Promise.all([
      keepLinked(keeping, (link) => this.#use(link), this.#stopping.signal),
      this.#reportHealth(),
      this.policy.watch(this.#stopping.signal),
    ]).finally(unlisten);
  }

  #use(link: Link): void {
    this.#link = link;
    this.#fault = null;
    this.#connections++;
    this.#linkedMs = this.#nowMs();
    void this.policy.look();
    this.#machine.linkUp(link.maxPayloadBytes, this.#nowMs());
    void link.ended.then(() => {
      this.#link = null;
      this.#machine.linkDown();
    });
    link.deliverTo(async (message) => {
      await this.#down.take(message);
      this.#pump.wake();
    });
    this.#pump.wake();
  }

  /** Does all that the machine wants done now. */
  async #performAll(): Promise<void> {
    for (;;) {
      if (this.#link === null || this.#stopping.signal.aborted) return;
      const action = this.#machine.next(this.#nowMs());
      if (action === null) return;
      await this.#up.perform(action);
    }
  }

  /** A snapshot that cannot be taken, as of a disk that fails, is counted: no evidence waits for it. */
  async #reportHealth(): Promise<void> {
    const { clock, healthMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      if (this.#link !== null) {
        await this.#sendHealth().catch((error: unknown) => this.#counters.add(errorCode(error)));
      }
      await clock.sleep(healthMs, signal).catch(() => {});
    }
  }

  async #sendHealth(): Promise<void> {
    const { clock, health } = this.#options;
    const { alarms, ...own } = health();
    const all = [...alarms, ...this.#machine.alarms.codes];
    await this.#up.sendHealth({ utcMs: clock.utcMs(), ...own, ...this.#backlog(), alarms: all });
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
  for (const envelope of reader.receipts.named()) {
    if (read++ >= RECEIPTS_READ) break;
    try {
      largest = Math.max(largest, openReceipt(envelope, custody).size);
    } catch {
      // by a key that is no longer pinned
    }
  }
  return largest;
}
