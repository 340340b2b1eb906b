import type { JsonObject } from "../../bytes/canonical.ts";
import { type Range, RangeSet } from "../../bytes/ranges.ts";
import type { CustodyPurge, CustodyReceipt } from "../../entry/custody-types.ts";
import type { DockWipe } from "../../entry/dock-types.ts";
import type { Boot, MediaGap } from "../../entry/ledger-types.ts";
import type { RecordingStart, RecordingStop } from "../../entry/recording-types.ts";
import type { VerifierKey } from "../../keys/vkey.ts";
import type { Problem } from "../verdict.ts";
import { type CustodyRecords, checkPurge, checkReceiptEntry, checkWipe } from "./custody-rules.ts";
import { faultyField, mediaNamed } from "./fields.ts";
import { OpenRecording } from "./open-recording.ts";

/** What the rules ask about the ledger below the entry at hand; whoever runs them keeps it where it may grow. */
export interface Records extends CustodyRecords {
  /** True if a `recording.start` so far named this recording. */
  hasRecording(rec: string): boolean;
}

/** An entry whose bytes, chain and signers have been checked. */
export interface RuledEntry {
  seq: number;
  body: JsonObject;
}

const NONE: readonly Problem[] = [];
/** A body has 16 KiB: from here on a boot need not name every recording left open. */
const MAX_NAMED = 100;

/**
 * Ledger-format §5 and §7, entry by entry in order of seq: what each type must say, and whether it agrees
 * with what was said before. A breach never breaks the chain: it is reported, and the check goes on.
 *
 * It remembers only the recordings that are open. Fed from genesis it judges everything; fed from a later
 * entry it leaves out what it cannot know. Start at the start of the oldest open recording and its
 * recordings are judged in full.
 */
export class EntryRules {
  readonly #records: Records;
  readonly #custody: readonly VerifierKey[];
  readonly #open = new Map<string, OpenRecording>();
  readonly #purged = new RangeSet();
  /** True once genesis was seen: only then is it known what is open. */
  #sawGenesis = false;
  /** True if the last run ended with ledger.close. */
  #isClosed = false;

  constructor(records: Records, custody: readonly VerifierKey[]) {
    this.#records = records;
    this.#custody = custody;
  }

  /** Seqs that valid purges name. */
  get purged(): RangeSet {
    return this.#purged;
  }

  /** Ids of the recordings that have no stop yet. */
  get openRecordings(): string[] {
    return [...this.#open.keys()];
  }

  check(entry: RuledEntry): readonly Problem[] {
    const { seq, body } = entry;
    const type = body.type as string;
    const fault = faultyField(type, body);
    if (fault !== null) return [{ code: "entry-fields", seq, detail: `${type}: ${fault}` }];
    if (mediaNamed(body) === "malformed") {
      return [{ code: "media-fields", seq, detail: `${type}: digest or bytes` }];
    }
    return this.#checkType(type, entry);
  }

  /** No entry follows: what was left open. */
  end(): Problem[] {
    return [...this.#open].flatMap(([rec, recording]) => recording.end(rec));
  }

  #checkType(type: string, { seq, body }: RuledEntry): readonly Problem[] {
    switch (type) {
      case "ledger.genesis":
        this.#sawGenesis = true;
        return NONE;
      case "ledger.close":
        this.#isClosed = true;
        return NONE;
      case "device.boot":
        return this.#boot(seq, body as unknown as Boot);
      case "recording.start":
        return this.#start(seq, body as unknown as RecordingStart);
      case "recording.chunk":
        return this.#openRecording(body)?.chunk(seq, body) ?? this.#notOpen(seq, type, body);
      case "recording.stop":
        return this.#stop(seq, body);
      case "device.gap":
        return this.#gap(seq, body);
      case "recording.marker":
      case "recording.photo":
        return this.#mustBeKnown(seq, type, body);
      case "custody.receipt":
        return checkReceiptEntry(seq, body as unknown as CustodyReceipt, this.#records, this.#custody);
      case "custody.purge":
        return this.#purge(seq, body);
      case "dock.wipe": {
        const wipe = body as unknown as DockWipe;
        return checkWipe(seq, body.dev as string, wipe, this.#records, this.#custody);
      }
    }
    return NONE;
  }

  #boot(seq: number, { clean, open }: Boot): readonly Problem[] {
    const wasClosed = this.#isClosed;
    this.#isClosed = false;
    // a first run has no run before it to speak of
    if (!this.#sawGenesis || seq === 2) return NONE;
    const problems: Problem[] = [];
    if (clean !== wasClosed) {
      const before = wasClosed ? "ended with ledger.close" : "did not end with ledger.close";
      problems.push({ code: "boot-claims", seq, detail: `clean is ${clean}, but the run before ${before}` });
    }
    const isComplete = new Set(open).size === this.#open.size || open.length >= MAX_NAMED;
    if (!isComplete || !open.every((rec) => this.#open.has(rec))) {
      problems.push({ code: "boot-claims", seq, detail: "open does not list the recordings left open" });
    }
    return problems;
  }

  #start(seq: number, start: RecordingStart): readonly Problem[] {
    const wasKnown = this.#isKnown(start.rec);
    if (!this.#open.has(start.rec)) this.#open.set(start.rec, new OpenRecording(seq, start));
    if (!wasKnown) return NONE;
    return [{ code: "recording-twice", seq, detail: `recording ${start.rec} was started before` }];
  }

  #stop(seq: number, body: JsonObject): readonly Problem[] {
    const stop = body as unknown as RecordingStop;
    const recording = this.#open.get(stop.rec);
    if (recording === undefined) return this.#notOpen(seq, stop.type, body);
    this.#open.delete(stop.rec);
    return recording.stop(seq, stop);
  }

  #gap(seq: number, body: JsonObject): readonly Problem[] {
    if (body.rec === undefined) return NONE;
    const gap = body as unknown as MediaGap;
    if (gap.to_us < gap.from_us)
      return [{ code: "entry-fields", seq, detail: "device.gap: to_us before from_us" }];
    this.#open.get(gap.rec)?.gap(gap);
    return this.#mustBeKnown(seq, gap.type, body);
  }

  #purge(seq: number, body: JsonObject): readonly Problem[] {
    const purge = body as unknown as CustodyPurge;
    const problems = checkPurge(seq, body.dev as string, purge, this.#records, this.#custody);
    if (problems.length === 0) {
      for (const [from, to] of purge.seqs as Range[]) this.#purged.add(from, to);
    }
    return problems;
  }

  #openRecording({ rec }: JsonObject): OpenRecording | undefined {
    return this.#open.get(rec as string);
  }

  #isKnown(rec: string): boolean {
    return this.#open.has(rec) || this.#records.hasRecording(rec);
  }

  /** A chunk or stop of a recording that is over, or that never began. */
  #notOpen(seq: number, type: string, { rec }: JsonObject): Problem[] {
    return this.#isKnown(rec as string)
      ? [{ code: "recording-closed", seq, detail: `${type} after the stop of ${rec}` }]
      : [{ code: "recording-unknown", seq, detail: `${type} of ${rec}, which was never started` }];
  }

  #mustBeKnown(seq: number, type: string, { rec }: JsonObject): readonly Problem[] {
    if (rec === undefined || this.#isKnown(rec as string)) return NONE;
    return [{ code: "recording-unknown", seq, detail: `${type} of ${rec}, which was never started` }];
  }
}
