import { InvalidArgumentError } from "commander";

/** A day, or a moment to the minute or finer, with or without a zone. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)?$/;
const EXAMPLE = "2026-01-02, 2026-01-02T03:04:05+08:00";

/** Reads an option that is a moment: ms since 1970, UTC where no zone is given. */
export function moment(text: string): number {
  const match = MOMENT.exec(text);
  const zoned = match !== null && text.length > 10 && match[1] === undefined ? `${text}Z` : text;
  const ms = match === null ? Number.NaN : Date.parse(zoned);
  if (Number.isNaN(ms)) throw new InvalidArgumentError(EXAMPLE);
  return ms;
}

/** Reads an option that is `FROM..TO`. */
export function period(text: string): { fromMs: number; toMs: number } {
  const [from, to, ...more] = text.split("..");
  if (from === undefined || to === undefined || more.length > 0) throw new InvalidArgumentError("FROM..TO");
  const span = { fromMs: moment(from), toMs: moment(to) };
  if (span.fromMs >= span.toMs) throw new InvalidArgumentError("FROM < TO");
  return span;
}
