import type { Clock } from "../../config/base/clock.ts";
import { errorCode } from "../../config/base/errors.ts";

/** A full disk is asked for room this often. */
export const ROOM_MS = 10_000;
/** What passes when there is room again. */
export const WANTS_ROOM = new Set(["disk-full", "media-write-failed"]);

/** Tries again until there is room for what must be signed; the signal ends the wait with what was missing. */
export async function whenThereIsRoom<T>(
  sign: () => Promise<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    try {
      return await sign();
    } catch (error) {
      if (!WANTS_ROOM.has(errorCode(error))) throw error;
      await clock.sleep(ROOM_MS, signal).catch(() => undefined);
      if (signal.aborted) throw error;
    }
  }
}

/** The evidence writer's end, after which nothing more can be signed. */
const WRITER_ENDS = new Set(["thread-died", "thread-ended", "ledger-closed"]);

export function isEndOfWriter(error: unknown): boolean {
  return WRITER_ENDS.has(errorCode(error));
}
