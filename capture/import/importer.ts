import type { Clock } from "../../config/base/clock.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import { type Random, uuid } from "../../config/base/random.ts";
import type { ImportSource } from "../../crypto/entry/recording-types.ts";
import type { EvidenceWriter } from "../../crypto/entry/writer.ts";
import type { ByteSource } from "../../drivers/recorders/recorder-driver.ts";
import { DigestJob } from "./digest-job.ts";
import {
  type ImportedFile,
  ImportJob,
  type ImportOrder,
  type ImportProgress,
  isFinal,
} from "./import-job.ts";
import { ImportThreads } from "./import-threads.ts";
import { Admission } from "./turns/admission.ts";
import { Preferences, type Preferred } from "./turns/preferences.ts";
import { Schedule, type Turn } from "./turns/schedule.ts";

export interface ImporterOptions {
  writer: EvidenceWriter;
  /** Where the writer's media store is. */
  dataDir: string;
  keepFreeBytes: number;
  /** age recipients, the writer's own. */
  recipients: readonly string[];
  random: Random;
  clock: Clock;
  log: Pick<Logger, "error">;
  threads?: number;
  /** Plain content of one chunk; 8 MiB but in tests. */
  chunkBytes?: number;
  /** Files that are read at once. */
  openFiles?: number;
}

export interface ImporterStatus {
  /** Files that take turns now. */
  active: number;
  /** Files that wait to be opened. */
  waiting: number;
  /** Files that were interrupted and go on when their recorder is back. */
  kept: number;
}

interface Asked {
  signal?: AbortSignal;
  onProgress?: (progress: ImportProgress) => void;
}

const DEFAULT_THREADS = 2;
const CHUNK_BYTES = 8 * 2 ** 20;
const OPEN_FILES = 32;
/** Interrupted files that are remembered; the one that has waited longest is closed for one more. */
const MAX_KEPT = 64;

/**
 * Imports files of docked recorders: in threads, each byte read once, many files in turns. What a recorder
 * that was pulled out had begun goes on at the very byte, in whatever bay it comes back.
 */
export class Importer {
  readonly #options: ImporterOptions;
  readonly #chunkBytes: number;
  readonly #threads: ImportThreads;
  readonly #preferences = new Preferences();
  readonly #schedule: Schedule;
  readonly #admission: Admission;
  /** By claim, those that somebody waits for. */
  readonly #active = new Map<string, ImportJob | null>();
  /** By claim, the longest interrupted first. */
  readonly #kept = new Map<string, ImportJob>();
  #nextId = 1;
  #isClosed = false;

  private constructor(options: ImporterOptions) {
    this.#options = options;
    this.#chunkBytes = options.chunkBytes ?? CHUNK_BYTES;
    const { dataDir, keepFreeBytes, recipients, threads = DEFAULT_THREADS } = options;
    const threadOptions = { dataDir, keepFreeBytes, recipients, chunkBytes: this.#chunkBytes };
    this.#threads = new ImportThreads(threads, threadOptions, options.clock);
    this.#schedule = new Schedule(threads, this.#preferences);
    this.#admission = new Admission(options.openFiles ?? OPEN_FILES, this.#preferences);
  }

  static open(options: ImporterOptions): Importer {
    return new Importer(options);
  }

  status(): ImporterStatus {
    const { waiting } = this.#admission;
    return { active: this.#active.size - waiting, waiting, kept: this.#kept.size };
  }

  /**
   * Imports one file, or goes on with it. Resolves when its recording has its stop: `reason` tells whether the
   * file is here whole. Rejects when it has none: nothing was begun (`file-gone`, `import-running`,
   * `import-queue-full`, `import-closed`), or what was read is kept and the same claim goes on there
   * (`recorder-gone`, `recorder-silent`, `recorder-answer`, `disk-full`, `media-write-failed`, the signal's
   * reason).
   */
  async importFile(order: ImportOrder, { signal, onProgress }: Asked = {}): Promise<ImportedFile> {
    const key = claimKey(order.claim);
    if (this.#isClosed) throw new AgentError("import-closed", order.claim.path);
    if (this.#active.has(key)) throw new AgentError("import-running", order.claim.path);
    this.#active.set(key, null);
    try {
      return await this.#inPlace(order.claim, signal, (given) =>
        this.#import(key, order, given, onProgress ?? (() => {})),
      );
    } finally {
      this.#active.delete(key);
    }
  }

  /** Hex SHA-256 of the file as it lies there now. Rejects with `file-gone` unless it has exactly `bytes`. */
  async digestOf(source: ByteSource, bytes: number, signal?: AbortSignal): Promise<string> {
    if (this.#isClosed) throw new AgentError("import-closed", "digest");
    const id = this.#nextId++;
    return await this.#inPlace({ serial: `digest ${id}` }, signal, async (given) => {
      const held = this.#threads.idlest();
      return await this.#threads.occupied(held, async () => {
        await held.thread.call("openDigest", [id, bytes, source]);
        const job = new DigestJob(id, held);
        return await this.#inTurns(job, job.run(given));
      });
    });
  }

  /** Moves a file, or all files of a recorder, to the front, now and when they come. */
  prefer(which: Preferred): void {
    this.#preferences.prefer(which);
    this.#admission.letIn();
    this.#schedule.pump();
  }

  /** Takes that back. */
  unprefer(which: Preferred): void {
    this.#preferences.forget(which);
  }

  /**
   * Closes whatever a recorder has begun: what was read stays, and each stop says `reason`. Whoever waits for
   * one of these files is answered so.
   */
  async abandon(serial: string, reason: string): Promise<void> {
    this.#preferences.forget({ serial });
    this.#admission.refuse(new AgentError("import-closed", `${serial}: ${reason}`), serial);
    await this.#closeJobs(reason, (job) => job.serial === serial);
  }

  /** Closes every file that was begun, and ends the threads. The writer must still take entries. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#admission.refuse(new AgentError("import-closed", "shutdown"));
    await this.#closeJobs("shutdown", () => true);
    await this.#threads.terminate();
  }

  async #import(
    key: string,
    order: ImportOrder,
    signal: AbortSignal,
    onProgress: (progress: ImportProgress) => void,
  ): Promise<ImportedFile> {
    const kept = this.#kept.get(key);
    const job = kept ?? this.#newJob(order);
    this.#active.set(key, job);
    this.#kept.delete(key);
    try {
      return await this.#threads.occupied(job.held, async () => {
        await (kept === undefined ? job.begin(order) : job.resume(order));
        return await this.#inTurns(job, job.run(signal, onProgress));
      });
    } catch (error) {
      return await this.#afterFailure(key, job, error);
    }
  }

  /** Keeps what can go on, closes what cannot. */
  async #afterFailure(key: string, job: ImportJob, error: unknown): Promise<ImportedFile> {
    // a file that was begun and is another one now
    const isOver = job.isResumable && errorCode(error) === "file-gone";
    if (isFinal(error) || isOver) {
      this.#options.log.error({ rec: job.rec, code: errorCode(error) }, "import cannot go on");
      const file = await job.close(errorCode(error));
      if (file !== null) return file;
    } else if (job.isResumable) {
      this.#keep(key, job);
    } else {
      job.drop();
    }
    throw error;
  }

  #keep(key: string, job: ImportJob): void {
    this.#kept.set(key, job);
    if (this.#kept.size <= MAX_KEPT) return;
    const [oldestKey, oldest] = this.#kept.entries().next().value as [string, ImportJob];
    this.#kept.delete(oldestKey);
    oldest.close("recorder-gone").catch((error: unknown) => this.#tellUnclosed(oldest, error));
  }

  async #closeJobs(reason: string, isMeant: (job: ImportJob) => boolean): Promise<void> {
    const jobs = [...this.#active.values(), ...this.#kept.values()].filter(
      (job): job is ImportJob => job !== null && isMeant(job),
    );
    const closing = jobs.map(async (job) => {
      await job.close(reason);
      this.#kept.delete(claimKey(job.claim));
    });
    const outcomes = await Promise.allSettled(closing);
    for (const [i, outcome] of outcomes.entries()) {
      if (outcome.status === "rejected") this.#tellUnclosed(jobs[i] as ImportJob, outcome.reason);
    }
  }

  /** The next start of the ledger closes it. */
  #tellUnclosed(job: ImportJob, error: unknown): void {
    this.#options.log.error({ rec: job.rec, code: errorCode(error) }, "import left open");
  }

  #newJob({ claim }: ImportOrder): ImportJob {
    const { random, writer } = this.#options;
    const identity = { id: this.#nextId++, rec: uuid(random), claim, chunkBytes: this.#chunkBytes };
    return new ImportJob(identity, this.#threads.idlest(), { writer, onReady: () => this.#schedule.pump() });
  }

  /** Runs `work` while it has one of the places for open files. */
  async #inPlace<T>(
    who: Preferred,
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    // one of its own: a signal that many files share would get a listener from each
    const given = signal === undefined ? new AbortController().signal : AbortSignal.any([signal]);
    await this.#admission.enter(who, given);
    try {
      return await work(given);
    } finally {
      this.#admission.leave(who);
    }
  }

  async #inTurns<T>(turn: Turn, done: Promise<T>): Promise<T> {
    this.#schedule.add(turn);
    try {
      return await done;
    } finally {
      this.#schedule.remove(turn);
    }
  }
}

function claimKey({ serial, path, bytes, modified_ms }: ImportSource): string {
  return JSON.stringify([serial, path, bytes, modified_ms ?? null]);
}
