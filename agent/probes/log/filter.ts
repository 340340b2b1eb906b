import { AgentError } from "../../../config/base/errors.ts";
import { LEVELS, type Level, type LogLine } from "./entry.ts";

export interface LogWishes {
  level?: Level;
  /** Part of the event, or of a code that it tells. */
  event?: string;
  /** `name=value`. */
  field?: string;
  /** A moment, or how long ago: `90s`, `10m`, `2h`, `1d`. */
  since?: string;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Which lines are wanted; without wishes all. Throws `misuse` for a moment or a field that cannot be read. */
export function logFilter(wishes: LogWishes, nowMs: number): (line: LogLine) => boolean {
  const { level, event } = wishes;
  const sinceMs = wishes.since === undefined ? null : momentOf(wishes.since, nowMs);
  const field = wishes.field === undefined ? null : fieldOf(wishes.field);
  const wantsAll = level === undefined && event === undefined && field === null && sinceMs === null;
  return (line) => {
    // a line without a level or a time fits no wish, and is only shown where there is none
    if (line.kind === "other") return wantsAll;
    if (level !== undefined && LEVELS[line.level] < LEVELS[level]) return false;
    if (sinceMs !== null && (line.time_ms === null || line.time_ms < sinceMs)) return false;
    if (field !== null && textOf(ownField(line.fields, field.name)) !== field.value) return false;
    return (
      event === undefined ||
      line.event.includes(event) ||
      codesOf(line.fields).some((code) => code.includes(event))
    );
  };
}

function momentOf(text: string, nowMs: number): number {
  const [, count, unit] = /^([0-9]{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) return nowMs - Number(count) * (UNIT_MS[unit] as number);
  const moment = /^[0-9]{4}-/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment)) {
    throw new AgentError("misuse", `--since ${text}`, {
      next: "--since 2h, or --since 2026-01-02T03:04:05Z",
    });
  }
  return moment;
}

function fieldOf(text: string): { name: string; value: string } {
  const at = text.indexOf("=");
  if (at < 1) throw new AgentError("misuse", `--field ${text}`, { next: "--field bay=3" });
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** `code` of the line itself and of the error that it tells. */
function codesOf(fields: Record<string, unknown>): string[] {
  const { code } = fields;
  const errorsCode = (fields["err"] as { code?: unknown } | null | undefined)?.code;
  return [code, errorsCode].filter((one) => typeof one === "string");
}

function ownField(fields: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);
}
