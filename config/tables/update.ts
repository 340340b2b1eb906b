import * as v from "valibot";
import { pathFrom, table, wholeNumber } from "../fields.ts";

/** How a recorder with two slots is updated: `[update]`. */
export function update(baseDir: string) {
  return table({
    socket: v.optional(pathFrom(baseDir), "/run/fulltrace-updater.sock"),
    min_battery_pct: v.optional(wholeNumber(0, 100), 50),
    trial_s: v.optional(wholeNumber(30, 86_400), 900),
  });
}
