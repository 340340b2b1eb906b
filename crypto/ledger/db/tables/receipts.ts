import type { Db } from "../schema.ts";

/** Receipts as they came, and the entries that name them. */
export class ReceiptIndex {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#statements = prepare(db);
  }

  /** A receipt's envelope by its digest (hex). */
  envelope(digest: string): string | null {
    return (this.#statements.envelope.get(Buffer.from(digest, "hex")) as string | undefined) ?? null;
  }

  /** Seq of the custody.receipt entry that names the receipt (hex digest), if there is one. */
  namedAt(digest: string): number | null {
    return (this.#statements.namedAt.get(Buffer.from(digest, "hex")) as number | undefined) ?? null;
  }

  /** Envelopes of all stored receipts, the last stored first. */
  *all(): Generator<string> {
    for (const row of this.#statements.all.iterate()) yield row as string;
  }

  /** Seq of the newest custody.receipt entry; -1: there is none. */
  newestNamed(): number {
    return this.#statements.newestNamed.get() as number;
  }

  /** Envelopes of the receipts that custody.receipt entries name, newest first. */
  *named(): Generator<string> {
    for (const row of this.#statements.named.iterate()) yield row as string;
  }
}

function prepare(db: Db) {
  return {
    envelope: db.prepare("SELECT envelope FROM receipts WHERE digest = ?").pluck(),
    all: db.prepare("SELECT envelope FROM receipts ORDER BY rowid DESC").pluck(),
    namedAt: db.prepare("SELECT seq FROM named_receipts WHERE digest = ?").pluck(),
    newestNamed: db.prepare("SELECT coalesce(max(seq), -1) FROM named_receipts").pluck(),
    named: db
      .prepare(
        "SELECT envelope FROM named_receipts n JOIN receipts r ON r.digest = n.digest ORDER BY n.seq DESC",
      )
      .pluck(),
  };
}
