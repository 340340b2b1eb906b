import type { Problem, Verdict } from "../../proof/verdict.ts";

/**
 * The answer about one ledger: the object that `fulltrace verify --json` prints. The fields before
 * `notes` are stable; `notes` says what a person may want to know beside the verdict.
 */
export interface VerifyReport {
  verdict: Verdict;
  /** Device id, or null where no genesis could be read. */
  dev: string | null;
  /** Entries held: one more than the highest seq. */
  size: number;
  /**
   * Complete as of `size` entries at `time_ms`, which is when a quorum of trusted witnesses had cosigned
   * (null without one); `witnesses` names all that cosigned it.
   */
  coverage: { size: number; time_ms: number | null; witnesses: string[] };
  /** True unless a checkpoint from outside was given and holds: an older copy looks just the same. */
  latest_unknown: boolean;
  /** In order of seq; those about no entry first. At most 1,000: see `notes.problems_left_out`. */
  problems: Problem[];
  notes: VerifyNotes;
}

export interface VerifyNotes {
  problems_left_out: number;
  /** The device's key as a vkey; trusted if the trust file lists it. */
  device_key: string | null;
  device_trusted: boolean;
  signatures: { checked: number; skipped: number };
  /** The receipt below whose size signatures were taken on its word. */
  trusted_receipt: { receiver: string; size: number; stored_ms: number } | null;
  /** Pinned custody keys that vouch by receipts, with their largest one. */
  receivers: { receiver: string; receipts: number; size: number; stored_ms: number }[];
  /** Keys that the trust file does not list; what they signed counts for nothing. */
  strangers: { witnesses: string[]; custody: string[] };
  checkpoints: { count: number; newest_size: number };
  /** The checkpoint given from outside, with the trusted witnesses whose cosignatures on it hold. */
  note: { size: number; witnesses: string[] } | null;
  /** Boots after a run that did not end with ledger.close: the first thousand, and how many there are. */
  unclean_boots: { count: number; listed: { seq: number; utc_ms: number }[] };
  recordings: { count: number; open: string[] };
  media: { files: number; bytes: number; missing: number; purged: number; unnamed: number };
  /** Entries of types that this version does not know, by type; verified like all others. */
  unknown_types: Record<string, number>;
  /** What the first and the last entry's wall clocks claimed. */
  utc_ms: { first: number; last: number } | null;
}

export function emptyNotes(): VerifyNotes {
  return {
    problems_left_out: 0,
    device_key: null,
    device_trusted: false,
    signatures: { checked: 0, skipped: 0 },
    trusted_receipt: null,
    receivers: [],
    strangers: { witnesses: [], custody: [] },
    checkpoints: { count: 0, newest_size: 0 },
    note: null,
    unclean_boots: { count: 0, listed: [] },
    recordings: { count: 0, open: [] },
    media: { files: 0, bytes: 0, missing: 0, purged: 0, unnamed: 0 },
    unknown_types: {},
    utc_ms: null,
  };
}
