import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { PublicKey } from "../../keys/ed25519.ts";
import { deviceVkey, formatVkey } from "../../keys/vkey.ts";
import { ChainChecker } from "../../proof/chain-checker.ts";
import { type Coverage, NO_COVERAGE } from "../../proof/coverage.ts";
import { type Note, parseNote } from "../../proof/note.ts";
import type { Trust } from "../../proof/trust.ts";
import { Findings, problemOf, type Verdict, worse } from "../../proof/verdict.ts";
import type { VerifyContext, VerifyProgress } from "./context.ts";
import { Checkpoints } from "./pass/checkpoints.ts";
import { EntriesPass } from "./pass/entries.ts";
import { MediaPass } from "./pass/media.ts";
import { readReceipts } from "./pass/receipts.ts";
import { RootClaims } from "./pass/root-claims.ts";
import { LedgerFile } from "./read/ledger-file.ts";
import { PrivateCopy } from "./read/private-copy.ts";
import { Scratch } from "./read/scratch.ts";
import { emptyNotes, type VerifyReport } from "./report.ts";
import { HashThreads } from "./work/hash-threads.ts";
import { SignatureQueue } from "./work/signature-queue.ts";

export interface VerifyOptions {
  /** A device's data directory or a receiver's `devices/<dev>`; nothing is written there. */
  dataDir: string;
  trust: Trust;
  /** Text of a checkpoint fetched from a witness. */
  note?: string;
  /** Take the signatures below the largest pinned receipt on its word. */
  trustReceipts?: boolean;
  /** Missing media that a valid purge covers is in order: for the device's own copy. */
  allowPurged?: boolean;
  /**
   * 1 (the default): this thread does everything. More: signatures go to Node's thread pool (four threads,
   * or UV_THREADPOOL_SIZE) and media to this many hashing threads, started when there is media.
   */
  workers?: number;
  /** Where the private copy goes; as large as the ledger, without its media. */
  temporaryRoot?: string;
  signal?: AbortSignal;
  onProgress?: (progress: VerifyProgress) => void;
}

/** What a ledger file was found to be. */
interface Outcome {
  dev: string | null;
  size: number;
  coverage: Coverage;
  outsideHolds: boolean;
}

const STRAY_ROWS = {
  entries: "entry-order",
  checkpoints: "bad-checkpoint",
  receipts: "bad-receipt",
} as const;

const NOTHING_READ: Outcome = { dev: null, size: 0, coverage: NO_COVERAGE, outsideHolds: false };

/**
 * Checks all of ledger-format §1–§10 and gives a verdict. Whatever the ledger holds, the answer is a
 * report. Throws only for what is not the ledger's: `bad-note` when `note` is no checkpoint at all,
 * `ledger-forbidden`, `ledger-busy` and `copy-failed` when no private copy could be had, and the signal's reason.
 */
export async function verifyDirectory(options: VerifyOptions): Promise<VerifyReport> {
  const outside = options.note === undefined ? null : parseNote(options.note);
  const findings = new Findings();
  const notes = emptyNotes();
  let copy: PrivateCopy | null = null;
  let outcome = NOTHING_READ;
  try {
    copy = await PrivateCopy.make(options.dataDir, options.temporaryRoot ?? tmpdir());
    outcome = await verifyCopy(copy, options, outside, findings, notes);
  } catch (error) {
    if (!isAboutTheLedger(error)) throw error;
    findings.add(problemOf(error, "database-damaged"));
  } finally {
    copy?.remove();
  }
  notes.problems_left_out = findings.unlisted;
  const { dev, size, coverage, outsideHolds } = outcome;
  return {
    verdict: verdictOf(findings, coverage, size),
    dev,
    size,
    coverage: { size: coverage.size, time_ms: coverage.timeMs, witnesses: coverage.witnesses },
    latest_unknown: !outsideHolds,
    problems: findings.listed.toSorted((a, b) => (a.seq ?? -1) - (b.seq ?? -1)),
    notes,
  };
}

/** What failed because of what the ledger is, rather than because of where it is verified. */
function isAboutTheLedger(error: unknown): boolean {
  const ours = ["ledger-missing", "not-a-ledger", "database-damaged"];
  const reading = ["EIO", "EISDIR", "ENOTDIR"];
  return ours.includes(errorCode(error)) || reading.includes(errorCode(error));
}

function verdictOf(findings: Findings, coverage: Coverage, size: number): Verdict {
  return worse(findings.worst, coverage.size === size ? "authentic" : "authentic-unwitnessed-tail");
}

async function verifyCopy(
  copy: PrivateCopy,
  options: VerifyOptions,
  outside: Note | null,
  findings: Findings,
  notes: VerifyReport["notes"],
): Promise<Outcome> {
  const ledger = LedgerFile.open(copy.ledger);
  const scratch = new Scratch(join(copy.directory, "scratch.db"));
  const workers = options.workers ?? 1;
  const hashing = new HashThreads(workers);
  try {
    return await verifyLedger(
      {
        dataDir: options.dataDir,
        trust: options.trust,
        trustReceipts: options.trustReceipts ?? false,
        allowPurged: options.allowPurged ?? false,
        ledger,
        scratch,
        hashing,
        signatures: new SignatureQueue(workers, findings),
        findings,
        notes,
        progress: (progress) => {
          options.signal?.throwIfAborted();
          options.onProgress?.(progress);
        },
      },
      outside,
    );
  } finally {
    await hashing.close();
    scratch.close();
    ledger.close();
  }
}

async function verifyLedger(context: VerifyContext, outside: Note | null): Promise<Outcome> {
  const { ledger, trust, findings, notes, signatures } = context;
  for (const table of ledger.strays()) {
    findings.add({ code: STRAY_ROWS[table], detail: `${table} has rows with numbers that no ledger has` });
  }
  const bounds = ledger.bounds();
  if (bounds === null) {
    findings.add({ code: "ledger-empty", detail: "no entries" });
    return NOTHING_READ;
  }
  const size = bounds.last + 1;
  const key = deviceKeyOf(context, bounds.first);
  if (key === null) return { ...NOTHING_READ, size };
  const device = deviceVkey(key);
  notes.device_key = formatVkey(device);
  notes.device_trusted = trust.devices.some((listed) => listed.key.hex === key.hex);
  if (!notes.device_trusted) {
    findings.add({
      code: "unknown-device",
      seq: 0,
      detail: `the trust file does not list ${notes.device_key}`,
    });
  }
  if (outside !== null && outside.dev !== key.deviceId) {
    findings.add({
      code: "bad-note",
      detail: `the note given is of ${outside.dev}, the ledger of ${key.deviceId}`,
    });
  }
  const ownNote = outside?.dev === key.deviceId ? outside : null;
  const receipt = readReceipts(context, key.deviceId, size);
  const trusted = context.trustReceipts ? receipt : null;
  if (trusted !== null) {
    notes.trusted_receipt = { receiver: trusted.receiver, size: trusted.size, stored_ms: trusted.storedMs };
  }
  const checkpoints = new Checkpoints(context, device, trusted?.size ?? -1, ownNote);
  const claims = new RootClaims(context, checkpoints, ownNote);
  const entries = new EntriesPass(context, claims, trusted?.size ?? 0);
  await entries.run(size);
  notes.signatures.checked = signatures.count;
  await new MediaPass(context, entries.rules.purged).run();
  return { dev: key.deviceId, size, coverage: checkpoints.coverage(), outsideHolds: claims.outsideHolds };
}

/** The key that genesis names; null, with a finding, where there is no genesis to begin with. */
function deviceKeyOf({ ledger, findings }: VerifyContext, firstSeq: number): PublicKey | null {
  if (firstSeq !== 0) {
    findings.add({ code: "entries-missing", seq: 0, detail: `begins with seq ${firstSeq}` });
    return null;
  }
  const [genesis] = ledger.entries().next().value ?? [];
  if (genesis === undefined) return null;
  try {
    return new ChainChecker().check(genesis).after.deviceKey;
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    findings.add(problemOf(error, "entry-fields", 0));
    return null;
  }
}
