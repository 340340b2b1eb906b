import type { BayStatus } from "../../../../control/methods/dock-methods.ts";
import type { AgentStatus } from "../../../../control/protocol.ts";
import type { Face } from "../../../face/face.ts";
import { bytesText, durationText, momentText } from "../../../face/units.ts";
import { clip } from "../../../face/width.ts";
import { words } from "../../../text/words.ts";
import { bayLines } from "../../dock/bays.ts";
import { alarmLines, statusLines } from "../status-lines.ts";
import type { BacklogRate } from "./backlog-rate.ts";

export interface Seen {
  /** Null: it has not answered yet. */
  live: AgentStatus | null;
  /** When that was. */
  seenMs: number;
  /** Of a dock; a code where they cannot be told. */
  bays: readonly BayStatus[] | string;
  rate: BacklogRate | null;
  /** Code of what keeps it from answering now; null: it answers. */
  lost: string | null;
  nowMs: number;
}

/** The lines of the view, none wider than `width` columns, at most `height` of them; the last says how to leave. */
export function view(face: Face, seen: Seen, width: number, height: number): string[] {
  const { live, rate, lost, nowMs } = seen;
  const alarms = live === null ? [] : alarmLines(face, live);
  const rows =
    live === null ? [] : statusLines(face, live, rateRows(face, live, lost === null ? rate : null));
  // what is coloured is cut before: its end ends the colour
  const cut = (lines: readonly string[]) => lines.map((line) => clip(line, width));
  const body = [
    ...cut([momentText(nowMs), ...lostLines(face, seen)]),
    ...cut(alarms).map((line) => face.paint("red", line)),
    ...cut([...rows, ...bayPart(face, seen.bays)]),
  ];
  const room = height - 1;
  const hint = face.say(words.watchHint);
  if (body.length <= room || room < 2) return [...body.slice(0, Math.max(0, room)), ...cut([hint])];
  const more = face.say(words.moreLines, { count: body.length - room + 1 });
  return [...body.slice(0, room - 1), ...cut([more, hint])];
}

/** An agent that does not answer, and how old everything below is. */
function lostLines(face: Face, { live, lost, nowMs, seenMs }: Seen): string[] {
  if (lost === null) return [];
  const age = durationText(Math.max(0, nowMs - seenMs));
  return [
    face.say(words.agentLost, { code: lost }),
    ...(live === null ? [] : [face.say(words.seenAgo, { age })]),
  ];
}

/** Those with a fault come first: a low terminal has not room for all. */
function bayPart(face: Face, bays: Seen["bays"]): string[] {
  if (typeof bays === "string") return ["", face.say(words.bayUnknown, { code: bays })];
  if (bays.length === 0) return [];
  const faultsFirst = bays.toSorted((a, b) => Number(isFaulty(b)) - Number(isFaulty(a)));
  return ["", ...bayLines(face, faultsFirst)];
}

function isFaulty({ state, code }: BayStatus): boolean {
  return state === "fault" || code !== undefined;
}

function rateRows(
  face: Face,
  { sync, recording, gnss }: AgentStatus,
  rate: BacklogRate | null,
): [string, string][] {
  const rows: [string, string][] = [];
  if (recording?.media_ms !== undefined)
    rows.push([face.say(words.recorded), durationText(recording.media_ms)]);
  if (sync !== undefined && rate !== null) {
    const speed = `${bytesText(Math.round(rate.bytesPerS))}/s`;
    const left =
      rate.leftMs === null ? "" : `, ${face.say(words.timeLeft, { time: durationText(rate.leftMs) })}`;
    rows.push([face.say(words.upload), speed + left]);
  }
  if (gnss !== undefined) rows.push([face.say(words.gnssTime), face.say(gnss.time ? words.yes : words.no)]);
  return rows;
}
