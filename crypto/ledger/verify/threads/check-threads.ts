import { Worker } from "node:worker_threads";
import { AgentError } from "../../../../config/base/errors.ts";
import { type Answer, type Job, runJob } from "./jobs.ts";

/** Small heaps: what the threads read and check lies in buffers. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 };
/** Jobs given to a thread in advance, so that none waits for this thread's attention. */
const JOBS_AHEAD = 3;

interface Thread {
  worker: Worker;
  /** In the order in which the thread answers. */
  waiting: { resolve: (answer: Answer) => void; reject: (error: unknown) => void }[];
}

/** Runs jobs on other threads, or on this one when there is only one to run on. */
export class CheckThreads {
  readonly #threads: Thread[];
  readonly #onRoom = new Set<() => void>();
  #failure: Error | null = null;

  constructor(count: number) {
    this.#threads = count < 2 ? [] : Array.from({ length: count }, () => this.#start());
  }

  /** Rejects when the thread broke down. */
  async run(job: Job): Promise<Answer> {
    if (this.#failure !== null) throw this.#failure;
    const thread = this.#idlest();
    if (thread === null) return runJob(job);
    return await new Promise<Answer>((resolve, reject) => {
      thread.waiting.push({ resolve, reject });
      thread.worker.postMessage(job, job.kind === "signatures" ? [job.buffer] : []);
    });
  }

  /** Resolves once a thread can take another job without hoarding: what bounds the memory of jobs. */
  async room(): Promise<void> {
    for (;;) {
      const idlest = this.#idlest();
      if (this.#failure !== null || idlest === null || idlest.waiting.length < JOBS_AHEAD) return;
      await new Promise<void>((resolve) => this.#onRoom.add(resolve));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ worker }) => worker.terminate()));
  }

  #idlest(): Thread | null {
    return this.#threads.reduce<Thread | null>(
      (best, thread) => (best === null || thread.waiting.length < best.waiting.length ? thread : best),
      null,
    );
  }

  #start(): Thread {
    const worker = new Worker(new URL("./check-thread.js", import.meta.url), { resourceLimits: LIMITS });
    const thread: Thread = { worker, waiting: [] };
    worker.on("message", (answer: Answer) => {
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
    this.#failure ??= new AgentError("check-thread-failed", "verifier", { cause });
    for (const { reject } of thread.waiting.splice(0)) reject(this.#failure);
    this.#announceRoom();
  }
}
