import * as v from "valibot";
import { listOf, pathFrom, pattern, table, vkey, wholeNumber } from "../fields.ts";

const GiB = 2 ** 30;
const MiB = 2 ** 20;
const MAX_BYTES = 2 ** 50;

export function receiver(baseDir: string) {
  return table({
    name: pattern(/^[A-Za-z0-9.-]{1,128}$/, 'a name such as "district.example"'),
    devices: v.optional(listOf(vkey(), 100_000), []),
    orders: v.exactOptional(pathFrom(baseDir)),
    other_witnesses: v.optional(listOf(vkey(), 16), []),
    max_open_databases: v.optional(wholeNumber(1, 1024), 64),
    credit_bytes: v.optional(wholeNumber(64 * 1024, 64 * MiB), 8 * MiB),
    queued_bytes: v.optional(wholeNumber(MiB, 4 * GiB), 64 * MiB),
    reserve_bytes: v.optional(wholeNumber(0, MAX_BYTES), 2 * GiB),
  });
}
