import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { words } from "../../../text/words.ts";
import { ask, given, type LiveOptions } from "../../live/ask.ts";
import { idOf, linkedBeginning, linkedOf } from "./ids.ts";

export interface OpenOptions extends LiveOptions {
  kind: string;
  title: string;
  place?: string;
  officer: string[];
  caseNo?: string;
  template?: string;
}

type ByOptions = LiveOptions & { by?: string };
export type NoteOptions = ByOptions & { stage?: string; corrects?: number };
export type LinkOptions = ByOptions & { stage?: string; overlap?: boolean; dev?: string; also?: string };

export async function open(face: Face, options: OpenOptions): Promise<ExitCode> {
  const { kind, title, place, officer, caseNo, template } = options;
  const params = given({ kind, title, place, officers: officer, case_no: caseNo, template });
  await ask(face, options, "activity.open", params, ({ activity }) => activity);
  return 0;
}

export async function note(face: Face, id: string, text: string, options: NoteOptions): Promise<ExitCode> {
  const activity = await idOf(face, options, id);
  const { stage, corrects, by } = options;
  await ask(face, options, "activity.note", given({ activity, text, stage, corrects, by }), noted(face));
  return 0;
}

export async function link(face: Face, id: string, start: string, options: LinkOptions): Promise<ExitCode> {
  const activity = await idOf(face, options, id);
  const { rec, ledger } = await linkedOf(face, options, start);
  const basis: "overlap" | "stated" = options.overlap === true ? "overlap" : "stated";
  const { stage, by } = options;
  await ask(face, options, "activity.link", given({ activity, rec, stage, basis, ledger, by }), noted(face));
  return 0;
}

export async function unlink(
  face: Face,
  id: string,
  start: string,
  reason: string,
  options: ByOptions,
): Promise<ExitCode> {
  const activity = await idOf(face, options, id);
  const rec = await linkedBeginning(face, options, activity, start);
  const { by } = options;
  await ask(face, options, "activity.unlink", given({ activity, rec, reason, by }), noted(face));
  return 0;
}

export async function dispute(face: Face, id: string, text: string, options: ByOptions): Promise<ExitCode> {
  const activity = await idOf(face, options, id);
  await ask(face, options, "activity.dispute", given({ activity, text, by: options.by }), noted(face));
  return 0;
}

export async function close(
  face: Face,
  id: string,
  outcome: string,
  options: LiveOptions & { reason?: string },
): Promise<ExitCode> {
  const activity = await idOf(face, options, id);
  const { reason } = options;
  await ask(face, options, "activity.close", given({ activity, outcome, reason }), noted(face));
  return 0;
}

function noted(face: Face): (result: { seq: number }) => string {
  return ({ seq }) => face.say(words.noted, { seq });
}
