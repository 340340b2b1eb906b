import { AgentError, errorCode } from "../../../config/base/errors.ts";
import { errorText } from "../text/errors.ts";
import { words } from "../text/words.ts";
import type { Face } from "./face.ts";
import { harmless } from "./width.ts";

/** What a process answers: done, the answer is no, misuse. */
export type ExitCode = 0 | 1 | 2;

export interface FailureOptions {
  /** One JSON object on stderr instead of lines. */
  asJson: boolean;
  /** Shows where in the program an unexpected failure arose. */
  withStack: boolean;
}

/** Tells a failure, with what it means and what to do next, and answers the exit code. */
export function tellFailure(face: Face, error: unknown, { asJson, withStack }: FailureOptions): ExitCode {
  const { code, place } = identify(error);
  const text = errorText(code);
  const own = error instanceof AgentError ? error.next : undefined;
  // a step that names the very command or file is better than the catalogue's
  const next = text === null || code === "misuse" ? own : face.say(text.next);
  if (asJson) {
    face.tell(JSON.stringify({ error: { code, place, ...(next === undefined ? {} : { next }) } }));
  } else {
    const [first = "", ...more] = place.split("\n").map(harmless);
    face.tell(
      `${face.paint("red", `fulltrace: ${code}:`, "stderr")} ${first}`,
      ...more.map((line) => `  ${line}`),
    );
    if (text !== null) face.tell(`  ${face.say(text.meaning)}`);
    if (next !== undefined) face.tell(`  ${face.say(words.next, { step: next })}`);
  }
  if (code === "unexpected" && error instanceof Error && withStack) face.tell(error.stack ?? error.message);
  return text?.exit ?? 1;
}

/** Code and place of any thrown value; a person's mistake never shows a stack. */
function identify(error: unknown): { code: string; place: string } {
  if (error instanceof AgentError) return { code: error.code, place: error.place };
  const code = errorCode(error);
  const message = error instanceof Error ? error.message : String(error);
  if (code.startsWith("SQLITE_")) return { code: "database-damaged", place: `${code}: ${message}` };
  // system calls name their error ENOENT, EACCES …: the message tells the call and the path
  return { code: /^E[A-Z0-9]+$/.test(code) ? "system" : "unexpected", place: message };
}
