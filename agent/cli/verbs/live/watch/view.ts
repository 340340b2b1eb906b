import type { BayStatus } from "../../../../control/methods/dock-methods.ts";
import type { AgentStatus } from "../../../../control/protocol.ts";
import type { Face } from "../../../face/face.ts";
import { bytesText, durationText, momentText } from "../../../face/units.ts";
import { clip } from "../../../face/width.ts";
import { words } from "../../../text/words.ts";
import { bayLines } from "../../dock/bays.ts";
import { statusLines } from "../status-lines.ts";
import type { BacklogRate } from "./backlog-rate.ts";

export interface Seen {
  /** Null: it has not answered yet. */
  live: AgentStatus | null;
  /** Of a dock. */
  bays: readonly BayStatus[];
  rate: BacklogRate | null;
  /** Code of what keeps it from answering now; null: it answers. */
  lost: string | null;
  nowMs: number;
}

/** The lines of the view, none wider than `width` columns, at most `height` of them; the last says how to leave. */
export function view(
  face: Face,
  { live, bays, rate, lost, nowMs }: Seen,
  width: number,
  height: number,
): string[] {
  const body = [
    momentText(nowMs) + (lost === null ? "" : `  ${face.say(words.agentLost, { code: lost })}`),
    ...(live === null ? [] : statusLines(face, live, rateRows(face, live, rate))),
    ...(bays.length === 0 ? [] : ["", ...bayLines(face, bays)]),
  ];
  const hint = face.say(words.watchHint);
  return [...body.slice(0, Math.max(0, height - 1)), hint].map((line) => clip(line, width));
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
