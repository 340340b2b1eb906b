import { canonicalText } from "../../../crypto/bytes/canonical.ts";
import { sha256 } from "../../../crypto/bytes/digest.ts";

/** What can be drawn from. */
export type DrawOf = "recordings" | "activities";

/** What a draw is asked to be. */
export interface DrawWish {
  of: DrawOf;
  /** Half open, ms since 1970. */
  fromMs: number;
  toMs: number;
  /** Share of the candidates: `rateN` of `rateD`, rounded up. */
  rateN: number;
  rateD: number;
  atLeast: number | null;
}

/** The draw written out: what its media holds, as canonical JSON, and what its `list` is the SHA-256 of. */
export interface DrawList {
  v: 1;
  of: DrawOf;
  from_seq: number;
  to_seq: number;
  /** In order of seq. */
  candidates: string[];
  /** In order of their scores. */
  sample: string[];
}

const SEED_CONTEXT = "fulltrace/inspection/v1\n";

/** The seed: SHA-256 of a context line, the checkpoint's signed text and its cosignature line with their LF. */
export function seedOf(checkpointText: string, cosignature: string): Buffer {
  return sha256(`${SEED_CONTEXT}${checkpointText}${cosignature}\n`);
}

/** How many of `candidates` are drawn: the share rounded up, at least `atLeast`, at most all. */
export function sampleSize(candidates: number, { rateN, rateD, atLeast }: DrawWish): number {
  const share = Number((BigInt(candidates) * BigInt(rateN) + BigInt(rateD) - 1n) / BigInt(rateD));
  return Math.min(candidates, Math.max(share, atLeast ?? 0));
}

/** Those `count` candidates whose score, SHA-256(seed ‖ id in ASCII), is the smallest, the smallest first. */
export function drawSample(seed: Uint8Array, candidates: readonly string[], count: number): string[] {
  return candidates
    .map((id) => ({ id, score: sha256(Buffer.concat([seed, Buffer.from(id)])) }))
    .sort((a, b) => Buffer.compare(a.score, b.score))
    .slice(0, count)
    .map(({ id }) => id);
}

/** The bytes of a list: canonical JSON. */
export function listBytes(list: DrawList): Buffer {
  return Buffer.from(canonicalText(list));
}
