import type { Cause, Claim, CoverageFacts, RunFacts, SignedGap } from "./gap-types.ts";

/** A recording begins with its earliest track; the pictures that chunks are timed by may come so much later. */
const MAX_LEAD_US = 1_000_000;
/** Between the last picture and the signed stop: one chunk, and this to make it durable. */
const STOP_MS = 3_000;

/** A recording's own ends, in its media time. */
interface Extent {
  /** End of the last chunk. */
  coveredUs: number;
  /** Where it was over, or where nothing more is known of it. */
  endUs: number;
}

/** A stretch of media time. */
interface Stretch {
  fromUs: number;
  toUs: number;
  state: Claim["state"];
  cause: Cause;
}

/** What the entries of one recording say of the time that it took. Stretches do not overlap. */
export function recordingClaims(dev: string, chunkMs: number, run: RunFacts, facts: CoverageFacts): Claim[] {
  const { rec, startSeq, gaps, covered } = facts;
  const { coveredUs, endUs } = extentOf(chunkMs, run, facts);
  const cause = { dev, seq: startSeq, type: "recording.start", rec } as const;
  const within = covered.flatMap(({ fromUs, toUs }) => {
    const startUs = fromUs <= MAX_LEAD_US ? 0 : fromUs;
    const buttonUs = Math.min(Math.max(startUs, facts.preEventUs), toUs);
    return [
      { fromUs: startUs, toUs: buttonUs, state: "pre-event", cause: { code: "pre-event", ...cause } },
      { fromUs: buttonUs, toUs, state: "recorded", cause: { code: "covered", ...cause } },
    ] satisfies Stretch[];
  });
  const muted = gaps
    .filter(({ reason }) => reason === "muted")
    .flatMap((gap) => within.map((stretch) => overlapOf(gapStretch(dev, rec, gap), stretch)));
  const lost = gaps.filter(({ reason }) => reason !== "muted").map((gap) => gapStretch(dev, rec, gap));
  const layers = [...holes(dev, facts, coveredUs), ...tail(dev, run, facts, { coveredUs, endUs })];
  const stretches = [within, muted, lost].reduce<Stretch[]>((under, over) => overlay(under, over), layers);
  return stretches.map((stretch) => placed(run, facts, stretch));
}

/** From its first picture to where it was over; later than that its recorder was not recording. */
export function recordingSpan(chunkMs: number, run: RunFacts, facts: CoverageFacts) {
  const { endUs } = extentOf(chunkMs, run, facts);
  const { fromMs, toMs } = placed(run, facts, {
    fromUs: 0,
    toUs: endUs,
    state: "off",
    cause: { code: "idle" },
  });
  return { fromMs, toMs };
}

function extentOf(chunkMs: number, run: RunFacts, { covered, stop, zeroMonoUs }: CoverageFacts): Extent {
  const coveredUs = covered.at(-1)?.toUs ?? 0;
  const knownUs = Math.max(coveredUs, (stop?.monoUs ?? run.lastMonoUs) - zeroMonoUs);
  // what a stop says to have ended had ended by its last picture, if that was just before
  const isTimely = stop !== null && stop.monoUs !== null && knownUs - coveredUs <= (chunkMs + STOP_MS) * 1000;
  return { coveredUs, endUs: isTimely ? coveredUs : knownUs };
}

/** Up to its last chunk: what the chunks do not cover. */
function holes(dev: string, { rec, covered }: CoverageFacts, coveredUs: number): Stretch[] {
  let endUs = 0;
  const found: Stretch[] = [];
  for (const { fromUs, toUs, nextSeq } of covered) {
    const cause = { code: "no-chunk", dev, seq: nextSeq, type: "recording.chunk", rec } as const;
    if (fromUs > endUs) found.push({ fromUs: endUs, toUs: fromUs, state: "lost", cause });
    endUs = Math.max(endUs, toUs);
  }
  return found.filter(({ fromUs }) => fromUs < coveredUs);
}

/** From the last chunk to where it was over: nothing was stored of it. */
function tail(dev: string, run: RunFacts, facts: CoverageFacts, { coveredUs, endUs }: Extent): Stretch[] {
  if (endUs <= coveredUs) return [];
  const { rec, startSeq, stop } = facts;
  const stretch = { fromUs: coveredUs, toUs: endUs };
  if (stop !== null && stop.monoUs !== null)
    return [
      {
        ...stretch,
        state: "lost",
        cause: { code: "no-chunk", dev, seq: stop.seq, type: "recording.stop", rec },
      },
    ];
  if (run.end.how === "crash")
    return [
      {
        ...stretch,
        state: "lost",
        cause: { code: "crash-recording", dev, seq: run.end.after, type: "device.boot", rec },
      },
    ];
  return [
    {
      ...stretch,
      state: "unknown",
      cause: { code: "not-signed-yet", dev, seq: startSeq, type: "recording.start", rec },
    },
  ];
}

function gapStretch(dev: string, rec: string, { seq, reason, fromUs, toUs }: SignedGap): Stretch {
  const state = reason === "muted" ? "muted" : reason === "disk-full" ? "full" : "lost";
  return { fromUs, toUs, state, cause: { code: "gap", dev, seq, type: "device.gap", rec, reason } };
}

function overlapOf(gap: Stretch, { fromUs, toUs }: Stretch): Stretch {
  return { ...gap, fromUs: Math.max(gap.fromUs, fromUs), toUs: Math.min(gap.toUs, toUs) };
}

/** `over` hides what lies under it. */
function overlay(under: readonly Stretch[], over: readonly Stretch[]): Stretch[] {
  let left = [...under];
  for (const top of over) {
    if (top.fromUs >= top.toUs) continue;
    left = left.flatMap((stretch) =>
      stretch.toUs <= top.fromUs || stretch.fromUs >= top.toUs ? [stretch] : around(stretch, top),
    );
    left.push(top);
  }
  return left;
}

function around(stretch: Stretch, { fromUs, toUs }: Stretch): Stretch[] {
  return [
    { ...stretch, toUs: fromUs },
    { ...stretch, fromUs: toUs },
  ].filter((rest) => rest.fromUs < rest.toUs);
}

/** Media time by the run's monotonic clock, and that by the one entry that places the run. */
function placed(
  run: RunFacts,
  { zeroMonoUs }: CoverageFacts,
  { fromUs, toUs, state, cause }: Stretch,
): Claim {
  const ms = (us: number) => Math.floor(run.zeroMs + (zeroMonoUs + us) / 1000);
  return { fromMs: ms(fromUs), toMs: ms(toUs), state, cause };
}
