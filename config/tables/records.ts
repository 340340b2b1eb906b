import * as v from "valibot";
import { listOf, pathFrom, pattern, table } from "../fields.ts";

/** The text half of the record: `[records]`. */
export function records(baseDir: string) {
  const id = pattern(/^[a-z][a-z0-9-]{0,63}$/, "the id of a shipped template");
  return table({
    templates: v.exactOptional(pathFrom(baseDir)),
    replaces: v.optional(listOf(id, 64), []),
  });
}
