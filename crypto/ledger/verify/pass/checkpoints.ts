import type { VerifierKey } from "../../../keys/vkey.ts";
import {
  type Coverage,
  coverageOf,
  NO_COVERAGE,
  splitLines,
  type WitnessLine,
} from "../../../proof/coverage.ts";
import {
  cosignatureCheck,
  isLineOf,
  type Note,
  noteLineCheck,
  parseNote,
  verifyCosignature,
  verifyNoteLine,
} from "../../../proof/note.ts";
import { type Problem, type ProblemCode, problemOf } from "../../../proof/verdict.ts";
import { remember, type VerifyContext } from "../context.ts";

/** Checkpoints with enough lines for a quorum, newest last; the newest one that verifies is the coverage. */
const MAX_CANDIDATES = 64;

interface Candidate {
  note: Note;
  lines: WitnessLine[];
}

/** Checks notes: the device's signature, the root, the cosignatures (ledger-format §6). */
export class Checkpoints {
  readonly #context: VerifyContext;
  readonly #device: VerifierKey;
  /** Signatures on notes up to this size are taken on a receipt's word. */
  readonly #skipUpTo: number;
  readonly #outside: Note | null;
  readonly #candidates: Candidate[] = [];

  constructor(context: VerifyContext, device: VerifierKey, skipUpTo: number, outside: Note | null) {
    this.#context = context;
    this.#device = device;
    this.#skipUpTo = skipUpTo;
    this.#outside = outside;
  }

  /** A stored note once the tree has its size; `root` is null where entries are missing before it. */
  checkStored(size: number, text: string, root: Buffer | null): void {
    const { notes } = this.#context;
    notes.checkpoints.count++;
    notes.checkpoints.newest_size = Math.max(notes.checkpoints.newest_size, size);
    const note = this.#readStored(size, text);
    if (note !== null && this.#rootHolds(note, root)) this.#checkSignatures(note, "bad-checkpoint");
  }

  /** A stored note beyond the ledger's end: entries have gone, if the device did sign it. */
  checkBeyond(size: number, text: string, ledgerSize: number): void {
    const note = this.#readStored(size, text);
    if (note === null) return;
    const isSigned = note.lines.some((line) => verifyNoteLine(note.text, line, this.#device));
    this.#context.findings.add(isSigned ? missing(note, ledgerSize) : unsigned(note, "bad-checkpoint"));
  }

  /** The note from outside, likewise. True if the ledger holds what it says. */
  checkOutside(root: Buffer | null, ledgerSize: number): boolean {
    const note = this.#outside;
    if (note === null) return false;
    const { findings, notes, trust } = this.#context;
    const { listed, strangers } = splitLines(note, this.#device, trust.witnesses);
    for (const name of strangers) remember(notes.strangers.witnesses, name);
    const vouching = listed.filter(
      ({ line, witness }) => verifyCosignature(note.text, line, witness) !== null,
    );
    notes.note = { size: note.size, witnesses: vouching.map(({ witness }) => witness.name) };
    if (vouching.length < listed.length)
      findings.add({ code: "bad-cosignature", detail: "on the note given" });
    const isSigned = note.lines.some((line) => verifyNoteLine(note.text, line, this.#device));
    if (!isSigned) findings.add(unsigned(note, "bad-note"));
    else if (note.size > ledgerSize) findings.add(missing(note, ledgerSize));
    if (!isSigned || note.size > ledgerSize || !this.#rootHolds(note, root)) return false;
    this.#consider(note, listed);
    return root !== null;
  }

  /** The newest checkpoint that a quorum cosigned. */
  coverage(): Coverage {
    const { quorum } = this.#context.trust;
    const newestFirst = this.#candidates.toSorted((a, b) => b.note.size - a.note.size);
    for (const { note } of newestFirst) {
      // one size may have two notes, the stored one and the one from outside: their lines count together
      const lines = newestFirst
        .filter((other) => other.note.text === note.text)
        .flatMap((other) => other.lines);
      const coverage = coverageOf(note, lines, quorum);
      if (coverage !== null) return coverage;
    }
    return NO_COVERAGE;
  }

  #readStored(size: number, text: string): Note | null {
    const { findings } = this.#context;
    try {
      const note = parseNote(text);
      const isOurs = note.size === size && note.dev === this.#device.key.deviceId;
      if (isOurs) return note;
      findings.add({
        code: "bad-checkpoint",
        detail: `at size ${size}: of ${note.dev} at size ${note.size}`,
      });
    } catch (error) {
      findings.add({ ...problemOf(error, "bad-checkpoint"), code: "bad-checkpoint" });
    }
    return null;
  }

  #rootHolds(note: Note, root: Buffer | null): boolean {
    if (root === null || root.equals(note.root)) return true;
    this.#context.findings.add({
      code: "checkpoint-root",
      detail: `at size ${note.size}: the entries have another root`,
    });
    return false;
  }

  #checkSignatures(note: Note, code: ProblemCode): void {
    const { findings, notes, signatures, trust } = this.#context;
    const { listed, strangers } = splitLines(note, this.#device, trust.witnesses);
    for (const name of strangers) remember(notes.strangers.witnesses, name);
    this.#consider(note, listed);
    if (note.size <= this.#skipUpTo) {
      notes.signatures.skipped += 1 + listed.length;
      return;
    }
    const own = note.lines.find((line) => isLineOf(line, this.#device));
    const check = own === undefined ? null : noteLineCheck(note.text, own, this.#device);
    if (check === null) findings.add(unsigned(note, code));
    else signatures.add(check, unsigned(note, code));
    for (const { line, witness } of listed) {
      const blame: Problem = { code: "bad-cosignature", detail: `of ${witness.name} at size ${note.size}` };
      const cosignature = cosignatureCheck(note.text, line, witness);
      if (cosignature === null) findings.add(blame);
      else signatures.add(cosignature, blame);
    }
  }

  #consider(note: Note, lines: WitnessLine[]): void {
    const keys = new Set(lines.map(({ witness }) => witness)).size;
    // what the stored note lacks the one from outside may add
    const least = note.size === this.#outside?.size ? 1 : this.#context.trust.quorum;
    if (keys === 0 || keys < least) return;
    this.#candidates.push({ note, lines });
    if (this.#candidates.length > MAX_CANDIDATES) this.#candidates.shift();
  }
}

function unsigned(note: Note, code: ProblemCode): Problem {
  return { code, detail: `at size ${note.size}: not signed by the device key` };
}

function missing(note: Note, ledgerSize: number): Problem {
  const detail = `the device signed a checkpoint of ${note.size} entries, ${ledgerSize} are here`;
  return { code: "entries-missing", seq: ledgerSize, detail };
}
