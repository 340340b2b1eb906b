import * as v from "valibot";
import { choice, pathFrom, table, trueOrFalse, wholeNumber } from "../fields.ts";

/** What hangs on a recorder's serial lines: `[board]`, `[gnss]`. */

const BAUDS = [4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 921_600] as const;

export function board(baseDir: string) {
  return table({
    device: pathFrom(baseDir),
    baud: v.optional(choice(BAUDS), 115_200),
    watchdog_s: v.optional(
      v.pipe(
        wholeNumber(0, 600),
        v.check((seconds) => seconds === 0 || seconds >= 5, "0, or a whole number from 5 to 600"),
      ),
      60,
    ),
  });
}

export function gnss(baseDir: string) {
  return table({
    device: pathFrom(baseDir),
    baud: v.optional(choice(BAUDS), 9600),
    set_clock: v.optional(trueOrFalse(), false),
  });
}
