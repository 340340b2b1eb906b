import type { AgentStatus, HeardDevice } from "../../../control/protocol.ts";
import type { Face } from "../../face/face.ts";
import { type Column, left, pairs, right, table } from "../../face/table.ts";
import { momentText } from "../../face/units.ts";
import { harmless } from "../../face/width.ts";
import { words } from "../../text/words.ts";
import { type Row, statusRows } from "./status-rows.ts";

/** What a running agent says of itself, for people; `more` names further rows. */
export function statusLines(face: Face, live: AgentStatus, more: readonly Row[] = []): string[] {
  return [...pairs([...statusRows(face, live), ...more]), ...heardLines(face, live.receiver?.heard ?? [])];
}

/** What calls for help, one a line; it stands before everything else, in red. */
export function alarmLines(face: Face, { alarms }: AgentStatus): string[] {
  return alarms.map(({ code, detail }) =>
    harmless(face.say(words.alarm, { code, detail: detail === "" ? "" : ` (${detail})` })),
  );
}

/** A receiver's devices, the latest heard first. */
function heardLines(face: Face, heard: readonly HeardDevice[]): string[] {
  if (heard.length === 0) return [];
  const columns: Column[] = [
    left(face.say(words.device)),
    left(face.say(words.presence)),
    left(face.say(words.lastSeen)),
    right(face.say(words.entries)),
    right(face.say(words.lacking)),
    right(face.say(words.refusals)),
    right(face.say(words.breaches)),
    right(face.say(words.forks)),
  ];
  const lines = heard.map(
    ({ dev, presence, last_seen_ms, size, media_missing, refusals, problems, forks }) => [
      shortId(dev),
      presence ?? "",
      momentText(last_seen_ms).slice(5, 16),
      String(size ?? ""),
      String(media_missing ?? ""),
      String(Object.values(refusals).reduce((sum, count) => sum + count, 0)),
      String(problems.length),
      String(forks ?? 0),
    ],
  );
  return ["", ...table(columns, lines)];
}

/** Its beginning and its end: 80 columns have no room for more. */
function shortId(dev: string): string {
  return dev.length <= 11 ? dev : `${dev.slice(0, 6)}…${dev.slice(-4)}`;
}
