import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { Clock } from "../../config/base/clock.ts";
import type { Random } from "../../config/base/random.ts";

/** A clock that only moves when told to. */
export class ManualClock implements Clock {
  #monoUs: number;
  #utcMs: number;
  readonly #sleepers: { atUs: number; wake: () => void }[] = [];

  constructor(utcMs = Date.UTC(2026, 10, 23, 8), monoUs = 5_000_000) {
    this.#utcMs = utcMs;
    this.#monoUs = monoUs;
  }

  utcMs(): number {
    return Math.floor(this.#utcMs);
  }

  monoUs(): number {
    return Math.floor(this.#monoUs);
  }

  /** Lets time pass on both clocks and wakes who slept long enough. */
  advance(ms: number): void {
    this.#monoUs += ms * 1000;
    this.#utcMs += ms;
    for (const sleeper of this.#sleepers.splice(0)) {
      if (sleeper.atUs <= this.#monoUs) sleeper.wake();
      else this.#sleepers.push(sleeper);
    }
  }

  /** Sets the wall clock, as NTP or a person would. */
  stepWall(ms: number): void {
    this.#utcMs += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const abort = () => reject(signal?.reason);
      signal?.addEventListener("abort", abort, { once: true });
      const wake = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      this.#sleepers.push({ atUs: this.#monoUs + ms * 1000, wake });
    });
  }
}

/** The same bytes in every run, different for every seed: SHA-256 in counter mode. */
export function seededRandom(seed: string): Random {
  let counter = 0;
  return {
    bytes: (count) => {
      const blocks: Buffer[] = [];
      for (let have = 0; have < count; have += 32) {
        blocks.push(createHash("sha256").update(`${seed}/${counter++}`).digest());
      }
      return Buffer.concat(blocks).subarray(0, count);
    },
  };
}

/** A folder of the test's own, gone when whatever the test stops after it has stopped. */
export function temporaryDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "fulltrace-test-"));
  // hooks run in the order of their registration: this one is registered by the first of them
  t.after(() => t.after(() => rmSync(path, { recursive: true, force: true })));
  return path;
}
