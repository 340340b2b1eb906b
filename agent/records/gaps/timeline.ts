import { type Claim, GAP_STATES, type GapInterval, type GapState, type Span } from "./gap-types.ts";

const RANK = new Map<GapState, number>(GAP_STATES.map((state, at) => [state, at]));

/**
 * Divides a span among what sources claim of it. Of claims on the same moment the state that comes first in
 * `GAP_STATES` counts; among equals one that an entry explains before one that is flagged, then the claim given
 * first. Where nobody claims anything, `rest` does. The intervals follow one another and sum to the span.
 */
export function divide(
  span: Span,
  claims: readonly Claim[],
  rest: Pick<Claim, "state" | "cause">,
): GapInterval[] {
  const within = claims.flatMap((claim, order) => {
    const fromMs = Math.max(span.fromMs, claim.fromMs);
    const toMs = Math.min(span.toMs, claim.toMs);
    return fromMs < toMs ? [{ ...claim, fromMs, toMs, order }] : [];
  });
  const moments = [...within.flatMap(({ fromMs, toMs }) => [fromMs, toMs]), span.fromMs, span.toMs];
  const edges = [...new Set(moments)].sort((a, b) => a - b);
  const starting = [...within].sort((a, b) => a.fromMs - b.fromMs);
  const intervals: GapInterval[] = [];
  let live: typeof within = [];
  let next = 0;
  for (const [at, fromMs] of edges.slice(0, -1).entries()) {
    live = live.filter(({ toMs }) => toMs > fromMs);
    for (; starting[next]?.fromMs === fromMs; next++) live.push(starting[next] as (typeof within)[number]);
    const [first = rest] = live.length > 1 ? [...live].sort(byRank) : live;
    append(intervals, { ...pick(first), fromMs, toMs: edges[at + 1] as number });
  }
  return intervals;
}

type Ranked = Claim & { order: number };

function byRank(a: Ranked, b: Ranked): number {
  const byState = (RANK.get(a.state) as number) - (RANK.get(b.state) as number);
  return byState || Number(isFlagged(a)) - Number(isFlagged(b)) || a.order - b.order;
}

function isFlagged({ cause }: Pick<Claim, "cause">): boolean {
  return cause.code === "no-chunk";
}

function pick(claim: Pick<Claim, "state" | "cause">): Omit<GapInterval, "fromMs" | "toMs"> {
  return { state: claim.state, cause: claim.cause, flagged: isFlagged(claim) };
}

/** Adjoining stretches of one state by one cause are one. */
function append(intervals: GapInterval[], added: GapInterval): void {
  const last = intervals.at(-1);
  const isSame = last?.state === added.state && JSON.stringify(last.cause) === JSON.stringify(added.cause);
  if (last !== undefined && isSame) last.toMs = added.toMs;
  else intervals.push(added);
}

/** How long each state was, ms. */
export function totalsOf(intervals: readonly GapInterval[]): Record<GapState, number> {
  const totals = Object.fromEntries(GAP_STATES.map((state) => [state, 0])) as Record<GapState, number>;
  for (const { state, fromMs, toMs } of intervals) totals[state] += toMs - fromMs;
  return totals;
}
