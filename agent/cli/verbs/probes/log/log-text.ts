import type { Level, LogLine } from "../../../../probes/log/entry.ts";
import type { Colour, Face } from "../../../face/face.ts";
import { harmless } from "../../../face/width.ts";

const COLOURS: Readonly<Record<Level, Colour | null>> = {
  trace: "dim",
  debug: "dim",
  info: null,
  warn: "yellow",
  error: "red",
  fatal: "red",
};
const LEVEL_LETTERS = 5;

/** `2026-01-02 03:04:05.678Z WARN  message refused  dev=… code=bad-entry`; nothing of it reaches a terminal raw. */
export function logText(face: Face, line: LogLine): string {
  if (line.kind === "other") return face.paint("dim", harmless(line.text));
  const { time_ms: timeMs, level, event, fields } = line;
  const colour = COLOURS[level];
  const word = level.toUpperCase().padEnd(LEVEL_LETTERS);
  const told = Object.entries(fields).map(([name, value]) =>
    harmless(`${name}=${name === "err" ? errorText(value) : valueText(value)}`),
  );
  return [
    face.paint("dim", timeMs === null ? "-" : momentMs(timeMs)),
    colour === null ? word : face.paint(colour, word),
    ...[harmless(event), ...told].filter((part) => part !== ""),
  ].join(" ");
}

/** An error as its code and place, with what caused it; its stack is for `--json`. */
function errorText(value: unknown): string {
  const { message, code, cause } = (value ?? {}) as { message?: unknown; code?: unknown; cause?: unknown };
  if (typeof message !== "string") return valueText(value);
  // an AgentError's message begins with its code
  const told = typeof code !== "string" || message.startsWith(code) ? message : `${code}: ${message}`;
  const because = typeof cause === "object" && cause !== null ? errorText(cause) : "";
  return because === "" ? JSON.stringify(told) : `${JSON.stringify(told)} < ${because}`;
}

/** A word as it is; whatever has blanks or quotes in it as JSON. */
function valueText(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=]+$/.test(value)) return value;
  return JSON.stringify(value) ?? "";
}

function momentMs(utcMs: number): string {
  const date = new Date(utcMs);
  return Number.isNaN(date.getTime()) ? String(utcMs) : date.toISOString().replace("T", " ");
}
