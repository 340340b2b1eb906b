import type { Clock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";
import { ThreadClient } from "../../config/threads/thread-rpc.ts";
import type { ImportThreadOptions } from "./steps.ts";
import type { ImportOperations } from "./thread/import-thread.ts";

const THREAD = new URL("./thread/import-thread.js", import.meta.url);

/**
 * The kernel gives a device that does not answer 30 s, several times over; whoever takes longer has a thread
 * that will not come back.
 */
const CALL_TIMEOUT_MS = 300_000;
/** A thread holds a few hashes and one buffer: a small heap is collected in small steps. */
const HEAP = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 1 };

/** A thread and its number, by which turns are given. */
export interface HeldThread {
  thread: ImportThread;
  number: number;
}

/** One import thread: a call that is not answered in time gives it up. */
export class ImportThread {
  readonly #client: ThreadClient<ImportOperations>;
  readonly #clock: Clock;
  #isLost = false;

  constructor(options: ImportThreadOptions, clock: Clock) {
    this.#client = new ThreadClient<ImportOperations>(THREAD, options, undefined, HEAP);
    this.#clock = clock;
    void this.#client.ended.then(() => {
      this.#isLost = true;
    });
  }

  /** True when nothing can be asked of it any more: what it held in memory is lost. */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Rejects with the thread's error, `thread-died` or `thread-ended`; with `import-stalled` when it took too long. */
  async call<K extends keyof ImportOperations & string>(
    operation: K,
    args: Parameters<ImportOperations[K]>,
  ): Promise<Awaited<ReturnType<ImportOperations[K]>>> {
    const answered = new AbortController();
    const tooLate = this.#clock.sleep(CALL_TIMEOUT_MS, answered.signal).then(() => {
      this.#isLost = true;
      // not waited for: a thread that hangs in the kernel ends when the kernel lets it
      void this.#client.terminate();
      throw new AgentError("import-stalled", `${operation}: no answer in ${CALL_TIMEOUT_MS} ms`);
    });
    try {
      return await Promise.race([this.#client.call(operation, args), tooLate]);
    } finally {
      tooLate.catch(() => {});
      answered.abort();
    }
  }

  async terminate(): Promise<void> {
    await this.#client.terminate();
  }
}

/** A fixed number of threads; one that is lost is replaced when it is next wanted. */
export class ImportThreads {
  readonly #options: ImportThreadOptions;
  readonly #clock: Clock;
  readonly #threads: ImportThread[];
  /** Files that are being read, by number of the thread. */
  readonly #files: number[];

  constructor(count: number, options: ImportThreadOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#threads = Array.from({ length: count }, () => new ImportThread(options, clock));
    this.#files = new Array<number>(count).fill(0);
  }

  /** The thread with fewest files. */
  idlest(): HeldThread {
    const number = this.#files.indexOf(Math.min(...this.#files));
    const known = this.#threads[number] as ImportThread;
    if (!known.isLost) return { thread: known, number };
    const thread = new ImportThread(this.#options, this.#clock);
    this.#threads[number] = thread;
    return { thread, number };
  }

  /** Counts one file of a thread while `work` goes on. */
  async occupied<T>({ number }: HeldThread, work: () => Promise<T>): Promise<T> {
    this.#count(number, 1);
    try {
      return await work();
    } finally {
      this.#count(number, -1);
    }
  }

  #count(number: number, by: number): void {
    this.#files[number] = (this.#files[number] as number) + by;
  }

  async terminate(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}
