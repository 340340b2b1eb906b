import type { Clock } from "../../../config/base/clock.ts";
import { errorCode } from "../../../config/base/errors.ts";
import { sha256 } from "../../bytes/digest.ts";
import { type Range, RangeSet } from "../../bytes/ranges.ts";
import type { SigningKey } from "../../keys/ed25519.ts";
import { PLAIN_NOTE, type VerifierKey, verifierKey } from "../../keys/vkey.ts";
import { MAX_RECEIPT_RANGES, type OpenedReceipt, openReceipt, signReceipt } from "../../proof/receipt.ts";
import type { LedgerStore } from "../db/store.ts";
import type { Holdings } from "./holdings.ts";

const RECEIPT_INTERVAL_MS = 10_000;
/** Receipts that are sent when a device asks again. */
const MAX_STANDING = 16;

export interface ReceiptParts {
  store: LedgerStore;
  dev: string;
  /** Name of the custody key. */
  name: string;
  key: SigningKey;
  clock: Clock;
}

/**
 * Signs and keeps receipts (ledger-format §7). Each covers all that is held, as long as that fits;
 * where it does not, the newest ones together do.
 */
export class ReceiptBook {
  readonly #parts: ReceiptParts;
  readonly #vkey: VerifierKey;
  /** Newest first; together they cover all that is receipted. */
  #standing: OpenedReceipt[] = [];
  #earliestNextUs: number;

  constructor(parts: ReceiptParts) {
    this.#parts = parts;
    this.#vkey = verifierKey(parts.name, PLAIN_NOTE, parts.key.publicKey);
    for (const envelope of parts.store.reader.receipts.all()) {
      const receipt = openOwn(envelope, this.#vkey);
      if (receipt === null) continue;
      this.#standing.push(receipt);
      if (coversAll(receipt) || this.#standing.length === MAX_STANDING) break;
    }
    const { clock } = parts;
    const lastMs = this.#standing[0]?.storedMs ?? Number.NEGATIVE_INFINITY;
    const waitMs = Math.min(Math.max(lastMs + RECEIPT_INTERVAL_MS - clock.utcMs(), 0), RECEIPT_INTERVAL_MS);
    this.#earliestNextUs = clock.monoUs() + waitMs * 1000;
  }

  /** Seqs whose media is receipted. */
  get covered(): RangeSet {
    const covered = new RangeSet();
    for (const { media } of this.#standing) for (const [from, to] of media) covered.add(from, to);
    return covered;
  }

  /** Envelopes that together cover all receipted media, oldest first. */
  get standing(): string[] {
    return this.#standing.map(({ envelope }) => envelope).reverse();
  }

  /** When the next receipt may be signed, on the monotonic clock. */
  get earliestNextUs(): number {
    return this.#earliestNextUs;
  }

  /** Signs and stores a receipt for what is newly held. Null: there is nothing new, or it is too early. */
  issue(holdings: Holdings): string | null {
    const { store, dev, name, key, clock } = this.#parts;
    const nowUs = clock.monoUs();
    if (holdings.fresh.count === 0 || nowUs < this.#earliestNextUs) return null;
    const media = choose(holdings);
    const receipt = {
      dev,
      size: store.size,
      root: store.root(),
      media,
      storedMs: clock.utcMs(),
      receiver: name,
    };
    const envelope = signReceipt(receipt, key);
    const digest = sha256(envelope);
    store.add({ entries: [], receipts: [{ digest, envelope }] });
    holdings.fresh = without(holdings.fresh, media);
    const opened = { ...receipt, digest, envelope };
    this.#standing = coversAll(opened) ? [opened] : [opened, ...this.#standing].slice(0, MAX_STANDING);
    this.#earliestNextUs = nowUs + RECEIPT_INTERVAL_MS * 1000;
    return envelope;
  }
}

/** With room left for more ranges, nothing held was left out. */
function coversAll({ media }: OpenedReceipt): boolean {
  return media.count < MAX_RECEIPT_RANGES;
}

/** All that is held, or the ranges with new media first and as many others as a receipt takes. */
function choose({ held, fresh }: Holdings): RangeSet {
  if (held.count < MAX_RECEIPT_RANGES) return RangeSet.of(held);
  const hasNew = ([from, to]: Range) => fresh.missing(from, to).size < to - from;
  const ranges = [...held];
  const byNeed = [...ranges.filter(hasNew), ...ranges.filter((range) => !hasNew(range))];
  return RangeSet.of(byNeed.slice(0, MAX_RECEIPT_RANGES));
}

function without(set: RangeSet, taken: RangeSet): RangeSet {
  const rest = new RangeSet();
  for (const [from, to] of set) for (const [start, end] of taken.missing(from, to)) rest.add(start, end);
  return rest;
}

function openOwn(envelope: string, vkey: VerifierKey): OpenedReceipt | null {
  try {
    return openReceipt(envelope, [vkey]);
  } catch (error) {
    // signed by a custody key that was replaced: what it covered is looked at and receipted anew
    if (errorCode(error) === "unknown-custody-key") return null;
    throw error;
  }
}
