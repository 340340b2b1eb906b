import { setImmediate as nextTurn } from "node:timers/promises";
import { AgentError } from "../../../../config/base/errors.ts";
import { type JsonObject, parseBody } from "../../../bytes/canonical.ts";
import { leafHash } from "../../../bytes/digest.ts";
import { ChainChecker } from "../../../proof/chain-checker.ts";
import { EMPTY_ROOT, Frontier } from "../../../proof/merkle.ts";
import { EntryRules } from "../../../proof/rules/entry-rules.ts";
import { isKnownType } from "../../../proof/rules/fields.ts";
import { problemOf } from "../../../proof/verdict.ts";
import type { VerifyContext } from "../context.ts";
import type { EntryRow } from "../read/ledger-file.ts";
import type { RootClaims } from "./root-claims.ts";

const MAX_UNKNOWN_TYPES = 100;
const MAX_BOOTS_LISTED = 1000;

/**
 * All entries once, in order: bytes, chain, signers, leaf column, tree and the rules of each type.
 * After a fault it goes on behind it, so that the report says where the ledger is wrong and where not.
 */
export class EntriesPass {
  readonly #context: VerifyContext;
  readonly #claims: RootClaims;
  readonly #skipBelow: number;
  readonly #chain = new ChainChecker();
  readonly #rules: EntryRules;
  /** Null from the first missing entry on: the roots behind it cannot be known. */
  #frontier: Frontier | null = Frontier.empty();
  #size = 0;

  /** Signatures of entries below `skipBelow` are taken on a receipt's word. */
  constructor(context: VerifyContext, claims: RootClaims, skipBelow: number) {
    this.#context = context;
    this.#claims = claims;
    this.#skipBelow = skipBelow;
    this.#rules = new EntryRules(context.scratch, context.trust.custody);
  }

  get rules(): EntryRules {
    return this.#rules;
  }

  /** Answers the ledger's size: one more than the highest seq. */
  async run(total: number): Promise<number> {
    const { ledger, signatures, findings, progress } = this.#context;
    this.#claims.reach(0, EMPTY_ROOT);
    for (const rows of ledger.entries()) {
      for (const row of rows) this.#check(row);
      await signatures.room();
      await nextTurn();
      progress({ phase: "entries", done: this.#size, total });
    }
    findings.add(...this.#rules.end());
    this.#context.notes.recordings.open = this.#rules.openRecordings;
    this.#claims.end(this.#size);
    await signatures.finish();
    return this.#size;
  }

  #check(row: EntryRow): void {
    const { findings } = this.#context;
    const { seq } = row;
    if (seq !== this.#size) this.#skipHole(row);
    const { leaf, body } = this.#checkChain(row);
    if (!leaf.equals(row.leaf)) {
      findings.add({ code: "leaf-mismatch", seq, detail: "the leaf column is not the hash of the body" });
    }
    this.#frontier?.append(leaf);
    this.#size = seq + 1;
    if (body !== null) this.#checkRules(seq, body);
    if (this.#claims.nextSize <= this.#size) this.#claims.reach(this.#size, this.#frontier?.root() ?? null);
  }

  /** `body` is null where it cannot be read. */
  #checkChain(row: EntryRow): { leaf: Buffer; body: JsonObject | null } {
    const { findings, notes, signatures } = this.#context;
    const { seq } = row;
    try {
      const checked = this.#chain.check(row);
      this.#chain.accept(checked);
      if (seq < this.#skipBelow) {
        notes.signatures.skipped++;
      } else {
        for (const check of checked.signatures()) {
          signatures.add(check, { code: "bad-signature", seq, detail: `of ${check.key.kid}` });
        }
      }
      return checked;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      findings.add(problemOf(error, "entry-fields", seq));
      const leaf = leafHash(row.body);
      this.#chain.resumeAfter(seq, leaf);
      return { leaf, body: readable(row.body) };
    }
  }

  #checkRules(seq: number, body: JsonObject): void {
    const { findings, scratch } = this.#context;
    const problems = this.#rules.check({ seq, body });
    if (problems.length > 0) findings.add(...problems);
    scratch.add(seq, body);
    this.#note(seq, body);
  }

  /** Entries between the last row and this one are gone. */
  #skipHole(row: EntryRow): void {
    const last = row.seq - 1;
    const detail = last === this.#size ? `seq ${last}` : `seq ${this.#size} to ${last}`;
    this.#context.findings.add({ code: "entries-missing", seq: this.#size, detail });
    const prev = readable(row.body)?.prev;
    this.#chain.resumeAfter(last, Buffer.from(typeof prev === "string" ? prev : "", "hex"));
    this.#frontier = null;
  }

  /** What people want to know beside the verdict. */
  #note(seq: number, body: JsonObject): void {
    const { notes } = this.#context;
    const type = body.type as string;
    const utcMs = Number((body.t as JsonObject | undefined)?.utc_ms ?? 0);
    if (notes.utc_ms === null) notes.utc_ms = { first: utcMs, last: utcMs };
    else notes.utc_ms.last = utcMs;
    if (type === "device.boot" && body.clean === false) {
      notes.unclean_boots.count++;
      if (notes.unclean_boots.listed.length < MAX_BOOTS_LISTED)
        notes.unclean_boots.listed.push({ seq, utc_ms: utcMs });
    } else if (!isKnownType(type)) {
      const unknown = notes.unknown_types;
      const isRoom = type in unknown || Object.keys(unknown).length < MAX_UNKNOWN_TYPES;
      if (isRoom) unknown[type] = (unknown[type] ?? 0) + 1;
    }
  }
}

/** The body of a refused entry as far as it can be read at all, or null. */
function readable(bytes: Buffer): JsonObject | null {
  try {
    const body = parseBody(bytes);
    return typeof body.type === "string" ? body : null;
  } catch {
    return null;
  }
}
