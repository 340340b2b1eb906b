/** Times as MTP writes them: `YYYYMMDDThhmmss[.s][Z|±hhmm]`, MTP 1.1 §3.2.5. */
const SHAPE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(?:\.(\d)\d*)?(?:(Z)|([+-])(\d\d)(\d\d))?$/;
const MINUTE_MS = 60_000;

/** UTC in ms; a time without a zone is read as one of `utcOffsetMin`. Null: no time. */
export function parseTimestamp(text: string, utcOffsetMin: number): number | null {
  const fields = SHAPE.exec(text);
  if (fields === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, tenth = 0] = fields
    .slice(1, 8)
    .map((digits) => Number(digits ?? 0));
  const [utc, sign, hours, minutes] = fields.slice(8);
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second, tenth * 100);
  // 30 February becomes 2 March: not the time that was written
  const shown = new Date(localMs);
  if (year < 1970 || shown.getUTCMonth() !== month - 1 || shown.getUTCDate() !== day) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  if (utc !== undefined) return localMs;
  if (sign === undefined) return localMs - utcOffsetMin * MINUTE_MS;
  const offsetMin = Number(hours) * 60 + Number(minutes);
  if (offsetMin > 14 * 60) return null;
  return localMs - (sign === "-" ? -offsetMin : offsetMin) * MINUTE_MS;
}

/** The local time at `utcOffsetMin`, without a zone: what recorders without a notion of zones take. */
export function formatTimestamp(utcMs: number, utcOffsetMin: number): string {
  const local = new Date(utcMs + utcOffsetMin * MINUTE_MS).toISOString();
  return `${local.slice(0, 4)}${local.slice(5, 7)}${local.slice(8, 13)}${local.slice(14, 16)}${local.slice(17, 19)}`;
}
