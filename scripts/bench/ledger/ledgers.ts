import { join } from "node:path";
import { say } from "../measure/say.ts";
import { LedgerMaker } from "./make-ledger.ts";

/** Ledgers of given sizes, made when first asked for and shared by all measurements of one run. */
export class Ledgers {
  readonly #root: string;
  readonly #made = new Map<number, LedgerMaker>();

  constructor(root: string) {
    this.#root = root;
  }

  /** A ledger that had `entries` entries when it was made; measurements may have appended to it since. */
  at(entries: number): LedgerMaker {
    const known = this.#made.get(entries);
    if (known !== undefined) return known;
    say(`making a ledger of ${entries} entries`);
    const maker = LedgerMaker.begin(join(this.#root, `ledger-${entries}`));
    maker.growTo(entries);
    this.#made.set(entries, maker);
    return maker;
  }
}
