import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalBody, type JsonObject } from "../../../crypto/bytes/canonical.ts";
import { leafHash } from "../../../crypto/bytes/digest.ts";
import type { VerifyReport } from "../../../crypto/ledger/verify/report.ts";
import { type VerifyOptions, verifyDirectory } from "../../../crypto/ledger/verify/verify-directory.ts";
import { parseTrust } from "../../../crypto/proof/trust.ts";
import { copyOf, type Evidence, type EvidenceRow, writeEvidence } from "./evidence.ts";

/** One thing done to evidence behind the device's back. */
export type Tampering = (evidence: Evidence) => void;

export function tamper(evidence: Evidence, ...tamperings: Tampering[]): Evidence {
  const copy = copyOf(evidence);
  for (const change of tamperings) change(copy);
  return copy;
}

/** The verdict on evidence, in a directory that is gone afterwards. */
export async function verify(
  evidence: Evidence,
  options: Omit<Partial<VerifyOptions>, "trust" | "dataDir"> & { upset?: (dataDir: string) => void } = {},
): Promise<VerifyReport> {
  const dataDir = mkdtempSync(join(tmpdir(), "fulltrace-test-"));
  try {
    writeEvidence(dataDir, evidence);
    const { upset, ...rest } = options;
    upset?.(dataDir);
    return await verifyDirectory({ dataDir, trust: parseTrust(evidence.trust, "trust.toml"), ...rest });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

export function rowAt(evidence: Evidence, seq: number): EvidenceRow {
  const row = evidence.entries.find((entry) => entry.seq === seq);
  if (row === undefined) throw new Error(`no seq ${seq}`);
  return row;
}

export function bodyOf(row: EvidenceRow): JsonObject {
  return JSON.parse(row.body.toString()) as JsonObject;
}

/** The seq of the `nth` entry of a type, counted from 0. */
export function seqOf(evidence: Evidence, type: string, nth = 0): number {
  const row = evidence.entries.filter((entry) => bodyOf(entry).type === type)[nth];
  if (row === undefined) throw new Error(`no ${type} number ${nth}`);
  return row.seq;
}

export const drop =
  (seq: number): Tampering =>
  (evidence) => {
    evidence.entries = evidence.entries.filter((row) => row.seq !== seq);
  };

/** Removes an entry and numbers the rows behind it anew. */
export const dropAndCloseUp =
  (seq: number): Tampering =>
  (evidence) => {
    drop(seq)(evidence);
    for (const [i, row] of evidence.entries.entries()) row.seq = i;
  };

export const swap =
  (a: number, b: number): Tampering =>
  (evidence) => {
    const [first, second] = [rowAt(evidence, a), rowAt(evidence, b)];
    [first.seq, second.seq] = [b, a];
    evidence.entries.sort((x, y) => x.seq - y.seq);
  };

/** A second copy of an entry behind it; later rows move up. */
export const duplicate =
  (seq: number): Tampering =>
  (evidence) => {
    for (const row of evidence.entries) if (row.seq > seq) row.seq++;
    evidence.entries.push({ ...rowAt(evidence, seq), seq: seq + 1 });
    evidence.entries.sort((x, y) => x.seq - y.seq);
  };

/** Leaves the first `size` entries. */
export const truncate =
  (size: number): Tampering =>
  (evidence) => {
    evidence.entries = evidence.entries.slice(0, size);
  };

/** Changes a stored body and nothing else. */
export const edit =
  (seq: number, change: (body: JsonObject) => void): Tampering =>
  (evidence) => {
    const row = rowAt(evidence, seq);
    const body = bodyOf(row);
    change(body);
    row.body = canonicalBody(body);
  };

/** Replaces a stored body's bytes. */
export const rewrite =
  (seq: number, change: (text: string) => string | Buffer): Tampering =>
  (evidence) => {
    const row = rowAt(evidence, seq);
    row.body = Buffer.from(change(row.body.toString()));
  };

/** Makes leaves and `prev` right again from `seq` on, as one can without any key. */
export const rehash =
  (from: number): Tampering =>
  (evidence) => {
    let prev: string | null = null;
    for (const row of evidence.entries.filter(({ seq }) => seq >= from)) {
      if (prev !== null) edit(row.seq, (body) => Object.assign(body, { prev }))(evidence);
      row.leaf = leafHash(row.body);
      prev = row.leaf.toString("hex");
    }
  };

export const editSigs =
  (seq: number, change: (sigs: { kid: string; sig: string }[]) => unknown): Tampering =>
  (evidence) => {
    const row = rowAt(evidence, seq);
    row.sigs = JSON.stringify(change(JSON.parse(row.sigs)));
  };

/** Changes the stored note at the highest size. */
export const editNewestNote =
  (change: (note: string) => string): Tampering =>
  (evidence) => {
    const newest = evidence.checkpoints.at(-1);
    if (newest === undefined) throw new Error("no checkpoint");
    newest.note = change(newest.note);
  };

/** Changes the bytes of the media that an entry names; null removes the file. */
export const editMedia =
  (seq: number, change: (bytes: Buffer) => Buffer | null): Tampering =>
  (evidence) => {
    const digest = bodyOf(rowAt(evidence, seq)).digest as string;
    const changed = change(evidence.media.get(digest) ?? Buffer.alloc(0));
    if (changed === null) evidence.media.delete(digest);
    else evidence.media.set(digest, changed);
  };
