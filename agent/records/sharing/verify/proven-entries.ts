import { join } from "node:path";
import { AgentError } from "../../../../config/base/errors.ts";
import { type JsonObject, MAX_BODY_BYTES, parseBody } from "../../../../crypto/bytes/canonical.ts";
import { leafHash } from "../../../../crypto/bytes/digest.ts";
import type { EntryEnvelope } from "../../../../crypto/entry/envelope.ts";
import { deviceKeyName } from "../../../../crypto/keys/vkey.ts";
import { type Coverage, coverageOf, NO_COVERAGE, splitLines } from "../../../../crypto/proof/coverage.ts";
import { MAX_NOTE_BYTES, type Note, openCheckpoint, parseNote } from "../../../../crypto/proof/note.ts";
import { faultyField } from "../../../../crypto/proof/rules/fields.ts";
import { MAX_PROOF_BYTES, provesEntry } from "../../../../crypto/proof/tlog-proof.ts";
import type { Trust } from "../../../../crypto/proof/trust.ts";
import { readWithin } from "./folder-files.ts";
import type { FolderFault, FolderFaultCode } from "./folder-verdict.ts";

export const CHECKPOINT = "ledger/checkpoint";
const ENTRY_FILE = /^ledger\/(0|[1-9]\d{0,15})\.json$/;

/** An entry that a checkpoint proves, and where it stands. */
export type ProvenEntry = JsonObject & EntryEnvelope & { type: string; seq: number };

export interface ProvenFolder {
  note: Note;
  /** Who cosigned, of those that are trusted. */
  coverage: Coverage;
  /** In order of seq. */
  entries: ProvenEntry[];
  faults: FolderFault[];
}

/** Reads the checkpoint and whatever it proves. Throws `not-an-export` where there is no readable one. */
export function proveEntries(directory: string, names: ReadonlySet<string>, trust: Trust): ProvenFolder {
  const text = checkpointText(directory);
  const { note, coverage, fault } = judgeCheckpoint(text, trust);
  const faults: FolderFault[] = fault === null ? [] : [{ file: CHECKPOINT, code: fault }];
  const entries: ProvenEntry[] = [];
  for (const file of names) {
    const seq = ENTRY_FILE.exec(file)?.[1];
    if (seq === undefined) continue;
    const entry = proveEntry(directory, Number(seq), text, note.dev);
    if (typeof entry === "string") faults.push({ file, code: entry });
    else entries.push(entry);
  }
  return { note, coverage, entries: entries.sort((a, b) => a.seq - b.seq), faults };
}

function checkpointText(directory: string): string {
  try {
    const text = readWithin(join(directory, CHECKPOINT), MAX_NOTE_BYTES).toString("utf8");
    parseNote(text);
    return text;
  } catch (cause) {
    throw new AgentError("not-an-export", `${directory}: ${CHECKPOINT}`, { cause });
  }
}

function judgeCheckpoint(
  text: string,
  trust: Trust,
): { note: Note; coverage: Coverage; fault: FolderFaultCode | null } {
  const note = parseNote(text);
  const device = trust.devices.find(({ name }) => name === deviceKeyName(note.dev));
  if (device === undefined) return { note, coverage: NO_COVERAGE, fault: "device-unknown" };
  try {
    openCheckpoint(text, device);
  } catch {
    return { note, coverage: NO_COVERAGE, fault: "checkpoint-forged" };
  }
  const { listed } = splitLines(note, device, trust.witnesses);
  const coverage = coverageOf(note, listed, trust.quorum);
  if (coverage !== null) return { note, coverage, fault: null };
  return { note, coverage: NO_COVERAGE, fault: trust.quorum === 0 ? null : "witnesses-too-few" };
}

function proveEntry(
  directory: string,
  seq: number,
  checkpoint: string,
  dev: string,
): ProvenEntry | FolderFaultCode {
  let bytes: Buffer;
  try {
    bytes = readWithin(join(directory, `ledger/${seq}.json`), MAX_BODY_BYTES);
    const proof = readWithin(join(directory, `ledger/${seq}.tlog-proof`), MAX_PROOF_BYTES).toString("utf8");
    if (!provesEntry(proof, seq, leafHash(bytes), checkpoint)) return "entry-unproven";
  } catch {
    return "entry-unproven";
  }
  try {
    const body = parseBody(bytes);
    const isOurs = body.seq === seq && body.dev === dev && typeof body.type === "string";
    const hasTime = Number.isSafeInteger((body.t as JsonObject | undefined)?.utc_ms);
    if (!isOurs || !hasTime || faultyField(body.type as string, body) !== null) return "entry-malformed";
    return body as unknown as ProvenEntry;
  } catch {
    return "entry-malformed";
  }
}
