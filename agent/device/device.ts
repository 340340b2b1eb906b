import { Counters } from "../../config/base/counters.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import { configDigest } from "../../config/digest.ts";
import type { Config, DeviceConfig } from "../../config/schema.ts";
import { TemplateCatalogue } from "../../config/template-catalogue.ts";
import type { EntryTime } from "../../crypto/entry/envelope.ts";
import { parseVkey, type VerifierKey } from "../../crypto/keys/vkey.ts";
import type { Follows } from "../../crypto/ledger/archive.ts";
import { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import { Ledger } from "../../crypto/ledger/ledger.ts";
import { Blocks } from "../../crypto/media/blocks.ts";
import { parseRecipient } from "../../crypto/media/seal.ts";
import { MediaStore } from "../../crypto/media/store.ts";
import { DeviceSync } from "../../sync/device/device-sync.ts";
import type { SyncEvent } from "../../sync/device/exchange/actions.ts";
import { brokerLinks } from "../../sync/link/broker-link.ts";
import { Alarms } from "../alarms.ts";
import type { AgentStatus } from "../control/protocol.ts";
import type { ActivityParts } from "../records/activity/activity-handlers.ts";
import { DocumentIntake } from "../records/activity/document-intake.ts";
import type { Surroundings } from "../surroundings.ts";
import { AGENT_VERSION } from "../version.ts";
import { keepDisk } from "./disk-keeping.ts";
import { keepHeartbeat } from "./heartbeat.ts";
import { networkRule } from "./network-rule.ts";
import { toldPolicy } from "./upload-handlers.ts";

/** How long an orderly stop waits for the last checkpoint's cosignature. */
const LAST_WORDS_MS = 3_000;

export interface DeviceHooks {
  isRecording: () => boolean;
  /** Percent; undefined: not known. */
  batteryPct: () => number | undefined;
  /** Called as long as there is room for media. */
  spaceFreed: () => void;
}

/** What a recorder and a dock have in common: ledger, sync, heartbeats and purging. */
export class Device {
  readonly ledger: Ledger;
  readonly reader: LedgerReader;
  readonly alarms: Alarms;
  readonly counters = new Counters();
  readonly #config: DeviceConfig;
  readonly #surroundings: Surroundings;
  readonly #media: MediaStore;
  readonly #sync: DeviceSync | null;
  readonly #resting = new AbortController();
  readonly #contradicted: Promise<void>;
  #isRecording: () => boolean = () => false;
  #batteryPct: () => number | undefined = () => undefined;
  #chores: Promise<unknown> = Promise.resolve();
  #takeOrder: (envelope: string) => Promise<void> = async () => {
    throw new AgentError("update-not-here", "nobody here takes orders");
  };

  private constructor(config: DeviceConfig, surroundings: Surroundings, ledger: Ledger) {
    this.#config = config;
    this.#surroundings = surroundings;
    this.ledger = ledger;
    this.reader = LedgerReader.open(config.dataDir);
    this.#media = new MediaStore(config.dataDir);
    this.alarms = new Alarms(surroundings.clock, surroundings.log);
    let contradict = () => {};
    this.#contradicted = new Promise((resolve) => {
      contradict = resolve;
    });
    this.#sync = this.#startSync((event) => {
      if (event.kind === "contradicted") contradict();
    });
  }

  /** Opens the ledger, beginning it (after `follows`, if one was set aside) or settling what was left. */
  static async open(
    config: DeviceConfig,
    surroundings: Surroundings,
    follows: Follows | null,
  ): Promise<Device> {
    const { role, device, recording } = { recording: undefined, ...config };
    const identity = {
      role,
      model: device.model,
      serial: device.serial,
      chunk_ms: recording?.chunkMs ?? IMPORT_CHUNK_MS,
      heartbeat_ms: config.ledger.heartbeatMs,
      ...(follows === null ? {} : { follows }),
    };
    const ledger = await Ledger.open(
      {
        dataDir: config.dataDir,
        identity,
        agentVersion: AGENT_VERSION,
        configDigest: configDigest(config as Config),
        checkpointMs: config.ledger.checkpointMs,
        keepFreeBytes: config.disk.stopBytes,
        custody: config.sync?.custody ?? [],
        witnesses: config.sync?.witness ?? [],
        recipients: config.seal.recipients,
      },
      surroundings.clock,
    );
    return new Device(config, surroundings, ledger);
  }

  /** Who takes the orders that a receiver hands over; what is thrown is counted. */
  takeOrdersBy(take: (envelope: string) => Promise<void>): void {
    this.#takeOrder = take;
  }

  /** Begins heartbeats and purging. */
  start({ isRecording, batteryPct, spaceFreed }: DeviceHooks): void {
    this.#isRecording = isRecording;
    this.#batteryPct = batteryPct;
    const { clock, log } = this.#surroundings;
    const { signal } = this.#resting;
    const read = () => ({
      free_bytes: this.#media.freeBytes(),
      recording: isRecording(),
      ...given("battery_pct", batteryPct()),
    });
    const disk = {
      ledger: this.ledger,
      reader: this.reader,
      media: this.#media,
      alarms: this.alarms,
      clock,
      log,
      authorises: (receipt: { digest: string; size: number }) => this.authorises(receipt),
      spaceFreed,
    };
    this.#lookAtTemplates();
    const { heartbeatMs } = this.#config.ledger;
    this.#chores = Promise.all([
      keepHeartbeat({ ledger: this.ledger, clock, log, heartbeatMs, read }, signal),
      keepDisk(this.#config, disk, signal),
    ]);
  }

  /** Resolves when the device's own signature has contradicted its ledger (sync-protocol §8). */
  get contradicted(): Promise<void> {
    return this.#contradicted;
  }

  /** False for a receipt that is in doubt, since its receiver has lost data, and where nothing is synced. */
  authorises(receipt: { digest: string; size: number }): boolean {
    return this.#sync?.receiptTrust.authorises(receipt) ?? false;
  }

  /** Orders about what is sent when, and what waits; null: nothing is synced. */
  get sync(): DeviceSync | null {
    return this.#sync;
  }

  /** True once receipts for everything are here and the newest checkpoint is cosigned; false at the timeout. */
  async flush(signal: AbortSignal): Promise<boolean> {
    if (this.#sync === null) return false;
    await this.ledger.checkpoint();
    return await this.#sync.flush(signal).then(
      () => true,
      () => false,
    );
  }

  status(): Pick<
    AgentStatus,
    "dev" | "size" | "free_bytes" | "total_bytes" | "clock" | "sync" | "alarms" | "counters"
  > {
    const sync = this.#sync?.status();
    return {
      dev: this.ledger.dev,
      size: this.reader.size(),
      free_bytes: this.#media.freeBytes(),
      total_bytes: this.#media.totalBytes(),
      clock: this.#clockClaim(),
      ...(sync === undefined
        ? {}
        : {
            sync: {
              connected: sync.linked,
              ...(sync.fault === null ? {} : { fault: sync.fault }),
              ...(sync.receiver === null ? {} : { receiver: sync.receiver }),
              backlog_entries: sync.backlogEntries,
              backlog_bytes: sync.backlogBytes,
              oldest_ms: sync.oldestMs,
              connections: sync.connections,
              sent_bytes: sync.traffic.total.mediaBytes,
              resent_bytes: sync.traffic.total.resentMediaBytes,
              policy: toldPolicy(sync.policy),
            },
          }),
      alarms: [
        ...this.alarms.list().map(({ code, detail, sinceMs }) => ({ code, detail, since_ms: sinceMs })),
        ...(sync?.alarms ?? []).map((code) => ({ code, detail: "sync", since_ms: 0 })),
      ],
      counters: { ...this.counters.snapshot(), ...sync?.counters },
    };
  }

  freeBytes(): number {
    return this.#media.freeBytes();
  }

  /** What the text half of the record is written and read with. */
  recordKeeping(): Omit<ActivityParts, "random"> {
    const { disk, seal } = this.#config;
    const intake = new DocumentIntake({
      store: this.#media,
      blocks: new Blocks(),
      random: this.#surroundings.random,
      keepFreeBytes: disk.stopBytes,
      recipients: seal.recipients.map(parseRecipient),
    });
    return {
      writer: this.ledger,
      reader: this.reader,
      intake,
      media: this.#media,
      catalogue: () => this.#templates(),
    };
  }

  /** Read anew each time. What is wrong with a template stops activities that need it, never a recording. */
  #templates(): TemplateCatalogue {
    try {
      const catalogue = TemplateCatalogue.open(this.#config.records);
      this.alarms.clear("bad-template");
      return catalogue;
    } catch (error) {
      this.alarms.raise("bad-template", error instanceof AgentError ? error.place : errorCode(error));
      throw error;
    }
  }

  /** What is wrong with them is an alarm from the start, not only once somebody opens an activity. */
  #lookAtTemplates(): void {
    try {
      this.#templates();
    } catch {
      // raised as an alarm
    }
  }

  /** Whose cosignatures may be the seed of a draw. */
  witnesses(): VerifierKey[] {
    return (this.#config.sync?.witness ?? []).map(parseVkey);
  }

  /** Closes the ledger, gives its last checkpoint a moment to be cosigned if there is `time`, and ends everything. */
  async close(reason: string, { time = true } = {}): Promise<void> {
    this.#resting.abort();
    await this.#chores;
    await this.ledger.close(reason);
    const isHeard = time && this.#sync?.status().receiver != null;
    if (isHeard) await this.#sync?.flush(AbortSignal.timeout(LAST_WORDS_MS)).catch(() => {});
    await this.#sync?.stop();
    this.reader.close();
    await this.ledger.end();
  }

  /** Ends everything when the writer thread is gone: nothing more can be written. */
  async abandon(): Promise<void> {
    this.#resting.abort();
    await this.#chores;
    await this.#sync?.stop();
    this.reader.close();
  }

  /** What the newest entry says of the wall clock. */
  #clockClaim(): NonNullable<AgentStatus["clock"]> {
    const { src: source, unc_ms } = this.reader.body(this.reader.size() - 1).t as unknown as EntryTime;
    return { source, ...given("uncertainty_ms", unc_ms) };
  }

  #startSync(onEvent: (event: SyncEvent) => void): DeviceSync | null {
    const { sync } = this.#config;
    if (sync === undefined) return null;
    const { clock, random, log } = this.#surroundings;
    return DeviceSync.start({
      ledger: this.ledger,
      reader: this.reader,
      media: this.#media,
      open: brokerLinks(sync),
      shard: sync.shard,
      agent: `fulltrace/${AGENT_VERSION}`,
      order: sync.order,
      networks: sync.network.map(networkRule),
      keepaliveS: sync.keepaliveS,
      healthMs: sync.healthMs,
      custody: sync.custody.map(parseVkey),
      witnesses: sync.witness.map(parseVkey),
      health: () => ({
        recording: this.#isRecording(),
        ...given("batteryPct", this.#batteryPct()),
        freeBytes: this.#media.freeBytes(),
        alarms: this.alarms.list().map(({ code }) => code),
      }),
      onEvent,
      takeOrder: (envelope) => this.#takeOrder(envelope),
      clock,
      random,
      log,
    });
  }
}

function given<Key extends string>(key: Key, value: number | undefined): Partial<Record<Key, number>> {
  return value === undefined ? {} : ({ [key]: value } as Record<Key, number>);
}

/** A dock records nothing live; genesis still states a length. */
const IMPORT_CHUNK_MS = 2000;
