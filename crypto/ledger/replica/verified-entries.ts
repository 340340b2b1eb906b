import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { VerifierKey } from "../../keys/vkey.ts";
import { ChainChecker, type CheckedEntry, type RawEntry } from "../../proof/chain-checker.ts";
import type { Problem } from "../../proof/verdict.ts";
import type { LedgerStore, NewEntry } from "../db/store.ts";
import { contradicted, type ForkProofs } from "./fork-proofs.ts";
import type { ReplicaRules } from "./replica-rules.ts";

/** What became of the entries of one message. */
export interface EntriesOutcome {
  /** How many are new, and durable. */
  added: number;
  /** Breaches of ledger-format §5 in them: stored all the same. */
  problems: Problem[];
  /** Why the rest was not taken: `bad-entry`, `fork`, `disk-full` or `ledger-write-failed`. Null: all of it is held. */
  refusal: AgentError | null;
}

/** Takes entries into a replica: chain and every signature are checked before anything is stored. */
export class VerifiedEntries {
  readonly #store: LedgerStore;
  readonly #device: VerifierKey;
  readonly #forks: ForkProofs;
  readonly #rules: ReplicaRules;
  #checker: ChainChecker;

  constructor(store: LedgerStore, device: VerifierKey, forks: ForkProofs, rules: ReplicaRules) {
    this.#store = store;
    this.#device = device;
    this.#forks = forks;
    this.#rules = rules;
    this.#checker = new ChainChecker(store.chainState());
  }

  /**
   * Stores what follows the entries held, in one transaction, up to the first that is refused. Those held
   * already must be the same. Nothing happens when `from` is beyond the end.
   */
  append(from: number, raws: readonly RawEntry[]): EntriesOutcome {
    const outcome: EntriesOutcome = { added: 0, problems: [], refusal: null };
    const { size } = this.#store;
    if (from > size) return outcome;
    const known = raws.slice(0, size - from);
    outcome.refusal = this.#findOther(from, known);
    if (outcome.refusal !== null) return outcome;
    const entries: NewEntry[] = [];
    for (const raw of raws.slice(known.length)) {
      const checked = this.#check(raw);
      if (checked instanceof AgentError) {
        outcome.refusal = checked;
        break;
      }
      this.#checker.accept(checked);
      entries.push({ ...raw, seq: checked.seq, leaf: checked.leaf, parsed: checked.body });
    }
    if (entries.length > 0) this.#add(entries, outcome);
    return outcome;
  }

  #add(entries: readonly NewEntry[], outcome: EntriesOutcome): void {
    try {
      this.#store.add({ entries });
    } catch (error) {
      this.#checker = new ChainChecker(this.#store.chainState());
      outcome.refusal = error as AgentError;
      return;
    }
    outcome.added = entries.length;
    outcome.problems = this.#rules.check(entries);
  }

  /** Refusal of the first entry that is not byte for byte the one held, or null. */
  #findOther(from: number, raws: readonly RawEntry[]): AgentError | null {
    for (const [i, raw] of raws.entries()) {
      const held = this.#store.reader.entry(from + i);
      if (held === null || !held.body.equals(raw.body) || held.sigs !== raw.sigs) {
        return this.#refuse(raw, new AgentError("entry-order", `seq ${from + i}: another one is held`));
      }
    }
    return null;
  }

  #check(raw: RawEntry): CheckedEntry | AgentError {
    try {
      const checked = this.#checker.check(raw);
      if (checked.after.deviceKey.hex !== this.#device.key.hex) {
        throw new AgentError("wrong-device", `seq ${checked.seq}: genesis of another device`);
      }
      const isSigned = checked
        .signatures()
        .every(({ key, message, signature }) => key.verify(message, signature));
      if (!isSigned) throw new AgentError("bad-signature", `seq ${checked.seq}`);
      return checked;
    } catch (cause) {
      return this.#refuse(raw, cause);
    }
  }

  /** A fork needs the device's own signatures on the rival; anything else is only a bad entry. */
  #refuse(raw: RawEntry, cause: unknown): AgentError {
    const held = contradicted(raw, this.#store.reader);
    if (held === null) return new AgentError("bad-entry", describe(cause), { cause });
    this.#forks.keepEntry(held, raw);
    return new AgentError("fork", `seq ${held.seq}`, { cause });
  }
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : errorCode(cause);
}
