import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { ImportSource, Marker, RecordingStart } from "../../crypto/entry/recording-types.ts";
import type { AppendableBody } from "../../crypto/entry/types.ts";
import type { EvidenceWriter } from "../../crypto/entry/writer.ts";
import type { ByteSource } from "../../drivers/recorders/recorder-driver.ts";
import type { HeldThread, ImportThread } from "./import-threads.ts";
import type { Step } from "./steps.ts";
import type { Turn } from "./turns/schedule.ts";

/** One file to import. */
export interface ImportOrder {
  /** What the recorder claims of it: becomes `source` of `recording.start`. */
  claim: ImportSource;
  source: ByteSource;
  /** Who wore the recorder. */
  wearer?: string;
  /** The wearer marked it: it gets a `recording.marker`. */
  important?: boolean;
  /** The recording of an earlier import of the same file that was not finished. */
  continues?: string;
}

/** A file whose recording has its stop. */
export interface ImportedFile {
  rec: string;
  /** `imported`; otherwise why the file is not here whole. */
  reason: string;
  /** Hex SHA-256 of the file; null unless it is here whole, exactly as long as claimed. */
  fileDigest: string | null;
  chunks: number;
  /** Stored bytes of its chunks. */
  bytes: number;
  startSeq: number;
  stopSeq: number;
}

/** Bytes of the file whose entries are durable, of those claimed. */
export interface ImportProgress {
  doneBytes: number;
  bytes: number;
}

interface Run {
  resolve: (file: ImportedFile) => void;
  reject: (error: unknown) => void;
  onProgress: (progress: ImportProgress) => void;
}

/** Chunks of one file that are read and have no entry yet. */
const MAX_UNENTERED = 2;
/** After these its thread knows nothing of the file any more, or the store lacks what it had: it cannot go on. */
const FINAL = new Set(["thread-died", "thread-ended", "import-stalled", "import-unknown", "media-missing"]);

/** One file from its start to its stop, as entries (ledger-format §5, imports); its bytes are a thread's work. */
export class ImportJob implements Turn {
  readonly id: number;
  readonly rec: string;
  readonly claim: ImportSource;
  readonly serial: string;
  readonly path: string;
  /** Number of its thread. */
  readonly thread: number;
  readonly held: HeldThread;
  readonly #thread: ImportThread;
  readonly #writer: EvidenceWriter;
  readonly #steps: number;
  /** May go on: to be told to the schedule. */
  readonly #onReady: () => void;
  #run: Run | null = null;
  #isMarked = false;
  /** Entries that come before the first chunk's and are not written yet. */
  #prologue: AppendableBody[] = [];
  #startSeq: number | null = null;
  #issued = 0;
  /** Stored, and without an entry yet. */
  #stored: Step[] = [];
  #sums = { chunks: 0, bytes: 0, content: 0 };
  #ended: ImportedFile | null = null;
  #failure: { error: unknown } | null = null;
  #isClosing = false;
  /** Steps that are not settled. */
  #outstanding = 0;
  #entering: Promise<void> = Promise.resolve();

  constructor(
    identity: { id: number; rec: string; claim: ImportSource; chunkBytes: number },
    held: HeldThread,
    parts: { writer: EvidenceWriter; onReady: () => void },
  ) {
    this.id = identity.id;
    this.rec = identity.rec;
    this.claim = identity.claim;
    this.serial = identity.claim.serial;
    this.path = identity.claim.path;
    this.#steps = Math.max(1, Math.ceil(identity.claim.bytes / identity.chunkBytes));
    this.held = held;
    this.#thread = held.thread;
    this.thread = held.number;
    this.#writer = parts.writer;
    this.#onReady = parts.onReady;
  }

  /** Whether it could go on: its recording is open and its thread has what was read. */
  get isResumable(): boolean {
    return this.#startSeq !== null && this.#ended === null && !this.#thread.isLost;
  }

  /** Opens the file and begins the recording. Rejects with what opening it met; then nothing is written. */
  begin(order: ImportOrder): Promise<void> {
    return this.#inOrder(async () => {
      const what = { rec: this.rec, bytes: this.claim.bytes };
      await this.#thread.call("open", [this.id, what, order.source]);
      if (this.#failure !== null) throw this.#failure.error;
      this.#prologue = [startOf(this.rec, order)];
      this.#mark(order);
      // an empty file has no chunk whose note could bring back its stop: all its entries are one commit
      if (this.claim.bytes > 0) await this.#enter();
    });
  }

  /** Goes on with another source of the same file. */
  resume(order: ImportOrder): Promise<void> {
    return this.#inOrder(async () => {
      this.#failure = null;
      await this.#thread.call("attach", [this.id, order.source]);
      this.#mark(order);
      await this.#enter();
    });
  }

  /**
   * Takes turns until the recording has its stop, which is the answer; rejects, once everything that was begun
   * is settled, with what keeps it from going on.
   */
  run(signal: AbortSignal, onProgress: (progress: ImportProgress) => void): Promise<ImportedFile> {
    const abort = () => this.#fail(signal.reason);
    return new Promise<ImportedFile>((resolve, reject) => {
      this.#run = { resolve, reject, onProgress };
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort, { once: true });
      this.#settle();
    }).finally(() => {
      signal.removeEventListener("abort", abort);
      this.#run = null;
    });
  }

  canStep(): boolean {
    const isRunning = this.#run !== null && this.#failure === null && this.#ended === null;
    return isRunning && this.#issued < this.#steps && this.#issued - this.#sums.chunks < MAX_UNENTERED;
  }

  async step(): Promise<void> {
    this.#issued++;
    const answer = this.#thread.call("step", [this.id]);
    this.#outstanding++;
    void this.#inOrder(async () => {
      await this.#take(answer);
      this.#outstanding--;
      this.#settle();
    });
    await answer.catch(() => undefined);
  }

  /**
   * Ends the recording where it is: what was read is stored, and the stop says why. Rejects when the stop
   * cannot be written; then it may be tried again.
   */
  async close(reason: string): Promise<ImportedFile | null> {
    this.#isClosing = true;
    this.#fail(new AgentError("import-closed", `${this.path}: ${reason}`));
    await this.#entering;
    if (this.#ended === null && this.#startSeq !== null) {
      const rest = this.#thread.isLost ? null : await this.#thread.call("seal", [this.id]).catch(() => null);
      if (rest?.chunk) this.#stored.push({ chunk: rest.chunk, end: null });
      await this.#enter(reason).catch((error: unknown) => {
        if (errorCode(error) !== "media-missing") throw error;
        // what was purged before it was entered is not claimed
        this.#stored = [];
        return this.#enter(reason);
      });
    }
    this.drop();
    this.#isClosing = false;
    this.#settle();
    return this.#ended;
  }

  /** Frees what its thread holds. */
  drop(): void {
    if (!this.#thread.isLost) this.#thread.call("drop", [this.id]).catch(() => {});
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const done = this.#entering.then(work);
    this.#entering = done.catch(() => undefined);
    return done;
  }

  #mark({ important = false }: ImportOrder): void {
    if (!important || this.#isMarked) return;
    this.#isMarked = true;
    const marker: Marker = { type: "recording.marker", rec: this.rec, at_us: 0, label: "important" };
    this.#prologue.push(marker);
  }

  /** The entries of a step that has come. */
  async #take(answer: Promise<Step>): Promise<void> {
    try {
      const step = await answer;
      // issued before the end was known
      const isBehindEnd = this.#ended !== null || (this.#stored.at(-1)?.end ?? null) !== null;
      if (isBehindEnd || (step.chunk === null && step.end === null)) return;
      this.#stored.push(step);
      if (this.#failure === null) await this.#enter();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Writes every entry that is due, in one commit; with `reason`, the stop too. */
  async #enter(reason: string | null = null): Promise<void> {
    const steps = [...this.#stored];
    const bodies = [...this.#prologue];
    const sums = { ...this.#sums };
    for (const { chunk } of steps) {
      if (chunk === null) continue;
      bodies.push(chunk);
      sums.chunks++;
      sums.bytes += chunk.bytes;
      sums.content += chunk.plain_bytes ?? chunk.bytes;
    }
    const end = steps.at(-1)?.end ?? (reason === null ? null : { reason, fileDigest: null });
    if (end !== null) {
      const whole = end.fileDigest === null ? {} : { file_digest: end.fileDigest };
      const { chunks, bytes } = sums;
      bodies.push({ type: "recording.stop", rec: this.rec, chunks, bytes, reason: end.reason, ...whole });
    }
    if (bodies.length === 0) return;
    const seqs = await this.#writer.appendStored(bodies);
    this.#prologue = [];
    this.#stored = [];
    this.#sums = sums;
    this.#startSeq ??= seqs[0]?.seq ?? null;
    if (end !== null) {
      this.#ended = {
        rec: this.rec,
        ...end,
        chunks: sums.chunks,
        bytes: sums.bytes,
        startSeq: this.#startSeq as number,
        stopSeq: seqs.at(-1)?.seq as number,
      };
    }
    this.#run?.onProgress({ doneBytes: sums.content, bytes: this.claim.bytes });
    this.#onReady();
  }

  #fail(error: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = { error };
    if (!this.#thread.isLost) this.#thread.call("interrupt", [this.id]).catch(() => {});
    this.#settle();
  }

  #settle(): void {
    if (this.#run === null || this.#isClosing) return;
    if (this.#ended !== null) this.#run.resolve(this.#ended);
    else if (this.#failure !== null && this.#outstanding === 0) {
      // what was issued and not stored is read again
      this.#issued = this.#sums.chunks + this.#stored.length;
      this.#run.reject(this.#failure.error);
    }
  }
}

/** True for an error that a file cannot go on after. */
export function isFinal(error: unknown): boolean {
  return FINAL.has(errorCode(error));
}

function startOf(rec: string, { claim, wearer, continues }: ImportOrder): RecordingStart {
  return {
    type: "recording.start",
    rec,
    origin: "import",
    trigger: "import",
    ...(wearer === undefined ? {} : { wearer }),
    pre_event_ms: 0,
    ...(continues === undefined ? {} : { continues }),
    tracks: [],
    source: claim,
  };
}
