import type { ClockSource } from "../../../crypto/entry/envelope.ts";
import type { GapReason } from "../../../crypto/entry/ledger-types.ts";

/** What a stretch of time was, the strongest first: where coverage overlaps, the first of these counts. */
export const GAP_STATES = ["recorded", "pre-event", "muted", "unknown", "full", "lost", "off"] as const;
export type GapState = (typeof GAP_STATES)[number];

/** The more a wall clock that was set so is believed, the later it stands. */
export const CLOCK_TRUST: readonly ClockSource[] = ["none", "rtc", "dock", "ntp", "gnss"];

/** Why a stretch is what it is. */
export type CauseCode =
  /** Chunks cover it; `seq` is the recording's start. */
  | "covered"
  /** Chunks cover it, from before the button; `seq` is the recording's start. */
  | "pre-event"
  /** A `device.gap` says so, with its reason. */
  | "gap"
  /** Inside a recording, and neither a chunk covers it nor a gap says why; `seq` is what came next. */
  | "no-chunk"
  /** The recording is still open and its next chunk not signed yet. */
  | "not-signed-yet"
  /** The recorder was on, and not recording since the recording that `seq` stops. */
  | "stopped"
  /** The recorder was on, and did not record since it was started. */
  | "idle"
  /** The recorder had been shut down in order. */
  | "closed"
  /** The run before ended without `ledger.close`; `seq` is the boot that says so. */
  | "crash"
  /** The run before ended without `ledger.close`, and a recording was open. */
  | "crash-recording"
  /** The recorder recorded for another wearer. */
  | "other-wearer"
  /** The recording names no wearer. */
  | "wearer-unstated"
  /** The recording is not linked to the activity. */
  | "not-linked"
  /** A run lies here in order of entries, and its clock says another time. */
  | "clock-unknown"
  /** Before the first entry, or after the last one that is at hand. */
  | "ledger-begins"
  | "ledger-ends"
  /** No ledger at hand belongs to it. */
  | "no-ledger";

/** The entry that says why; without `seq` nothing signed says anything. */
export interface Cause {
  code: CauseCode;
  /** Device whose ledger it is in. */
  dev?: string;
  seq?: number;
  /** Type of that entry. */
  type?: string;
  rec?: string;
  /** Of a gap or a stop, as the entry has it. */
  reason?: string;
}

/** What one source says of `[fromMs, toMs)`: wall time as the chain's clocks place it. */
export interface Claim {
  fromMs: number;
  toMs: number;
  state: GapState;
  cause: Cause;
}

/** A stretch of the asked span; the intervals of an account follow one another without hole or overlap. */
export interface GapInterval extends Claim {
  /** Something is wrong beyond the gap itself: nothing signed explains it. */
  flagged: boolean;
}

/** Half-open, ms since 1970. */
export interface Span {
  fromMs: number;
  toMs: number;
}

/** One run of a recorder's program, from its first entry to the next run's: a `t.boot`. */
export interface RunFacts {
  boot: string;
  firstSeq: number;
  /** Its last entry, or the last one at hand. */
  lastSeq: number;
  lastMonoUs: number;
  /** Wall time of the run's monotonic 0, by the entry whose clock is trusted most. */
  zeroMs: number;
  clock: RunClock;
  /** How the run ended; `after` is the `device.boot` that follows. */
  end:
    | { how: "closed"; seq: number }
    | { how: "crash"; after: number; wasRecording: boolean }
    /** No later run at hand. */
    | { how: "open" };
  /** Stretches without evidence that are signed outside a recording. */
  gaps: SignedGap[];
}

export interface RunClock {
  /** Entry that places the run in wall time. */
  seq: number;
  src: ClockSource;
  uncMs: number | null;
  /** How far apart the entries' wall clocks put the run's beginning. */
  spreadMs: number;
}

/** Monotonic µs of the run outside a recording, media µs inside one. */
export interface SignedGap {
  seq: number;
  reason: GapReason;
  fromUs: number;
  toUs: number;
}

/** One live recording by its entries. Media times in µs, from its first picture on. */
export interface CoverageFacts {
  rec: string;
  startSeq: number;
  wearer: string | null;
  /** Run that it was made in. */
  boot: string;
  /** The run's monotonic time of the recording's media time 0: the start less the pre-event time. */
  zeroMonoUs: number;
  preEventUs: number;
  /** What chunks cover, in order; adjoining chunks are one. */
  covered: { fromUs: number; toUs: number; nextSeq: number }[];
  gaps: SignedGap[];
  /** Null: it has none at hand. A stop that was written after a restart has no monotonic time of this run. */
  stop: { seq: number; reason: string; monoUs: number | null } | null;
  /** By how much a chunk claims to end after it was signed, at most. */
  aheadUs: number;
}

/** One ledger, as far as the asked span goes. */
export interface DeviceFacts {
  dev: string;
  /** Length of a chunk, as its genesis has it. */
  chunkMs: number;
  /** All of them, in order. */
  runs: RunFacts[];
  recordings: CoverageFacts[];
}

/** What the account is of: footage of a wearer, or what is linked to an activity. */
export type Subject = { wearer: string } | { activity: string; recordings: ReadonlySet<string> };

export type GapFlag =
  /** Inside a recording no chunk covers a stretch and no entry says why. */
  | { code: "no-chunk"; dev: string; rec: string; ms: number }
  /** A chunk claims time that had not passed when it was signed. */
  | { code: "media-ahead"; dev: string; rec: string; ms: number }
  /** The wall clock was set while the program ran; its monotonic clock was followed. */
  | { code: "clock-set"; dev: string; seq: number; ms: number }
  /** A run's wall clock contradicts the order of entries, or was never set: what it recorded has no place in time. */
  | { code: "clock-unknown"; dev: string; seq: number };

export interface GapAccount extends Span {
  /** In order; together exactly the span. */
  intervals: GapInterval[];
  /** ms of each state; together exactly the span. */
  totals: Record<GapState, number>;
  flags: GapFlag[];
}
