import type { VerifierKey } from "../keys/vkey.ts";
import { isLineOf, type Note, type SignatureLine, verifyCosignature } from "./note.ts";

/** What a quorum of trusted witnesses vouches for. */
export interface Coverage {
  /** All entries below this seq; 0 if no checkpoint has a quorum. */
  size: number;
  /** When a quorum had cosigned: the time of the cosignature that completed it. Null without coverage. */
  timeMs: number | null;
  /** Names of all trusted witnesses that cosigned it, in the order of their times. */
  witnesses: string[];
}

export const NO_COVERAGE: Coverage = { size: 0, timeMs: null, witnesses: [] };

/** One cosignature line that claims to be by a listed witness. */
export interface WitnessLine {
  line: SignatureLine;
  witness: VerifierKey;
}

/** The lines of a note beside the device's own: those of listed witnesses, and the names of the others. */
export function splitLines(
  note: Note,
  device: VerifierKey,
  witnesses: readonly VerifierKey[],
): { listed: WitnessLine[]; strangers: string[] } {
  const listed: WitnessLine[] = [];
  const strangers: string[] = [];
  for (const line of note.lines) {
    if (isLineOf(line, device)) continue;
    const witness = witnesses.find((vkey) => isLineOf(line, vkey));
    if (witness === undefined) strangers.push(line.name);
    else listed.push({ line, witness });
  }
  return { listed, strangers };
}

/**
 * Counts distinct keys whose cosignatures verify. Null when they are fewer than `quorum`; also with a
 * quorum of 0, since then nobody but the device vouches.
 */
export function coverageOf(note: Note, lines: readonly WitnessLine[], quorum: number): Coverage | null {
  const times = new Map<VerifierKey, number>();
  for (const { line, witness } of lines) {
    const timeMs = verifyCosignature(note.text, line, witness);
    if (timeMs !== null) times.set(witness, Math.min(timeMs, times.get(witness) ?? timeMs));
  }
  const sorted = [...times].sort(([, a], [, b]) => a - b);
  const completing = sorted[quorum - 1];
  if (completing === undefined) return null;
  return { size: note.size, timeMs: completing[1], witnesses: sorted.map(([{ name }]) => name) };
}
