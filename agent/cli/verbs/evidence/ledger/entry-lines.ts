import type { JsonObject } from "../../../../../crypto/bytes/canonical.ts";
import type { FoundEntry } from "../../../../../crypto/ledger/query/find-entries.ts";
import type { Face } from "../../../face/face.ts";
import { momentText } from "../../../face/units.ts";
import { harmless } from "../../../face/width.ts";
import { entryTexts } from "../../../text/evidence/ledger/entries.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

/** An entry as `--json` tells it. */
export interface ToldEntry {
  seq: number;
  utc_ms: number;
  type: string;
  body: JsonObject;
}

export function toldEntry({ seq, parsed }: FoundEntry): ToldEntry {
  return { seq, utc_ms: utcMsOf(parsed), type: typeOf(parsed), body: parsed };
}

/** One line for people. */
export function entryLine(face: Face, { seq, parsed }: FoundEntry): string {
  const line = `${String(seq).padStart(7)}  ${momentText(utcMsOf(parsed))}  ${typeOf(parsed).padEnd(17)}  ${summaryOf(face, parsed)}`;
  return harmless(line);
}

/** What an entry says, in plain words; types that are not known are shown by their name alone. */
export function summaryOf(face: Face, body: JsonObject): string {
  const text = entryTexts[typeOf(body)];
  if (text === undefined) return typeOf(body);
  const values = Object.entries(body).flatMap(([name, value]): [string, string][] => {
    if (typeof value === "object") return [];
    return [[name, UUID.test(String(value)) ? String(value).slice(0, 8) : String(value)]];
  });
  return face.say(text, Object.fromEntries(values)).replace(/\{\w+\}/g, "–");
}

export function utcMsOf(body: JsonObject): number {
  return (body.t as JsonObject).utc_ms as number;
}

export function typeOf(body: JsonObject): string {
  return String(body.type);
}
