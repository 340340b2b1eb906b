import * as v from "valibot";
import { listOf, pathFrom, table, vkey, wholeNumber } from "../fields.ts";

/** How a recorder with two slots is updated: `[update]`. */
export function update(baseDir: string) {
  return table({
    socket: v.optional(pathFrom(baseDir), "/run/fulltrace-updater.sock"),
    min_battery_pct: v.optional(wholeNumber(0, 100), 50),
    orders: v.optional(listOf(vkey(), 16), []),
    trial_s: v.optional(wholeNumber(30, 86_400), 900),
  });
}
