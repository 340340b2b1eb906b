import type { Clock } from "../../../config/base/clock.ts";
import type { UpdateStep } from "../../../crypto/entry/ledger-types.ts";
import type { Installed } from "../service/updating-client.ts";
import { failing, type UnitHealth } from "./health.ts";
import type { TrialBook } from "./trial-book.ts";

export interface TrialParts {
  book: TrialBook;
  health: UnitHealth;
  /** The slot that runs is well. */
  good(): Promise<void>;
  restart(): Promise<void>;
  isRecording(): boolean;
  /** Signed before anything follows from it. */
  write(step: UpdateStep): Promise<void>;
  clock: Clock;
  /** How long a new version has to show that it runs. */
  trialMs: number;
}

/** How a start went on, as far as updates are concerned. */
export type TrialEnd = "no-trial" | "good" | "fell-back" | "cut-off" | "failed";

const BETWEEN_MS = 2_000;

/**
 * Settles, once at each start, what an update before it has come to. A version that was well before is well at
 * once: what is wrong now is no reason to go back. One on trial that is not well in time starts the unit anew
 * until its tries are spent, and the boot loader goes back by itself; not in the middle of a recording.
 */
export async function settleTrial(
  { slots, version }: Pick<Installed, "slots" | "version">,
  parts: TrialParts,
  signal: AbortSignal,
): Promise<TrialEnd> {
  const { book, clock } = parts;
  const trial = book.read();
  if (trial === null) {
    await parts.good();
    return "no-trial";
  }
  if (trial.from !== null && slots.find(({ booted }) => booted)?.name === trial.from) {
    // a slot of which only a part was written is never started
    const isWritten = slots.some(({ booted, holds }) => !booted && holds?.version === trial.version);
    await parts.write(
      isWritten
        ? { type: "device.update", state: "fell-back", version: trial.version, from: version }
        : { type: "device.update", state: "refused", version: trial.version, reason: "cut-off" },
    );
    await parts.good();
    book.end();
    return isWritten ? "fell-back" : "cut-off";
  }
  const deadlineUs = clock.monoUs() + parts.trialMs * 1000;
  for (;;) {
    const wrong = await failing(parts.health);
    if (wrong.length === 0) {
      await parts.write({ type: "device.update", state: "good", version });
      await parts.good();
      book.end();
      return "good";
    }
    // of a lost record nobody knows whether this version was well before: it is not sent away
    if (trial.from !== null && clock.monoUs() >= deadlineUs && !parts.isRecording()) {
      await parts.write({ type: "device.update", state: "failed", version, failing: wrong });
      await parts.restart();
      return "failed";
    }
    await clock.sleep(BETWEEN_MS, signal);
  }
}
