import type { Clock } from "../../config/base/clock.ts";
import type { Counters } from "../../config/base/counters.ts";
import type { Random } from "../../config/base/random.ts";
import { keepOpen } from "../../drivers/serial/line/keep-open.ts";
import { systemPort } from "../../drivers/serial/line/system-port.ts";
import { TextLines } from "../../drivers/serial/line/text-lines.ts";
import type { Alarms } from "../alarms.ts";

export interface BadgeReaderParts {
  readonly device: string;
  readonly baud: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  readonly alarms: Alarms;
}

/** No badge says more. */
const MAX_BADGE_BYTES = 64;

/** Tells each badge that a reader on a serial line sends, one a line, until the signal aborts. */
export async function readBadges(
  { device, baud, clock, random, counters, alarms }: BadgeReaderParts,
  onBadge: (wearer: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await keepOpen(
    {
      open: systemPort({ path: device, baud, clock }),
      clock,
      random,
      counters,
      onTrouble: ({ code }) => alarms.raise("badge-reader", code),
    },
    (port) => {
      alarms.clear("badge-reader");
      const lines = new TextLines(MAX_BADGE_BYTES, {
        onLine: (line) => onBadge(line.trim()),
        onDiscarded: (bytes) => counters.add("badge-bytes-discarded", bytes),
      });
      port.deliverTo((bytes) => lines.push(bytes));
    },
    signal,
  );
}
