import type { HeldThread, ImportThread } from "./import-threads.ts";
import type { Turn } from "./turns/schedule.ts";

/** The digest of one file as it lies on the card: turns like those of an import, without entries. */
export class DigestJob implements Turn {
  readonly serial: string;
  readonly thread: number;
  readonly #id: number;
  readonly #held: ImportThread;
  #settle: { resolve: (digest: string) => void; reject: (error: unknown) => void } | null = null;
  #isStepping = false;

  constructor(id: number, held: HeldThread) {
    this.#id = id;
    // a recorder of its own for whoever gives out turns
    this.serial = `digest ${id}`;
    this.#held = held.thread;
    this.thread = held.number;
  }

  run(signal: AbortSignal): Promise<string> {
    const abort = () => this.#settle?.reject(signal.reason);
    return new Promise<string>((resolve, reject) => {
      this.#settle = { resolve, reject };
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort, { once: true });
    }).finally(() => {
      signal.removeEventListener("abort", abort);
      this.#settle = null;
      if (!this.#held.isLost) this.#held.call("dropDigest", [this.#id]).catch(() => {});
    });
  }

  canStep(): boolean {
    return this.#settle !== null && !this.#isStepping;
  }

  async step(): Promise<void> {
    this.#isStepping = true;
    try {
      const digest = await this.#held.call("digestStep", [this.#id]);
      if (digest !== null) this.#settle?.resolve(digest);
    } catch (error) {
      this.#settle?.reject(error);
    }
    this.#isStepping = false;
  }
}
