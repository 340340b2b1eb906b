import * as v from "valibot";
import { choice, groupNameOrNumber, pathFrom, table, text } from "../fields.ts";

/** What every role has. */
export function common(baseDir: string) {
  return {
    data_dir: pathFrom(baseDir),
    lang: v.exactOptional(choice(["zh", "en"])),
    log_level: v.optional(choice(["trace", "debug", "info", "warn", "error", "fatal"]), "info"),
    control: v.optional(table({ group: v.exactOptional(groupNameOrNumber()) }), {}),
  };
}

export function device() {
  return table({ model: text(64), serial: text(64) });
}
