import * as v from "valibot";
import { listOf, pathFrom, pattern, table, wholeNumber } from "../fields.ts";

/** How evidence is kept: `[ledger]`, `[seal]`, `[disk]`, `[records]`. */

const GiB = 2 ** 30;
const MiB = 2 ** 20;
const MAX_BYTES = 2 ** 50;
const DAY_MS = 86_400_000;

export function ledger() {
  return table({
    heartbeat_ms: v.optional(wholeNumber(1000, DAY_MS), 60_000),
    checkpoint_ms: v.optional(wholeNumber(100, 10_000), 10_000),
  });
}

export function seal() {
  const recipient = pattern(/^age1[02-9ac-hj-np-z]{58}$/, "an age recipient, age1 and 58 more letters");
  return table({ recipients: v.optional(listOf(recipient, 16), []) });
}

export function disk() {
  return v.pipe(
    table({
      keep_days: v.optional(wholeNumber(0, 36_500), 30),
      reserve_bytes: v.optional(wholeNumber(0, MAX_BYTES), 2 * GiB),
      stop_bytes: v.optional(wholeNumber(0, MAX_BYTES), 256 * MiB),
    }),
    v.forward(
      v.check(
        (own) => own.stop_bytes <= own.reserve_bytes,
        "at most reserve_bytes: purging comes before stopping",
      ),
      ["stop_bytes"],
    ),
  );
}

/** The text half of the record: `[records]`. */
export function records(baseDir: string) {
  const id = pattern(/^[a-z][a-z0-9-]{0,63}$/, "the id of a shipped template");
  return table({
    templates: v.exactOptional(pathFrom(baseDir)),
    replaces: v.optional(listOf(id, 64), []),
  });
}
