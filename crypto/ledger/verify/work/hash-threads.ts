import { Worker } from "node:worker_threads";
import { AgentError } from "../../../../config/base/errors.ts";
import { type HashAnswer, type HashJob, hashFiles } from "./hash-files.ts";

/** What the threads read lies in one buffer: their heaps can be small. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };
/** Jobs given to a thread in advance, so that none waits for this thread's attention. */
const JOBS_AHEAD = 2;

interface Thread {
  worker: Worker;
  /** In the order in which the thread answers. */
  waiting: { resolve: (answer: HashAnswer) => void; reject: (error: unknown) => void }[];
}

/** Hashes files on other threads, or on this one when there is only one to run on. */
export class HashThreads {
  readonly #count: number;
  /** Started with the first job: a ledger without media needs none. */
  readonly #threads: Thread[] = [];
  readonly #onRoom = new Set<() => void>();
  #failure: Error | null = null;

  constructor(count: number) {
    this.#count = count;
  }

  /** Rejects with `hash-thread-failed` when a thread broke down. */
  async run(job: HashJob): Promise<HashAnswer> {
    if (this.#count < 2) return hashFiles(job);
    while (this.#threads.length < this.#count) this.#threads.push(this.#start());
    if (this.#failure !== null) throw this.#failure;
    const { worker, waiting } = this.#idlest();
    return await new Promise<HashAnswer>((resolve, reject) => {
      waiting.push({ resolve, reject });
      worker.postMessage(job);
    });
  }

  /** Resolves once a thread can take another job without hoarding. */
  async room(): Promise<void> {
    while (
      this.#failure === null &&
      this.#threads.length > 0 &&
      this.#idlest().waiting.length >= JOBS_AHEAD
    ) {
      await new Promise<void>((resolve) => this.#onRoom.add(resolve));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #idlest(): Thread {
    return this.#threads.reduce((best, thread) =>
      thread.waiting.length < best.waiting.length ? thread : best,
    );
  }

  #start(): Thread {
    const worker = new Worker(new URL("./hash-thread.js", import.meta.url), { resourceLimits: LIMITS });
    const thread: Thread = { worker, waiting: [] };
    worker.on("message", (answer: HashAnswer) => {
      thread.waiting.shift()?.resolve(answer);
      this.#announceRoom();
    });
    worker.on("error", (cause) => this.#fail(thread, cause));
    worker.on("exit", (code) => this.#fail(thread, new Error(`exit ${code}`)));
    return thread;
  }

  #announceRoom(): void {
    for (const resolve of this.#onRoom) resolve();
    this.#onRoom.clear();
  }

  #fail(thread: Thread, cause: unknown): void {
    this.#failure ??= new AgentError("hash-thread-failed", "verifier", { cause });
    for (const { reject } of thread.waiting.splice(0)) reject(this.#failure);
    this.#announceRoom();
  }
}
