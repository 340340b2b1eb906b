import type { Clock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { UpdateStep } from "../../crypto/entry/ledger-types.ts";
import type { Installed, UpdatingClient } from "./service/updating-client.ts";
import type { TrialBook } from "./trial/trial-book.ts";

export interface InstallingParts {
  client: UpdatingClient;
  book: TrialBook;
  write(step: UpdateStep): Promise<void>;
  /** Nothing is in the way of a restart. */
  mayRestart(signal: AbortSignal): Promise<boolean>;
  clock: Clock;
  log: Logger;
}

/** Between two looks at whether the unit may restart; whoever ordered it hears that it will. */
const GATE_MS = 5_000;
const AGAIN_MS = 10_000;

/**
 * Writes the staged bundle into the slot that does not run. Resolves once it is there, and on trial. Throws what kept
 * it from that: then nothing is on trial, unless `signal` ended the waiting and nobody knows.
 */
export async function writeSlot(
  { version, order }: { version: string; order?: string },
  { slots, version: from }: Installed,
  { client, book, write, clock, log }: InstallingParts,
  signal: AbortSignal,
): Promise<void> {
  const running = slots.find(({ booted }) => booted);
  if (running === undefined) throw new AgentError("update-failed", "no slot is the one that runs");
  const by = order === undefined ? {} : { order };
  await write({ type: "device.update", state: "begun", version, from, ...by });
  // first: whatever cuts this off, a start of the new version is a trial
  book.begin({ version, from: running.name });
  try {
    await client.install(signal);
  } catch (error) {
    const after = await slotsKnown({ client, clock, log }, signal);
    if (!holds(after, version)) {
      book.end();
      throw error;
    }
  }
  // a ledger that takes no more is what the trial is for
  await write({ type: "device.update", state: "installed", version }).catch((error: unknown) =>
    log.error({ err: error }, "installed, and not written so"),
  );
}

/** Whatever was heard of it: one that an earlier update left there has no tries left. */
function holds({ slots }: Installed, version: string): boolean {
  return slots.some((slot) => !slot.booted && slot.good && slot.holds?.version === version);
}

/** RAUC tells nothing while it writes, as for another order that an agent before this one gave. */
export async function slotsKnown(
  { client, clock, log }: Pick<InstallingParts, "client" | "clock" | "log">,
  signal: AbortSignal,
): Promise<Installed> {
  for (;;) {
    try {
      return await client.status(signal);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error }, "slots not known");
      await clock.sleep(AGAIN_MS, signal);
    }
  }
}

/** Somebody may have taken the unit out of its dock meanwhile: work goes first. */
export async function restartWhenFree(
  { client, mayRestart, clock, log }: InstallingParts,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(GATE_MS, signal);
    try {
      if (await mayRestart(signal)) return await client.restart(signal);
    } catch (error) {
      signal.throwIfAborted();
      // it starts into the new version sooner or later, and by then on trial
      log.warn({ err: error }, "unit not restarted");
    }
  }
}
