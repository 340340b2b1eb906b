import { callAgent } from "../../../control/client.ts";
import type { BayStatus } from "../../../control/dock-methods.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { type Column, table } from "../../face/table.ts";
import { bytesText, durationText } from "../../face/units.ts";
import { bayReasons, bayStates, dockWords } from "../../text/dock.ts";
import { ANSWER_MS, type LiveOptions } from "../live/ask.ts";
import { dataDirOf } from "../target.ts";

/** One line for each bay: what an attendant looks at. */
export async function bays(face: Face, options: LiveOptions): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, options);
  const answer = await callAgent(dataDir, "dock.bays", {}, { timeoutMs: ANSWER_MS });
  if (options.json === true) face.printJson(answer);
  else if (answer.bays.length === 0) face.print(face.say(dockWords.noBays));
  else
    face.print(
      ...table(
        columns(face),
        answer.bays.map((bay) => row(face, bay)),
      ),
    );
  return 0;
}

function columns(face: Face): Column[] {
  const left = (title: string): Column => ({ title, side: "left" });
  const right = (title: string): Column => ({ title, side: "right" });
  return [
    left(face.say(dockWords.bay)),
    left(face.say(dockWords.state)),
    left(face.say(dockWords.recorder)),
    left(face.say(dockWords.wearer)),
    right(face.say(dockWords.battery)),
    right(face.say(dockWords.imported)),
    right(face.say(dockWords.data)),
    left(face.say(dockWords.note)),
  ];
}

function row(face: Face, bay: BayStatus): string[] {
  const { recorder, card } = bay;
  return [
    bay.bay,
    face.say(bayStates[bay.state]),
    recorder === undefined ? "" : `${recorder.model} ${recorder.serial}`,
    recorder?.wearer ?? "",
    recorder?.battery_pct === undefined ? "" : `${recorder.battery_pct} %`,
    card === undefined ? "" : `${card.imported}/${card.files}`,
    card === undefined ? "" : dataText(card),
    noteOf(face, bay),
  ];
}

function dataText({ bytes, done_bytes: done }: { bytes: number; done_bytes: number }): string {
  return done === bytes ? bytesText(bytes) : `${bytesText(done)}/${bytesText(bytes)}`;
}

/** Why it stands where it stands. */
export function noteOf(face: Face, { code, detail, reasons, recorder, standing }: BayStatus): string {
  const notes = (reasons ?? []).map((reason) => face.say(bayReasons[reason]));
  if (standing !== undefined && standing.backlog_entries > 0) {
    const { backlog_entries: entries, backlog_bytes: bytes } = standing;
    notes.push(face.say(dockWords.backlog, { entries, bytes: bytesText(bytes) }));
  }
  if (standing !== undefined && standing.alarms.length > 0)
    notes.push(face.say(dockWords.itsAlarms, { alarms: standing.alarms.join(", ") }));
  if (code !== undefined) notes.push(`${code}${detail === undefined ? "" : ` (${detail})`}`);
  const offsetMs = recorder?.clock_offset_ms;
  if (offsetMs !== undefined && Math.abs(offsetMs) >= NOTABLE_OFFSET_MS) {
    notes.push(`${face.say(dockWords.clockOffset)} ${offsetText(offsetMs)}`);
  }
  return notes.join("; ");
}

const NOTABLE_OFFSET_MS = 3_000;

function offsetText(ms: number): string {
  return `${ms < 0 ? "-" : "+"}${durationText(Math.abs(ms))}`;
}
