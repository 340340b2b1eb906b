import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { words } from "../../text/words.ts";
import { ask, given, type LiveOptions } from "./ask.ts";

export interface OpenOptions extends LiveOptions {
  kind: string;
  title: string;
  place?: string;
  officer: string[];
  caseNo?: string;
}

export async function open(face: Face, options: OpenOptions): Promise<ExitCode> {
  const { kind, title, place, officer, caseNo } = options;
  const params = given({ kind, title, place, officers: officer, case_no: caseNo });
  await ask(face, options, "activity.open", params, ({ activity }) =>
    face.say(words.activityOpened, { activity }),
  );
  return 0;
}

export async function note(
  face: Face,
  activity: string,
  text: string,
  options: LiveOptions,
): Promise<ExitCode> {
  await ask(face, options, "activity.note", { activity, text }, ({ seq }) => face.say(words.noted, { seq }));
  return 0;
}

export async function close(
  face: Face,
  activity: string,
  outcome: string,
  options: LiveOptions,
): Promise<ExitCode> {
  await ask(face, options, "activity.close", { activity, outcome }, ({ seq }) =>
    face.say(words.noted, { seq }),
  );
  return 0;
}
