import { CLOCK_TRUST, type Claim, type CoverageFacts, type GapFlag, type RunFacts } from "./gap-types.ts";
import { recordingSpan } from "./recording-claims.ts";

/** Before this program: a clock that says so was never set. 2020-01-01. */
const EARLIEST_MS = 1_577_836_800_000;
/** Two clocks that are this close do not contradict each other. */
const CLOCKS_AGREE_MS = 60_000;

/** Runs whose place in wall time agrees with the order of entries; of two that disagree the better clock counts, then the earlier run. */
export function placeableRuns(runs: readonly RunFacts[]): ReadonlySet<string> {
  const placed: RunFacts[] = [];
  for (const run of runs) {
    if (run.zeroMs < EARLIEST_MS) continue;
    let last = placed.at(-1);
    while (last !== undefined && contradicts(last, run) && trust(run) > trust(last)) {
      placed.pop();
      last = placed.at(-1);
    }
    if (last === undefined || !contradicts(last, run)) placed.push(run);
  }
  return new Set(placed.map(({ boot }) => boot));
}

function contradicts(earlier: RunFacts, later: RunFacts): boolean {
  return later.zeroMs < endOf(earlier) - CLOCKS_AGREE_MS;
}

function trust({ clock }: RunFacts): number {
  return CLOCK_TRUST.indexOf(clock.src);
}

function endOf({ zeroMs, lastMonoUs }: RunFacts): number {
  return zeroMs + Math.floor(lastMonoUs / 1000);
}

/** What a recorder's runs say of its time, beside its recordings: on and idle, off, broken, or unknown. */
export function runClaims(
  dev: string,
  chunkMs: number,
  runs: readonly RunFacts[],
  recordings: readonly CoverageFacts[],
): Claim[] {
  const placeable = placeableRuns(runs);
  const claims: Claim[] = [];
  const [first] = runs;
  let before: RunFacts | null = null;
  let misplaced: RunFacts | null = null;
  for (const run of runs) {
    if (!placeable.has(run.boot)) {
      misplaced ??= run;
      continue;
    }
    if (misplaced !== null) claims.push(unplaced(dev, misplaced, before, run.zeroMs));
    else if (before !== null) claims.push(between(dev, before, run.zeroMs));
    else if (first?.firstSeq === 0) claims.push(unknownUntil(dev, run));
    const own = recordings.filter(({ boot }) => boot === run.boot);
    claims.push(...lossClaims(dev, run), ...idleClaims(dev, chunkMs, run, own));
    before = run;
    misplaced = null;
  }
  if (misplaced !== null) claims.push(unplaced(dev, misplaced, before, Number.POSITIVE_INFINITY));
  else if (before !== null) claims.push(ledgerEnds(dev, before));
  return claims;
}

/** What is odd about the clocks of these runs. */
export function clockFlags(dev: string, runs: readonly RunFacts[]): GapFlag[] {
  const placeable = placeableRuns(runs);
  return runs.flatMap(({ boot, firstSeq, lastMonoUs, clock }): GapFlag[] => {
    if (!placeable.has(boot)) return [{ code: "clock-unknown", dev, seq: firstSeq }];
    // a free-running oscillator strays by less than 100 ppm
    const isSet = clock.spreadMs > 2_000 + lastMonoUs / 1e7;
    return isSet ? [{ code: "clock-set", dev, seq: clock.seq, ms: Math.round(clock.spreadMs) }] : [];
  });
}

/** On, and not recording: since its start, then since each recording's end. */
function idleClaims(
  dev: string,
  chunkMs: number,
  run: RunFacts,
  recordings: readonly CoverageFacts[],
): Claim[] {
  const booted = run.firstSeq === 0 ? "ledger.genesis" : "device.boot";
  const seq = run.firstSeq === 0 ? 0 : run.firstSeq + 1;
  const causes = recordings
    .flatMap(({ rec, stop, ...facts }) =>
      stop === null || stop.monoUs === null
        ? []
        : [
            {
              fromMs: recordingSpan(chunkMs, run, { rec, stop, ...facts }).toMs,
              cause: {
                code: "stopped",
                dev,
                seq: stop.seq,
                type: "recording.stop",
                rec,
                reason: stop.reason,
              } as const,
            },
          ],
    )
    .sort((a, b) => a.fromMs - b.fromMs);
  const starts = [
    { fromMs: run.zeroMs, cause: { code: "idle", dev, seq, type: booted } as const },
    ...causes,
  ];
  return starts.map(({ fromMs, cause }, at) => ({
    fromMs,
    toMs: starts[at + 1]?.fromMs ?? endOf(run),
    state: "off",
    cause,
  }));
}

/** What was lost while no recording could be made. */
function lossClaims(dev: string, { zeroMs, gaps }: RunFacts): Claim[] {
  return gaps.map(({ seq, reason, fromUs, toUs }) => ({
    fromMs: zeroMs + Math.floor(fromUs / 1000),
    toMs: zeroMs + Math.floor(toUs / 1000),
    state: reason === "disk-full" ? "full" : "lost",
    cause: { code: "gap", dev, seq, type: "device.gap", reason },
  }));
}

/** From one run's last entry to the next one's first. */
function between(dev: string, run: RunFacts, toMs: number): Claim {
  const { end } = run;
  const fromMs = endOf(run);
  switch (end.how) {
    case "closed":
      return {
        fromMs,
        toMs,
        state: "off",
        cause: { code: "closed", dev, seq: end.seq, type: "ledger.close" },
      };
    case "crash": {
      const code = end.wasRecording ? "crash-recording" : "crash";
      return { fromMs, toMs, state: "lost", cause: { code, dev, seq: end.after, type: "device.boot" } };
    }
    case "open":
      return ledgerEnds(dev, run);
  }
}

function unplaced(dev: string, misplaced: RunFacts, before: RunFacts | null, toMs: number): Claim {
  const fromMs = before === null ? Number.NEGATIVE_INFINITY : endOf(before);
  return {
    fromMs,
    toMs,
    state: "unknown",
    cause: {
      code: "clock-unknown",
      dev,
      seq: misplaced.firstSeq,
      type: misplaced.firstSeq === 0 ? "ledger.genesis" : "ledger.epoch",
    },
  };
}

function unknownUntil(dev: string, { zeroMs }: RunFacts): Claim {
  return {
    fromMs: Number.NEGATIVE_INFINITY,
    toMs: zeroMs,
    state: "unknown",
    cause: { code: "ledger-begins", dev, seq: 0, type: "ledger.genesis" },
  };
}

function ledgerEnds(dev: string, run: RunFacts): Claim {
  return {
    fromMs: endOf(run),
    toMs: Number.POSITIVE_INFINITY,
    state: "unknown",
    cause: { code: "ledger-ends", dev, seq: run.lastSeq },
  };
}
