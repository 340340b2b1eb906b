import { callAgent } from "../../../control/client.ts";
import type { BayStatus } from "../../../control/methods/dock-methods.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { type Column, table } from "../../face/table.ts";
import { bytesText } from "../../face/units.ts";
import { harmless } from "../../face/width.ts";
import { bayCodes, bayReasons, bayStates, dockWords } from "../../text/dock/words.ts";
import { ANSWER_MS, type LiveOptions } from "../live/ask.ts";
import { dataDirOf } from "../target.ts";

const NOTE_INDENT = "     ";

/** Each bay of the dock: what an attendant looks at. */
export async function bays(face: Face, options: LiveOptions): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, options);
  const answer = await callAgent(dataDir, "dock.bays", {}, { timeoutMs: ANSWER_MS });
  if (options.json === true) face.printJson(answer);
  else if (answer.bays.length === 0) face.print(face.say(dockWords.noBays));
  else face.print(...bayLines(face, answer.bays));
  return 0;
}

/** A line for each bay, and one below it where there is something to say: 80 columns hold no more. */
export function bayLines(face: Face, bays: readonly BayStatus[]): string[] {
  const [head = "", ...rows] = table(
    columns(face),
    bays.map((bay) => row(face, bay)),
  );
  const told = rows.flatMap((line, index) => {
    const note = noteOf(face, bays[index] as BayStatus);
    return note === "" ? [line] : [line, `${NOTE_INDENT}${harmless(note)}`];
  });
  return [head, ...told];
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
  ];
}

function row(face: Face, bay: BayStatus): string[] {
  const { recorder, card } = bay;
  return [
    bay.bay,
    face.say(bayStates[bay.state]),
    recorder?.serial ?? "",
    recorder?.wearer ?? "",
    recorder?.battery_pct === undefined ? "" : `${recorder.battery_pct} %`,
    card === undefined ? "" : `${card.imported}/${card.files}`,
    card === undefined ? "" : dataText(card),
  ];
}

/** The size, or how much of it is read. */
function dataText({ bytes, done_bytes: done }: { bytes: number; done_bytes: number }): string {
  return done === bytes ? bytesText(bytes) : `${Math.floor((done / bytes) * 100)} %`;
}

/** Why it stands where it stands. */
export function noteOf(face: Face, { code, detail, reasons, standing }: BayStatus): string {
  const notes = (reasons ?? []).map((reason) => face.say(bayReasons[reason]));
  if (standing !== undefined && standing.backlog_entries > 0) {
    const { backlog_entries: entries, backlog_bytes: bytes } = standing;
    notes.push(face.say(dockWords.backlog, { entries, bytes: bytesText(bytes) }));
  }
  if (standing !== undefined && standing.alarms.length > 0)
    notes.push(face.say(dockWords.itsAlarms, { alarms: standing.alarms.join(", ") }));
  if (code !== undefined) {
    const meaning = bayCodes[code];
    if (meaning !== undefined) notes.push(face.say(meaning));
    notes.push(`${code}${detail === undefined ? "" : ` (${detail})`}`);
  }
  return notes.join(face.say(dockWords.and));
}
