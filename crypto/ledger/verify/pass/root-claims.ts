import type { Note } from "../../../proof/note.ts";
import type { VerifyContext } from "../context.ts";
import type { ReceiptClaim } from "../read/scratch.ts";
import type { Checkpoints } from "./checkpoints.ts";

type Claim =
  | { kind: "checkpoint"; size: number; note: string }
  | { kind: "receipt"; size: number; root: Buffer; digest: Buffer }
  | { kind: "outside"; size: number };

/**
 * Everything that says what the root was at some size: stored checkpoints, receipts of pinned keys and
 * the note from outside, in order of size, compared as the tree grows past them.
 */
export class RootClaims {
  readonly #context: VerifyContext;
  readonly #checkpoints: Checkpoints;
  readonly #claims: Iterator<Claim, undefined>;
  #next: Claim | undefined;
  #outsideHolds = false;

  constructor(context: VerifyContext, checkpoints: Checkpoints, outside: Note | null) {
    this.#context = context;
    this.#checkpoints = checkpoints;
    const stored = map(context.ledger.checkpoints(), (row): Claim => ({ kind: "checkpoint", ...row }));
    const receipts = map(
      context.scratch.receiptClaims(),
      (row: ReceiptClaim): Claim => ({ kind: "receipt", ...row }),
    );
    const given: Claim[] = outside === null ? [] : [{ kind: "outside", size: outside.size }];
    this.#claims = inOrder(inOrder(stored, receipts), given.values());
    this.#next = this.#claims.next().value;
  }

  /** Size of the next claim; infinite when there is none. */
  get nextSize(): number {
    return this.#next?.size ?? Number.POSITIVE_INFINITY;
  }

  /** True if the note from outside was compared and holds. */
  get outsideHolds(): boolean {
    return this.#outsideHolds;
  }

  /** The tree has `size` leaves; `root` is null where entries are missing. */
  reach(size: number, root: Buffer | null): void {
    for (; this.#next !== undefined && this.#next.size <= size; this.#next = this.#claims.next().value) {
      this.#check(this.#next, this.#next.size === size ? root : null, size);
    }
  }

  /** The ledger ends at `ledgerSize`: whoever vouched for more proves that entries are missing. */
  end(ledgerSize: number): void {
    for (; this.#next !== undefined; this.#next = this.#claims.next().value) {
      this.#check(this.#next, null, ledgerSize);
    }
  }

  #check(claim: Claim, root: Buffer | null, sizeNow: number): void {
    const { findings } = this.#context;
    const isBeyond = claim.size > sizeNow;
    switch (claim.kind) {
      case "checkpoint":
        if (isBeyond) this.#checkpoints.checkBeyond(claim.size, claim.note, sizeNow);
        else this.#checkpoints.checkStored(claim.size, claim.note, root);
        return;
      case "outside":
        this.#outsideHolds = this.#checkpoints.checkOutside(root, sizeNow);
        return;
      case "receipt":
        if (isBeyond) {
          const detail = `a receiver vouched for ${claim.size} entries, ${sizeNow} are here`;
          findings.add({ code: "entries-missing", seq: sizeNow, detail });
        } else if (root !== null && !root.equals(claim.root)) {
          const detail = `receipt ${claim.digest.toString("hex")} at size ${claim.size}: the entries have another root`;
          findings.add({ code: "receipt-root", detail });
        }
        return;
    }
  }
}

function* map<A, B>(items: Iterable<A>, change: (item: A) => B): Generator<B, undefined> {
  for (const item of items) yield change(item);
  return undefined;
}

/** Merges two sequences that are each in order of size. */
function* inOrder(a: Iterator<Claim>, b: Iterator<Claim>): Generator<Claim, undefined> {
  let left = a.next();
  let right = b.next();
  while (!left.done || !right.done) {
    if (right.done || (!left.done && left.value.size <= right.value.size)) {
      yield left.value as Claim;
      left = a.next();
    } else {
      yield right.value;
      right = b.next();
    }
  }
  return undefined;
}
