import { mkdirSync } from "node:fs";
import { uptime } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import type { AppendableBody, MediaBody, PendingMediaBody } from "../../entry/types.ts";
import type { Appended, AppendedMedia } from "../../entry/writer.ts";
import { openKeyFile } from "../../keys/key-file.ts";
import { parseVkey } from "../../keys/vkey.ts";
import { intentText } from "../../media/intent.ts";
import { parseRecipient, type Recipient, seal } from "../../media/seal.ts";
import { MediaStore } from "../../media/store.ts";
import { DirectoryLock } from "../db/directory-lock.ts";
import type { CheckpointRow } from "../db/reader.ts";
import { LedgerStore } from "../db/store.ts";
import { Appender, type AppenderParts } from "./appender.ts";
import { type ClockOrigin, type ClockVoucher, systemClockOrigin, VouchedClock } from "./clock-origin.ts";
import { Custody } from "./custody.ts";
import type { LedgerOptions } from "./options.ts";
import { inspect, settle } from "./recovery.ts";

/** Injected so that tests can repeat a run. */
export interface WriterSurroundings {
  clock: Clock;
  random: Random;
  clockOrigin?: () => ClockOrigin;
}

/** Wall time at which this machine started; a run that ended before it ended with the power. */
const machineStartMs = (clock: Clock): number => clock.utcMs() - uptime() * 1000;

/** Names in one `device.boot`, so that the body stays far below 16 KiB. */
const MAX_NAMED = 100;

/**
 * The evidence writer: the one place that stores media, makes entries and holds the keys. All its
 * calls are synchronous and durable when they return; it lives in the writer thread.
 */
export class EvidenceStore {
  readonly appender: Appender;
  readonly custody: Custody;
  readonly #lock: DirectoryLock;
  readonly #store: LedgerStore;
  readonly #media: MediaStore;
  readonly #random: Random;
  readonly #keepFreeBytes: number;
  readonly #recipients: readonly Recipient[];
  readonly #vouchedClock: VouchedClock;

  private constructor(
    lock: DirectoryLock,
    store: LedgerStore,
    appender: Appender,
    vouchedClock: VouchedClock,
    random: Random,
    options: LedgerOptions,
  ) {
    this.#vouchedClock = vouchedClock;
    this.#lock = lock;
    this.#store = store;
    this.#media = new MediaStore(options.dataDir);
    this.appender = appender;
    this.#random = random;
    this.#keepFreeBytes = options.keepFreeBytes;
    this.#recipients = options.recipients.map(parseRecipient);
    this.custody = new Custody(store, appender, this.#media, {
      custody: options.custody.map(parseVkey),
      witnesses: options.witnesses.map(parseVkey),
    });
  }

  /**
   * Begins the ledger, or goes on with it after settling what an interrupted run left.
   * Throws `store-locked` while another process writes there.
   */
  static open(options: LedgerOptions, { clock, random, clockOrigin }: WriterSurroundings): EvidenceStore {
    for (const name of ["keys", "media", "partial"])
      mkdirSync(join(options.dataDir, name), { recursive: true, mode: 0o750 });
    const lock = DirectoryLock.take(options.dataDir);
    const store = LedgerStore.open(options.dataDir);
    const vouchedClock = new VouchedClock(clock, clockOrigin ?? systemClockOrigin);
    const parts: AppenderParts = {
      store,
      deviceKey: openKeyFile(join(options.dataDir, "keys", "device.key"), random),
      clock,
      random,
      clockOrigin: () => vouchedClock.origin(),
      checkpointMs: options.checkpointMs,
    };
    const appender = store.size === 0 ? Appender.begin(parts, options.identity) : resume(parts, options);
    return new EvidenceStore(lock, store, appender, vouchedClock, random, options);
  }

  get size(): number {
    return this.#store.size;
  }

  append(body: AppendableBody): Appended {
    return { seq: this.appender.append(body) };
  }

  /** Seals if so configured, stores durably, then commits the entry that names it. */
  appendMedia(pending: PendingMediaBody, content: readonly Uint8Array[]): AppendedMedia {
    const sealed = this.#recipients.length > 0 ? seal(content, this.#recipients, this.#random) : null;
    let body: MediaBody | null = null;
    const stored = sealed?.content ?? content;
    const total = stored.reduce((sum, part) => sum + part.length, 0);
    const { digest, bytes } = this.#media.put(stored, {
      random: this.#random,
      keepFreeBytes: this.#keepFreeBytes,
      beforeNaming: (name) => {
        body = { ...pending, digest: name, bytes: total, sealed: sealed !== null, ...sealed?.fields };
        this.#media.writeIntent(name, intentText({ body }));
      },
    });
    const { seq } = this.append(body as unknown as MediaBody);
    this.#media.dropIntent(digest);
    return { seq, digest, bytes };
  }

  /** Commits entries whose media others have stored, all or none. Throws `media-missing`. */
  appendStored(bodies: readonly AppendableBody[]): Appended[] {
    const named = bodies.flatMap((body) => ("digest" in body ? [body] : []));
    for (const { digest, bytes } of named) {
      const found = this.#media.bytes(digest);
      if (found !== bytes) throw new AgentError("media-missing", `${digest}: ${found ?? "no"} bytes`);
    }
    const seqs = this.appender.appendAll(bodies);
    for (const { digest } of named) this.#media.dropIntent(digest);
    return seqs.map((seq) => ({ seq }));
  }

  /** From the next entry on. */
  vouchClock(voucher: ClockVoucher): void {
    this.#vouchedClock.vouch(voucher);
  }

  checkpoint(): CheckpointRow {
    return this.appender.checkpoint();
  }

  close(reason: string): CheckpointRow {
    return this.appender.close(reason);
  }

  end(): void {
    this.#store.close();
    this.#lock.release();
  }
}

function resume(parts: AppenderParts, options: LedgerOptions): Appender {
  const { store } = parts;
  const media = new MediaStore(options.dataDir);
  const findings = inspect(store.reader, media);
  const last = store.reader.body(store.size - 1);
  const appender = Appender.resume(parts, {
    clean: last.type === "ledger.close",
    agent: options.agentVersion,
    config: options.configDigest,
    open: findings.open.map(({ rec }) => rec).slice(0, MAX_NAMED),
    ...(findings.quarantined.length === 0 ? {} : { quarantined: findings.quarantined.slice(0, MAX_NAMED) }),
  });
  const lastUtcMs = (last.t as { utc_ms: number }).utc_ms;
  settle(findings, appender, media, lastUtcMs < machineStartMs(parts.clock));
  return appender;
}
