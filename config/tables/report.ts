import * as v from "valibot";
import { listOf, table, text } from "../fields.ts";

const MAX_UNITS = 1_000;
const MAX_OFFICERS = 100_000;

/** Who belongs where, for reports: `[report]`, `[[report.unit]]`, `[[report.officer]]`. */
export function report() {
  return table({
    time_zone: v.exactOptional(timeZone()),
    unit: v.optional(units(), []),
    officer: v.optional(officers(), []),
  });
}

function timeZone() {
  const allowed = 'a time zone such as "Asia/Shanghai"';
  return v.pipe(
    v.string(allowed),
    v.check((zone) => {
      try {
        new Intl.DateTimeFormat("en", { timeZone: zone });
        return true;
      } catch {
        return false;
      }
    }, allowed),
  );
}

function units() {
  const allowed = "a list of units, each name, device and officer in one of them only";
  const unit = table({
    name: text(64),
    devices: v.optional(listOf(text(64), 10_000), []),
    officers: v.optional(listOf(text(64), 10_000), []),
  });
  const once = (values: string[]) => new Set(values).size === values.length;
  return v.pipe(
    v.array(unit, allowed),
    v.maxLength(MAX_UNITS, allowed),
    v.check(
      (list) =>
        once(list.map(({ name }) => name)) &&
        once(list.flatMap(({ devices }) => devices)) &&
        once(list.flatMap(({ officers }) => officers)),
      allowed,
    ),
  );
}

/** Names stand in reports only where they are written here. */
function officers() {
  const allowed = 'a list of { id = "110042", name = "…" }, each id once';
  return v.pipe(
    v.array(table({ id: text(64), name: text(64) }), allowed),
    v.maxLength(MAX_OFFICERS, allowed),
    v.check((list) => new Set(list.map(({ id }) => id)).size === list.length, allowed),
  );
}
