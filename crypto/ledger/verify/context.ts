import type { Trust } from "../../proof/trust.ts";
import type { Findings } from "../../proof/verdict.ts";
import type { LedgerFile } from "./read/ledger-file.ts";
import type { Scratch } from "./read/scratch.ts";
import type { VerifyNotes } from "./report.ts";
import type { HashThreads } from "./work/hash-threads.ts";
import type { SignatureQueue } from "./work/signature-queue.ts";

/** How far a verification has come; `total` is what is known so far. */
export interface VerifyProgress {
  phase: "entries" | "media";
  done: number;
  total: number;
}

/** What all passes over one ledger share. */
export interface VerifyContext {
  dataDir: string;
  trust: Trust;
  trustReceipts: boolean;
  allowPurged: boolean;
  ledger: LedgerFile;
  scratch: Scratch;
  signatures: SignatureQueue;
  hashing: HashThreads;
  findings: Findings;
  notes: VerifyNotes;
  /** Tells how far it has come, and throws when the caller gave up. */
  progress(progress: VerifyProgress): void;
}

const MAX_NAMES = 100;

/** Adds a name to a list that is shown to people, once and not without end. */
export function remember(names: string[], name: string): void {
  if (names.length < MAX_NAMES && !names.includes(name)) names.push(name);
}
