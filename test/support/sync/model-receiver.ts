import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import type { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import type { MediaRow } from "../../../crypto/ledger/db/tables/media.ts";
import type { Action } from "../../../sync/device/exchange/actions.ts";
import type { Have, Nack } from "../../../sync/wire/messages.ts";

/** What a receiver says, before it is put into bytes. Signatures are left out: the machine never sees any. */
export type Reply =
  | { kind: "have"; have: Have }
  | { kind: "nack"; nack: Nack }
  | { kind: "receipt"; size: number; media: RangeSet }
  | { kind: "cosignature"; size: number };

/** sync-protocol's receiver as the page describes it, for one device, without disk or keys. */
export class ModelReceiver {
  size = 0;
  credit = 8 * 1024 * 1024;
  /** Bytes that came though they were held already. */
  repeatedBytes = 0;
  readonly #ledger: LedgerReader;
  readonly #parts = new Map<string, RangeSet>();
  readonly #receipted = new RangeSet();

  constructor(ledger: LedgerReader) {
    this.#ledger = ledger;
  }

  take(action: Action): Reply[] {
    switch (action.kind) {
      case "hello":
        return [
          this.have({ re: action.hello.nonce, done: this.#done(), parts: this.#unfinished() }),
          ...this.receipts(),
        ];
      case "entries": {
        const { from, entries } = action.batch;
        if (from > this.size) return [this.have({})];
        const before = this.size;
        this.size = Math.max(this.size, from + entries.length);
        const done = new RangeSet();
        for (const [start, end] of this.#done()) done.add(Math.max(start, before), Math.max(end, before));
        return [this.have({ done })];
      }
      case "part":
        return this.#takePart(action.part);
      case "checkpoint": {
        const size = Number(action.note.split("\n")[1]);
        return size > this.size ? [this.have({})] : [{ kind: "cosignature", size }];
      }
      case "check-file":
        throw new Error("not a message");
    }
  }

  have(fields: Partial<Have>): Reply {
    const said = {
      receiver: "district.example/custody",
      size: this.size,
      root: this.#ledger.root(this.size),
    };
    return {
      kind: "have",
      have: { ...said, done: new RangeSet(), parts: new Map(), credit: this.credit, ...fields },
    };
  }

  /** One receipt for all that is held, if there is anything. */
  receipts(): Reply[] {
    const media = new RangeSet();
    for (const [from, to] of this.#done()) media.add(from, to);
    return media.size === 0 ? [] : [{ kind: "receipt", size: this.size, media }];
  }

  /** The receipt that is due because media was completed since the last one; null: none. */
  dueReceipt(): Reply | null {
    const media = this.#done();
    const isNew = this.#rows().some(({ seq }) => media.has(seq) && !this.#receipted.has(seq));
    if (!isNew) return null;
    for (const [from, to] of media) this.#receipted.add(from, to);
    return { kind: "receipt", size: this.size, media };
  }

  /** True if every byte that the ledger names is here. */
  holdsEverything(): boolean {
    return this.size === this.#ledger.size() && this.#rows().every((row) => this.#isWhole(row));
  }

  seqsOf(digest: string): number[] {
    return this.#ledger.media.naming(digest).map(({ seq }) => seq);
  }

  /** Loses a file, as after a wrong digest. */
  drop(digest: string): void {
    this.#parts.delete(digest);
  }

  #takePart({ digest, offset, bytes }: { digest: string; offset: number; bytes: number }): Reply[] {
    const row = this.#rows().find((candidate) => candidate.digest === digest);
    const about = `media/${digest}/${offset}`;
    if (row === undefined || offset + bytes > row.bytes) {
      return [{ kind: "nack", nack: { code: "unannounced", about } }];
    }
    const held = this.#parts.get(digest) ?? new RangeSet();
    this.repeatedBytes += bytes - held.missing(offset, offset + bytes).size;
    held.add(offset, offset + bytes);
    this.#parts.set(digest, held);
    if (!this.#isWhole(row)) return [this.have({ parts: new Map([[digest, RangeSet.of(held)]]) })];
    const named = this.#ledger.media.naming(digest).filter(({ seq }) => seq < this.size);
    return [this.have({ done: RangeSet.of(named.map(({ seq }) => [seq, seq + 1] as const)) })];
  }

  #rows(): MediaRow[] {
    return this.#ledger.media.within(0, this.size, "oldest", -1);
  }

  #isWhole({ digest, bytes }: MediaRow): boolean {
    return this.#parts.get(digest)?.covers(0, bytes) === true;
  }

  #done(): RangeSet {
    const done = RangeSet.of(this.size === 0 ? [] : [[0, this.size]]);
    const missing = new RangeSet();
    for (const row of this.#rows()) if (!this.#isWhole(row)) missing.add(row.seq, row.seq + 1);
    return missing.size === 0 ? done : missing.missing(0, this.size);
  }

  #unfinished(): Map<string, RangeSet> {
    const unfinished = this.#rows().filter((row) => !this.#isWhole(row) && this.#parts.has(row.digest));
    return new Map(unfinished.map(({ digest }) => [digest, RangeSet.of(this.#parts.get(digest) ?? [])]));
  }
}
