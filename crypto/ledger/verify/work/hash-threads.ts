import { ThreadClient } from "../../../../config/threads/thread-rpc.ts";
import { type HashAnswer, type HashJob, hashFiles } from "./hash-files.ts";
import type { HashOperations } from "./hash-thread.ts";

const HASHING = new URL("./hash-thread.js", import.meta.url);
/** Jobs given to a thread in advance, so that none waits for this thread's attention. */
const JOBS_AHEAD = 2;

interface HashThread {
  client: ThreadClient<HashOperations>;
  running: Set<Promise<HashAnswer>>;
}

/** Hashes files on other threads, or on this one when there is only one to run on. */
export class HashThreads {
  readonly #count: number;
  /** Started with the first job: a ledger without media needs none. */
  readonly #threads: HashThread[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /** Rejects with `thread-died` when a thread broke down. */
  async run(job: HashJob): Promise<HashAnswer> {
    if (this.#count < 2) return hashFiles(job);
    while (this.#threads.length < this.#count) {
      this.#threads.push({ client: new ThreadClient<HashOperations>(HASHING, null), running: new Set() });
    }
    const { client, running } = this.#idlest();
    const answer = client.call("hashFiles", [job]);
    running.add(answer);
    try {
      return await answer;
    } finally {
      running.delete(answer);
    }
  }

  /** Resolves once a thread can take another job without hoarding. */
  async room(): Promise<void> {
    while (this.#threads.length > 0 && this.#idlest().running.size >= JOBS_AHEAD) {
      await Promise.race(this.#idlest().running);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ client }) => client.terminate()));
  }

  #idlest(): HashThread {
    return this.#threads.reduce((best, thread) => (thread.running.size < best.running.size ? thread : best));
  }
}
