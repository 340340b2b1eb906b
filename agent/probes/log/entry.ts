/** The agent's levels, least first; pino's numbers. */
export const LEVELS = { trace: 10, debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const;
export type Level = keyof typeof LEVELS;

/** One line of a log. */
export type LogLine =
  | {
      kind: "entry";
      /** null: it tells no time that can be read. */
      time_ms: number | null;
      level: Level;
      event: string;
      /** Everything else that it tells, as it stands there. */
      fields: Record<string, unknown>;
    }
  /** Not of the agent's form: what a library or the system wrote. */
  | { kind: "other"; text: string };

/** What every line has, and nobody looks for. */
const DROPPED: ReadonlySet<string> = new Set(["level", "time", "msg", "pid", "hostname", "name"]);

/** Reads one line as pino writes it. Never throws. */
export function readLogLine(text: string): LogLine {
  const parsed = parseObject(text);
  if (parsed === null) return { kind: "other", text };
  const { level, time, msg } = parsed;
  const name = (Object.keys(LEVELS) as Level[]).findLast((one) => Number(level) >= LEVELS[one]);
  if (typeof level !== "number" || name === undefined) return { kind: "other", text };
  const timeMs = typeof time === "number" ? time : Date.parse(String(time));
  return {
    kind: "entry",
    time_ms: Number.isFinite(timeMs) ? timeMs : null,
    level: name,
    event: typeof msg === "string" ? msg : "",
    fields: Object.fromEntries(Object.entries(parsed).filter(([key]) => !DROPPED.has(key))),
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
