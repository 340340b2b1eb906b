import { AgentError } from "../../../../../config/base/errors.ts";
import { parseBody } from "../../../../../crypto/bytes/canonical.ts";
import type { LedgerReader } from "../../../../../crypto/ledger/db/reader.ts";
import { coveringCheckpoint, coveringReceipt } from "../../../../../crypto/ledger/query/prove-entry.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import { parseNote } from "../../../../../crypto/proof/note.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { pairs } from "../../../face/table.ts";
import { momentText } from "../../../face/units.ts";
import { ledgerWords as say } from "../../../text/evidence/ledger/words.ts";
import { dataDirOf, type Target } from "../../target.ts";
import { summaryOf, typeOf, utcMsOf } from "./entry-lines.ts";

export interface ShowOptions extends Target {
  json?: boolean;
}

type Told = ReturnType<typeof look>;

/** Tells one entry: in plain words, its chain and signatures, and what was signed. Throws `entry-missing`. */
export async function show(face: Face, seq: number, { json, ...target }: ShowOptions): Promise<ExitCode> {
  const told = await visitLedger(await dataDirOf(face, target), (reader) => look(face, reader, seq));
  if (json === true) face.printJson(told);
  else face.print(...lines(face, told));
  return 0;
}

function look(face: Face, reader: LedgerReader, seq: number) {
  const entry = reader.entry(seq);
  if (entry === null) throw new AgentError("entry-missing", `seq ${seq}, of ${reader.size()} entries`);
  const body = parseBody(entry.body);
  const sigs = JSON.parse(entry.sigs) as { kid: string; sig: string }[];
  const deviceKid = reader.deviceKey.kid;
  const checkpoint = coveringCheckpoint(reader, seq);
  const receipt = coveringReceipt(reader, seq);
  return {
    seq,
    utc_ms: utcMsOf(body),
    type: typeOf(body),
    summary: summaryOf(face, body),
    leaf: entry.leaf.toString("hex"),
    prev: String(body.prev),
    epoch: Number(body.epoch),
    sigs: sigs.map(({ kid, sig }) => ({ kid, sig, by: kid === deviceKid ? "device" : "epoch" })),
    body,
    raw: entry.body.toString("utf8"),
    checkpoint:
      checkpoint === null ? null : { size: checkpoint.size, witnesses: witnessesOf(checkpoint.note) },
    receipt: receipt === null ? null : { receiver: receipt.receiver },
  };
}

function witnessesOf(note: string): string[] {
  return parseNote(note)
    .lines.slice(1)
    .map(({ name }) => name);
}

function lines(face: Face, told: Told): string[] {
  const { seq, body, sigs, checkpoint, receipt } = told;
  const { src } = body.t as { src: string };
  const envelope = new Set(["v", "type", "dev", "seq", "prev", "epoch", "t"]);
  const own = Object.entries(body).filter(([name]) => !envelope.has(name));
  return [
    ...pairs([
      [face.say(say.seq), `${seq}: ${told.summary}`],
      [face.say(say.type), told.type],
      [face.say(say.time), face.say(say.timeOf, { time: momentText(told.utc_ms), src })],
      ...own.map(([name, value]): [string, string] => [
        `  ${name}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
      [face.say(say.leaf), told.leaf],
      [face.say(say.prev), told.prev],
      [face.say(say.epoch), String(told.epoch)],
      ...sigs.map(({ kid, by }): [string, string] => [
        face.say(say.signed),
        face.say(by === "device" ? say.byDevice : say.byEpoch, { kid }),
      ]),
      [face.say(say.checkpoint), checkpointText(face, checkpoint)],
      [face.say(say.receipt), receipt?.receiver ?? face.say(say.noneYet)],
      [face.say(say.raw), told.raw],
    ]),
  ];
}

function checkpointText(face: Face, checkpoint: Told["checkpoint"]): string {
  if (checkpoint === null) return face.say(say.noneYet);
  const { size, witnesses } = checkpoint;
  if (witnesses.length === 0) return face.say(say.checkpointAlone, { size });
  return face.say(say.checkpointOf, { size, witnesses: witnesses.join(", ") });
}
