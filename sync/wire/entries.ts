import { MAX_BODY_BYTES } from "../../crypto/bytes/canonical.ts";
import type { RawEntry } from "../../crypto/proof/chain-checker.ts";
import { badMessage, readText } from "./fields.ts";
import { MAX_ENTRIES_BYTES } from "./limits.ts";

/**
 * `up/entries/{from}`: lines of `{"body":<body>,"sigs":<sigs>}` + LF. Both parts are the ledger's own bytes,
 * copied in and cut out again, never serialised anew: a signature is over bytes, not over values.
 */

const HEAD = Buffer.from('{"body":');
const MIDDLE = Buffer.from(',"sigs":');
const TAIL = Buffer.from("}\n");
const LF = 0x0a;
/** Three signatures take 0.6 KiB. */
const MAX_SIGS_BYTES = 4096;

/** Length of an entry's line, LF included. */
export function entryLineBytes({ body, sigs }: RawEntry): number {
  return HEAD.length + body.length + MIDDLE.length + Buffer.byteLength(sigs) + TAIL.length;
}

/** The payload for consecutive entries. The caller keeps it within `MAX_ENTRIES_BYTES`. */
export function encodeEntries(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat(entries.flatMap(({ body, sigs }) => [HEAD, body, MIDDLE, Buffer.from(sigs), TAIL]));
}

/**
 * Cuts a payload into entries, verbatim. Throws `bad-message` where the frame is wrong; whether body
 * and sigs are canonical JSON is for the chain's checker to say.
 */
export function parseEntries(payload: Buffer): RawEntry[] {
  if (payload.length === 0) throw badMessage("entries: empty");
  if (payload.length > MAX_ENTRIES_BYTES) throw badMessage(`entries: ${payload.length} bytes`);
  const entries: RawEntry[] = [];
  for (let start = 0; start < payload.length; ) {
    const end = payload.indexOf(LF, start);
    if (end < 0) throw badMessage(`entries: line ${entries.length} has no LF`);
    entries.push(parseLine(payload.subarray(start, end + 1), `entries: line ${entries.length}`));
    start = end + 1;
  }
  return entries;
}

function parseLine(line: Buffer, place: string): RawEntry {
  // the last one: a body may have a field called sigs, but no string holds an unescaped quote, and `sigs` has no such key
  const middle = line.lastIndexOf(MIDDLE);
  const isFramed =
    middle > HEAD.length &&
    line.subarray(0, HEAD.length).equals(HEAD) &&
    line.subarray(line.length - TAIL.length).equals(TAIL) &&
    middle + MIDDLE.length < line.length - TAIL.length;
  if (!isFramed) throw badMessage(`${place}: not {"body":…,"sigs":…}`);
  const body = line.subarray(HEAD.length, middle);
  if (body.length > MAX_BODY_BYTES) throw badMessage(`${place}: body of ${body.length} bytes`);
  const sigs = readText(
    line.subarray(middle + MIDDLE.length, line.length - TAIL.length),
    MAX_SIGS_BYTES,
    place,
  );
  return { body, sigs };
}
