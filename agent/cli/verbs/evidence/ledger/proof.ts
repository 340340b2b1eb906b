import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { writeDurably } from "../../../../../config/base/durable.ts";
import { AgentError } from "../../../../../config/base/errors.ts";
import { proveEntry } from "../../../../../crypto/ledger/query/prove-entry.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { pairs } from "../../../face/table.ts";
import { ledgerWords as say } from "../../../text/evidence/ledger/words.ts";
import { dataDirOf, type Target } from "../../target.ts";

export interface ProofOptions extends Target {
  json?: boolean;
  force?: boolean;
}

/** Writes the proof of one entry. Throws `file-exists`, `entry-missing` or `not-proven-yet`. */
export async function proof(
  face: Face,
  seq: number,
  file: string,
  { json, force, ...target }: ProofOptions,
): Promise<ExitCode> {
  const path = resolve(file);
  if (force !== true && existsSync(path)) throw new AgentError("file-exists", path);
  const found = await visitLedger(await dataDirOf(face, target), (reader) => proveEntry(reader, seq));
  writeDurably(path, found.text);
  const { size, witnesses, receiver } = found;
  if (json === true) {
    face.printJson({ file: path, seq, size, witnesses, receiver });
    return 0;
  }
  face.print(
    face.say(say.proven, { file: path, seq, size }),
    ...pairs([
      [face.say(say.witnesses), witnesses.length === 0 ? face.say(say.nobody) : witnesses.join(", ")],
      [face.say(say.receipt), receiver ?? face.say(say.noneYet)],
    ]),
  );
  return 0;
}
