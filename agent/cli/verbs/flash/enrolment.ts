import { readNamedFile } from "../../../../config/base/named-file.ts";
import { readEnrolment } from "../../../flash/personal/enrolment.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { pairs } from "../../face/table.ts";
import { flashWords } from "../../text/flash/words.ts";
import { words } from "../../text/words.ts";

/** Checks what a unit asks with; the office then decides. */
export async function enrolment(
  face: Face,
  file: string,
  { code, json }: { code?: string; json?: boolean },
): Promise<ExitCode> {
  const { vkey, model, serial } = readEnrolment(readNamedFile(file).toString(), file, code ?? null);
  if (json === true) {
    face.printJson({ vkey, model, serial, code_checked: code !== undefined });
    return 0;
  }
  const told = face.say(code === undefined ? flashWords.codeUnasked : flashWords.codeRight);
  face.print(
    ...pairs([
      [face.say(flashWords.model), model],
      [face.say(flashWords.serial), serial],
      [face.say(flashWords.code), told],
    ]),
    "",
    face.say(words.forReceiver),
    "  [receiver]",
    `  devices = [${JSON.stringify(vkey)}]`,
  );
  return 0;
}
