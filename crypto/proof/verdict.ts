import { errorCode } from "../../config/base/errors.ts";

/** What a verifier says about a ledger (ledger-format §10), best first. */
export const VERDICTS = [
  "authentic",
  "authentic-unwitnessed-tail",
  "incomplete",
  "altered",
  "unreadable",
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Every kind of finding that spoils a verdict, and what it makes of it. */
const CONSEQUENCES = {
  // the file
  "ledger-missing": "unreadable",
  "not-a-ledger": "unreadable",
  "ledger-empty": "unreadable",
  "database-damaged": "unreadable",
  // §1–§4: bytes, chain, keys
  "not-canonical": "altered",
  "body-too-large": "altered",
  "entry-fields": "altered",
  "entry-order": "altered",
  "entries-missing": "altered",
  "chain-broken": "altered",
  "leaf-mismatch": "altered",
  "wrong-device": "altered",
  "unknown-device": "altered",
  "boot-order": "altered",
  "time-backwards": "altered",
  "epoch-order": "altered",
  "epoch-key-reused": "altered",
  "bad-public-key": "altered",
  "wrong-signers": "altered",
  "bad-signature": "altered",
  // §5: what the entries say
  "media-fields": "altered",
  "media-disagreement": "altered",
  "recording-twice": "altered",
  "recording-unknown": "altered",
  "recording-closed": "altered",
  "chunk-order": "altered",
  "chunk-init": "altered",
  "chunk-times": "altered",
  "chunk-jump": "altered",
  "chunk-overlap": "altered",
  "chunk-offset": "altered",
  "frames-lost-unsaid": "altered",
  "stop-sums": "altered",
  "file-digest": "altered",
  "boot-claims": "altered",
  "recording-open": "incomplete",
  // §6, §7: what others vouch for
  "bad-checkpoint": "altered",
  "checkpoint-root": "altered",
  "bad-cosignature": "altered",
  "bad-note": "altered",
  "bad-receipt": "altered",
  "receipt-root": "altered",
  "receipt-mismatch": "altered",
  "purge-range": "altered",
  "purge-unreceipted": "altered",
  "wipe-unproven": "altered",
  "receipt-missing": "incomplete",
  // §8: the media
  "media-altered": "altered",
  "media-missing": "incomplete",
  "media-purged": "incomplete",
  "media-unreadable": "incomplete",
} as const satisfies Record<string, Exclude<Verdict, "authentic" | "authentic-unwitnessed-tail">>;

export type ProblemCode = keyof typeof CONSEQUENCES;

/** One finding. `seq` is the entry that it is about, absent when it is about none. */
export interface Problem {
  code: ProblemCode;
  seq?: number;
  detail: string;
}

/** All codes and what each makes of a verdict, for those who explain them to people. */
export function consequences(): [code: ProblemCode, verdict: Verdict][] {
  return Object.entries(CONSEQUENCES) as [ProblemCode, Verdict][];
}

/** The worse of two verdicts. */
export function worse(a: Verdict, b: Verdict): Verdict {
  return VERDICTS.indexOf(a) > VERDICTS.indexOf(b) ? a : b;
}

/** A thrown value as a finding: by its own code where that is one of ours, else by `otherwise`. */
export function problemOf(error: unknown, otherwise: ProblemCode, seq?: number): Problem {
  const code = errorCode(error);
  return {
    code: Object.hasOwn(CONSEQUENCES, code) ? (code as ProblemCode) : otherwise,
    ...(seq === undefined ? {} : { seq }),
    detail: error instanceof Error ? error.message : String(error),
  };
}

const MAX_LISTED = 1000;

/** Findings in the order they were made: the first thousand in full, the others counted. */
export class Findings {
  readonly listed: Problem[] = [];
  #unlisted = 0;
  #worst: Verdict = "authentic";

  add(...problems: readonly Problem[]): void {
    for (const problem of problems) {
      this.#worst = worse(this.#worst, CONSEQUENCES[problem.code]);
      if (this.listed.length < MAX_LISTED) this.listed.push(problem);
      else this.#unlisted++;
    }
  }

  get unlisted(): number {
    return this.#unlisted;
  }

  /** `authentic` while nothing was found. */
  get worst(): Verdict {
    return this.#worst;
  }
}
