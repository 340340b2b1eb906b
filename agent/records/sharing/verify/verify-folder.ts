import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { AgentError } from "../../../../config/base/errors.ts";
import type { ActivityDispute, ActivityNote, ActivityOpen } from "../../../../crypto/entry/activity-types.ts";
import type { VerifierKey } from "../../../../crypto/keys/vkey.ts";
import { MAX_ENVELOPE_BYTES, openReceipt } from "../../../../crypto/proof/receipt.ts";
import type { Trust } from "../../../../crypto/proof/trust.ts";
import { type Stated, toldStatement } from "../../activity/activity-record.ts";
import { readFolder, readWithin } from "./folder-files.ts";
import type { FolderFault, FolderVerdict } from "./folder-verdict.ts";
import { holdMedia } from "./held-media.ts";
import { type ProvenEntry, type ProvenFolder, proveEntries } from "./proven-entries.ts";

const ABOUT = "activity.json";
const MAX_ABOUT_BYTES = 64 * 1024 * 1024;

/**
 * Holds an exported folder against whom the reader trusts: every file against the list, every entry against
 * the checkpoint, the checkpoint against device and witnesses, and every document, recording and photo against
 * its entry. What a folder leaves out it cannot show. Throws `not-an-export`.
 */
export async function verifyFolder(directory: string, trust: Trust): Promise<FolderVerdict> {
  const files = readFolder(directory);
  const proven = proveEntries(directory, files.names, trust);
  const { note, coverage, entries } = proven;
  const open = entries.find(({ type }) => type === "activity.open");
  const { faults: mediaFaults, ...held } = await holdMedia(directory, files, entries);
  const receipts = holdReceipts(directory, files.names, note.dev, trust.custody);
  const faults = [
    ...files.faults,
    ...proven.faults,
    ...mediaFaults,
    ...receipts.faults,
    ...holdActivity(directory, proven, open),
  ];
  return {
    directory: resolve(directory),
    dev: note.dev,
    size: note.size,
    cosigned_ms: coverage.timeMs,
    witnesses: coverage.witnesses,
    activity: open === undefined ? null : toldOpening(stated(open)),
    entries: entries.length,
    ...held,
    receipts: receipts.count,
    faults,
    holds: faults.length === 0,
  };
}

function toldOpening({ activity, kind, title, utcMs }: Stated<ActivityOpen>): FolderVerdict["activity"] {
  return { activity, kind, title, opened_ms: utcMs };
}

/** Receipts by custody keys that nobody listed are passed over: they harm nothing and prove nothing. */
function holdReceipts(
  directory: string,
  names: ReadonlySet<string>,
  dev: string,
  custody: readonly VerifierKey[],
): { count: number; faults: FolderFault[] } {
  const faults: FolderFault[] = [];
  let count = 0;
  for (const file of names) {
    if (!file.startsWith("receipts/")) continue;
    try {
      const envelope = readWithin(join(directory, file), MAX_ENVELOPE_BYTES).toString("utf8");
      if (openReceipt(envelope, custody).dev !== dev) throw new AgentError("bad-receipt", file);
      count += 1;
    } catch (error) {
      if (!(error instanceof AgentError && error.code === "unknown-custody-key"))
        faults.push({ file, code: "receipt-forged" });
    }
  }
  return { count, faults };
}

/** All entries are of one activity, and what `activity.json` tells under our own names is what they say. */
function holdActivity(
  directory: string,
  { note, entries }: ProvenFolder,
  open: ProvenEntry | undefined,
): FolderFault[] {
  if (open === undefined) return [{ file: ABOUT, code: "activity-missing" }];
  const others = entries
    .filter(({ type, activity }) => type.startsWith("activity.") && activity !== open.activity)
    .map(({ seq }) => ({ file: `ledger/${seq}.json`, code: "entry-of-another" }) as const);
  const statements = (wanted: string) =>
    entries
      .filter(({ type }) => type === wanted)
      .map((entry) => toldStatement(stated<ActivityNote | ActivityDispute>(entry)));
  const expected = {
    dev: note.dev,
    size: note.size,
    notes: statements("activity.note"),
    disputes: statements("activity.dispute"),
  };
  const { dev, size, notes, disputes } = readAbout(directory);
  const isSame = isDeepStrictEqual({ dev, size, notes, disputes }, expected);
  return [...others, ...(isSame ? [] : [{ file: ABOUT, code: "activity-retold" } as const])];
}

function stated<Body>(entry: ProvenEntry): Stated<Body> {
  return { ...entry, utcMs: entry.t.utc_ms } as unknown as Stated<Body>;
}

function readAbout(directory: string): Record<string, unknown> {
  try {
    const about: unknown = JSON.parse(readWithin(join(directory, ABOUT), MAX_ABOUT_BYTES).toString("utf8"));
    return typeof about === "object" && about !== null ? { ...about } : {};
  } catch {
    return {};
  }
}
