import { DAY_MS } from "../../../../../crypto/ledger/db/derived.ts";
import type { LedgerReader } from "../../../../../crypto/ledger/db/reader.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { left, pairs, right, table } from "../../../face/table.ts";
import { bytesText, momentText } from "../../../face/units.ts";
import { ledgerWords as say } from "../../../text/evidence/ledger/words.ts";
import { dataDirOf, type Target } from "../../target.ts";
import { utcMsOf } from "./entry-lines.ts";

export interface StatsOptions extends Target {
  json?: boolean;
}

type Stats = ReturnType<typeof count>;

/** Days shown to people; all of them stand in the JSON. */
const DAYS_SHOWN = 14;

/** Tells what the ledger holds, from its indexes alone. */
export async function stats(face: Face, { json, ...target }: StatsOptions): Promise<ExitCode> {
  const counted = await visitLedger(await dataDirOf(face, target), count);
  if (json === true) face.printJson(counted);
  else face.print(...lines(face, counted));
  return 0;
}

function count(reader: LedgerReader) {
  const size = reader.size();
  const { index } = reader;
  const days = index.days();
  const boots = [...index.seqsUp("device.boot", { from: 0, to: size })];
  const { checkpoints, receipts } = index.counted();
  return {
    dev: reader.dev,
    size,
    first_ms: utcMsOf(reader.body(0)),
    last_ms: utcMsOf(reader.body(size - 1)),
    types: index.counts(size),
    media_bytes: days.reduce((sum, { bytes }) => sum + bytes, 0),
    days: days.map(({ day, entries, bytes }) => ({ day: dayText(day), entries, media_bytes: bytes })),
    checkpoints,
    receipts,
    boots: boots.length,
    unclean_boots: boots.filter((seq) => reader.body(seq).clean === false).length,
  };
}

function dayText(day: number): string {
  return momentText(day * DAY_MS).slice(0, 10);
}

function lines(face: Face, { types, days, ...told }: Stats): string[] {
  const perDay = {
    entries: Math.round(told.size / Math.max(days.length, 1)),
    bytes: bytesText(told.media_bytes / Math.max(days.length, 1)),
  };
  return [
    ...pairs([
      [face.say(say.size), String(told.size)],
      [face.say(say.from), momentText(told.first_ms)],
      [face.say(say.to), momentText(told.last_ms)],
      [face.say(say.media), bytesText(told.media_bytes)],
      [face.say(say.perDay), face.say(say.perDayText, perDay)],
      [face.say(say.checkpoints), String(told.checkpoints)],
      [face.say(say.receipts), String(told.receipts)],
      [face.say(say.boots), face.say(say.bootsText, { boots: told.boots, unclean: told.unclean_boots })],
    ]),
    "",
    ...table(
      [left(face.say(say.type)), right(face.say(say.size))],
      types.map(({ type, entries }) => [type, String(entries)]),
    ),
    "",
    ...table(
      [left(face.say(say.day)), right(face.say(say.size)), right(face.say(say.media))],
      days
        .slice(-DAYS_SHOWN)
        .map(({ day, entries, media_bytes }) => [day, String(entries), bytesText(media_bytes)]),
    ),
  ];
}
