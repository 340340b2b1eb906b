import type { EntryEnvelope } from "../../../../crypto/entry/envelope.ts";
import type { Boot, Gap } from "../../../../crypto/entry/ledger-types.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { CLOCK_TRUST, type RunClock, type RunFacts, type SignedGap } from "../gap-types.ts";

/** Of one run's epochs so many are asked for their clock: from its beginning, and from its end. */
const CLOCKS_EACH_SIDE = 8;

type Timed = { type: string } & EntryEnvelope;

/** Every run of the ledger, oldest first, without its gaps: some twenty entries are read of each. */
export function readRuns(reader: LedgerReader): RunFacts[] {
  const size = reader.size();
  const starts: { boot: string; firstSeq: number; epochs: number[] }[] = [];
  for (const { seq, boot } of reader.epochs()) {
    const last = starts.at(-1);
    if (last?.boot === boot) last.epochs.push(seq);
    // genesis stands before the first epoch and shares its run
    else starts.push({ boot, firstSeq: starts.length === 0 ? 0 : seq, epochs: [seq] });
  }
  return starts.map(({ boot, firstSeq, epochs }, at) => {
    const next = starts[at + 1]?.firstSeq ?? null;
    const lastSeq = (next ?? size) - 1;
    const last = reader.body(lastSeq) as unknown as Timed;
    const clocks = new Set([
      ...epochs.slice(0, CLOCKS_EACH_SIDE),
      ...epochs.slice(-CLOCKS_EACH_SIDE),
      lastSeq,
    ]);
    return {
      boot,
      firstSeq,
      lastSeq,
      lastMonoUs: last.t.mono_us,
      ...placeOf([...clocks].map((seq) => ({ ...(reader.body(seq) as unknown as Timed), seq }))),
      end: endOf(reader, last, lastSeq, next),
      gaps: [],
    };
  });
}

/** The gaps outside recordings that were signed in this run. */
export function readOutages(reader: LedgerReader, { firstSeq, lastSeq }: RunFacts): SignedGap[] {
  const seqs = [...reader.index.seqsUp("device.gap", { from: firstSeq, to: lastSeq + 1 })];
  return seqs.flatMap((seq) => {
    const gap = reader.body(seq) as unknown as Gap;
    if ("rec" in gap) return [];
    return [{ seq, reason: gap.reason, fromUs: gap.mono_from_us, toUs: gap.mono_to_us }];
  });
}

/** First seq of a run that was signed at this moment of its monotonic clock, or later; after its last: none was. */
export function seqAt(reader: LedgerReader, { firstSeq, lastSeq }: RunFacts, monoUs: number): number {
  let low = firstSeq;
  let high = lastSeq + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((reader.body(middle) as unknown as Timed).t.mono_us < monoUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The most trusted clock places the run; among equals the one that claims to be surest, then the first. */
function placeOf(entries: readonly Timed[]): { zeroMs: number; clock: RunClock } {
  const zeros = entries.map(({ t }) => t.utc_ms - t.mono_us / 1000);
  const uncertainty = ({ t }: Timed) => t.unc_ms ?? Number.POSITIVE_INFINITY;
  const best = entries.reduce((found, entry) => {
    const gain = CLOCK_TRUST.indexOf(entry.t.src) - CLOCK_TRUST.indexOf(found.t.src);
    return gain > 0 || (gain === 0 && uncertainty(entry) < uncertainty(found)) ? entry : found;
  });
  return {
    zeroMs: best.t.utc_ms - best.t.mono_us / 1000,
    clock: {
      seq: best.seq,
      src: best.t.src,
      uncMs: best.t.unc_ms ?? null,
      spreadMs: Math.max(...zeros) - Math.min(...zeros),
    },
  };
}

function endOf(reader: LedgerReader, last: Timed, lastSeq: number, next: number | null): RunFacts["end"] {
  if (next === null) return { how: "open" };
  if (last.type === "ledger.close") return { how: "closed", seq: lastSeq };
  const boot = reader.body(next + 1) as unknown as Boot;
  return { how: "crash", after: next + 1, wasRecording: (boot.open?.length ?? 0) > 0 };
}
