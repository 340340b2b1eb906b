import { type Range, RangeSet } from "../crypto/bytes/ranges.ts";

/**
 * Which media may go (the plain rule): what a verified receipt covers, once `keepMs` has passed or the
 * disk has fallen below its reserve, oldest first. What no receipt covers is never a candidate.
 */
export interface PurgeRule {
  keepMs: number;
  reserveBytes: number;
}

/** Media still on the disk whose entry a verified receipt covers. */
export interface PurgeCandidate {
  seq: number;
  bytes: number;
  /** Wall time that its entry claims. */
  utcMs: number;
}

export type PurgeReason = "keep-days" | "reserve";

export interface PurgeChoice {
  seqs: readonly Range[];
  reason: PurgeReason;
}

/**
 * Chooses among `candidates`, oldest first; null when nothing may go.
 * Age is asked before space, so that a purge names one reason.
 */
export function choosePurge(
  rule: PurgeRule,
  now: { utcMs: number; freeBytes: number },
  candidates: readonly PurgeCandidate[],
): PurgeChoice | null {
  const aged = candidates.filter(({ utcMs }) => utcMs + rule.keepMs <= now.utcMs);
  if (aged.length > 0) return { seqs: rangesOf(aged), reason: "keep-days" };
  const crowded: PurgeCandidate[] = [];
  let wantedBytes = rule.reserveBytes - now.freeBytes;
  for (const candidate of candidates) {
    if (wantedBytes <= 0) break;
    crowded.push(candidate);
    wantedBytes -= candidate.bytes;
  }
  return crowded.length === 0 ? null : { seqs: rangesOf(crowded), reason: "reserve" };
}

function rangesOf(candidates: readonly PurgeCandidate[]): Range[] {
  const seqs = new RangeSet();
  for (const { seq } of candidates) seqs.add(seq, seq + 1);
  return seqs.toJSON();
}
