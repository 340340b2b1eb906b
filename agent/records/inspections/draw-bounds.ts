import { deviceVkey, type VerifierKey } from "../../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import {
  parseNote,
  parseSignatureLine,
  type SignatureLine,
  verifyCosignature,
  verifyNoteLine,
} from "../../../crypto/proof/note.ts";

/** A checkpoint with one witness's line under it. */
export interface Cosigned {
  size: number;
  /** Hex. */
  root: string;
  /** The signed text, each line with its LF. */
  text: string;
  /** Without LF. */
  line: string;
  timeMs: number;
}

/** Which part of the ledger a period is, by the witnesses' clocks alone. */
export interface DrawBounds {
  /** Candidates begin at this seq or later, and below the seed's size. */
  fromSeq: number;
  seed: Cosigned;
}

/**
 * The seed of a period is the smallest checkpoint that a trusted witness cosigned after the period's end; the
 * part of the ledger that belongs to it lies between the seed of the period that ends where it begins, and its
 * own. A ledger that no witness knew before the period began is taken from its first entry. Null: there is no
 * such checkpoint yet.
 */
export function drawBounds(
  reader: LedgerReader,
  witnesses: readonly VerifierKey[],
  { fromMs, toMs }: { fromMs: number; toMs: number },
): DrawBounds | null {
  let wasKnown = false;
  let fromSeq: number | null = null;
  for (const { size, note } of reader.inspections.cosigned()) {
    const claimed = claimedTimes(note);
    const tells =
      (!wasKnown && fromSeq === null && claimed.some((timeMs) => timeMs <= fromMs)) ||
      claimed.some((timeMs) => timeMs > (fromSeq === null ? fromMs : toMs));
    // signatures are checked of the few that answer something
    const lines = tells ? cosignaturesOf(reader, note, witnesses) : [];
    if (fromSeq === null && lines.some(({ timeMs }) => timeMs <= fromMs)) wasKnown = true;
    if (fromSeq === null && lines.some(({ timeMs }) => timeMs > fromMs)) fromSeq = size;
    const seed = lines.find(({ timeMs }) => timeMs > toMs);
    if (seed !== undefined) return { fromSeq: wasKnown ? (fromSeq ?? 0) : 0, seed };
  }
  return null;
}

/** Seconds stand before the signature in the payload of a cosignature line. */
const COSIGNATURE_BYTES = 72;

/** What the lines of a note claim to be cosigned at, unverified. */
function claimedTimes(stored: string): number[] {
  return linesOf(stored).flatMap(({ payload }) =>
    payload.length === COSIGNATURE_BYTES ? [Number(payload.readBigUInt64BE()) * 1000] : [],
  );
}

function linesOf(stored: string): SignatureLine[] {
  try {
    return parseNote(stored).lines;
  } catch {
    // who judges a ledger is the verifier; a note that is none cannot be a seed
    return [];
  }
}

/** Lines of trusted witnesses that hold, the earliest first; of one moment, the one that sorts first as text. */
function cosignaturesOf(reader: LedgerReader, stored: string, witnesses: readonly VerifierKey[]): Cosigned[] {
  const note = parseNote(stored);
  const [own] = note.lines;
  const isOurs = own !== undefined && verifyNoteLine(note.text, own, deviceVkey(reader.deviceKey));
  if (!isOurs || note.size > reader.size() || !reader.root(note.size).equals(note.root)) return [];
  return note.lines
    .flatMap(({ text: line }) => {
      const timeMs = cosignedAt(note.text, line, witnesses);
      return timeMs === null
        ? []
        : [{ size: note.size, root: note.root.toString("hex"), text: note.text, line, timeMs }];
    })
    .sort((a, b) => a.timeMs - b.timeMs || (a.line < b.line ? -1 : 1));
}

/** When one of these witnesses says to have cosigned the text; null: the line is by none of them, or does not hold. */
export function cosignedAt(text: string, line: string, witnesses: readonly VerifierKey[]): number | null {
  const parsed = parseSignatureLine(line);
  for (const witness of witnesses) {
    const timeMs = verifyCosignature(text, parsed, witness);
    if (timeMs !== null) return timeMs;
  }
  return null;
}
