import type { Step } from "./period.ts";

/** What of activities opened in the period there is to say; the seven states add up to `opened`. */
export interface ActivityFigures {
  opened: number;
  /** Closed, and nothing was missing. */
  closed_complete: number;
  /** Closed although something was missing, with a signed reason. */
  closed_incomplete: number;
  /** Closed, and no template says what it needed. */
  closed_unjudged: number;
  open_complete: number;
  open_incomplete: number;
  open_unjudged: number;
}

export interface UploadFigures {
  /** Of recordings that began in the period. */
  chunks: number;
  /** Of these, covered by a receipt. */
  receipted: number;
  /** From a chunk's entry to the receipt; absent where none is receipted. */
  median_ms?: number;
  p95_ms?: number;
}

export interface CauseFigures {
  cause: string;
  count: number;
  ms: number;
}

/** Spot checks of periods that ended in this one; the last three add up to `drawn`. */
export interface InspectionFigures {
  draws: number;
  drawn: number;
  in_order: number;
  defects: number;
  open: number;
}

/** Figures of one slice: of everything, a unit, an officer, a kind, a day. */
export interface Figures {
  recordings: number;
  live: number;
  imported: number;
  /** Without a stop. */
  unfinished: number;
  /** Of live recordings; what lies in gaps without a picture is left out. */
  recorded_ms: number;
  bytes: number;
  activities: ActivityFigures;
  upload: UploadFigures;
  gaps: CauseFigures[];
  /** Absent where a slice has none of its own: these belong to ledgers, not to officers or kinds. */
  purges?: { count: number; files: number; bytes: number };
  wipes?: { count: number; bytes: number };
  inspections?: InspectionFigures;
}

export interface Slice {
  /** Absent: what belongs to none. */
  id?: string;
  /** As the configuration calls it. */
  name?: string;
  figures: Figures;
}

/** Which state of which ledger the figures stand on. */
export interface LedgerState {
  dev: string;
  size: number;
  /** Hex root of the first `size` entries. */
  root: string;
  /** Size of the newest checkpoint that a witness cosigned; absent: none of the last ones is. */
  cosigned_size?: number;
  /** What the clock of its last entry claimed. */
  last_utc_ms: number;
  unit?: string;
}

export interface DelayStep {
  from_ms: number;
  to_ms: number;
  chunks: number;
}

/** The whole report: what `--json` prints. */
export interface Report {
  period: { from: string; to: string; days: number };
  previous: { from: string; to: string };
  time_zone: string;
  /** What it is limited to. */
  only: { unit?: string; officer?: string; kind?: string };
  total: Figures;
  total_before: Figures;
  units: Slice[];
  officers: Slice[];
  kinds: Slice[];
  over_time: { step: Step; slots: { from: string; to: string; figures: Figures }[] };
  delays: DelayStep[];
  ledgers: LedgerState[];
}
