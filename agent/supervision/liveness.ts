import type { Clock } from "../../config/base/clock.ts";
import { aborted } from "../../config/base/deadline.ts";

export interface Liveness {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Resolves when what does the work answers; rejects when it never will again. */
  readonly answers: () => Promise<void>;
  /** Tells a watchdog. A failure to do so is the watchdog's to notice. */
  readonly tell: () => Promise<void>;
}

/**
 * Tells a watchdog every `everyMs` until the signal aborts, from the main loop, and only after `answers`: it
 * waits as long as that takes, and if it is too long, the watchdog does what it is there for.
 */
export async function tellWhileAlive({ clock, everyMs, answers, tell }: Liveness, signal: AbortSignal) {
  const over = aborted(signal);
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    await Promise.race([answers().catch(() => over), over]);
    if (signal.aborted) return;
    await tell().catch(() => undefined);
  }
}
