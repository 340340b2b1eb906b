import { AgentError } from "../../../config/base/errors.ts";
import type { RangeSet } from "../../bytes/ranges.ts";
import { deviceVkey, type VerifierKey } from "../../keys/vkey.ts";
import type { MediaStore } from "../../media/store.ts";
import { isLineOf, openCheckpoint, parseSignatureLine, verifyCosignature } from "../../proof/note.ts";
import { type OpenedReceipt, openReceipt } from "../../proof/receipt.ts";
import type { LedgerStore } from "../db/store.ts";
import type { MediaRow } from "../db/tables/media.ts";
import { coveredSeqs } from "../pinned-receipts.ts";
import type { Appender } from "./appender.ts";

/** `new`: covers media that none before covered, and an entry names it now. */
export type ReceiptOutcome = "new" | "nothing-new" | "known";

export interface PurgeRequest {
  seqs: RangeSet;
  reason: string;
  policy: string;
  /** Hex digest of the receipt that covers every media entry in `seqs`. */
  receipt: string;
}

export interface Purged {
  seq: number;
  files: number;
  bytes: number;
}

const BATCH = 512;

/**
 * What others vouch for: receipts of pinned custody keys, cosignatures of pinned witnesses, and the
 * purges that receipts allow (ledger-format §6, §7).
 */
export class Custody {
  readonly #store: LedgerStore;
  readonly #appender: Appender;
  readonly #media: MediaStore;
  readonly #custodyKeys: readonly VerifierKey[];
  readonly #witnesses: readonly VerifierKey[];

  constructor(
    store: LedgerStore,
    appender: Appender,
    media: MediaStore,
    pinned: { custody: readonly VerifierKey[]; witnesses: readonly VerifierKey[] },
  ) {
    this.#store = store;
    this.#appender = appender;
    this.#media = media;
    this.#custodyKeys = pinned.custody;
    this.#witnesses = pinned.witnesses;
  }

  /**
   * Stores a receipt that verifies against this very ledger.
   * Throws `bad-receipt`, `unknown-custody-key`, or `receipt-mismatch` (other device, size or root).
   */
  addReceipt(envelope: string): ReceiptOutcome {
    const receipt = openReceipt(envelope, this.#custodyKeys);
    this.#requireOurs(receipt);
    const digest = receipt.digest.toString("hex");
    if (this.#store.reader.receipts.namedAt(digest) !== null) return "known";
    if (!this.#coversNewMedia(receipt)) return "nothing-new";
    // stored first: the entry that names a receipt must never point at nothing
    this.#store.add({ entries: [], receipts: [receipt] });
    this.#appender.append({
      type: "custody.receipt",
      receipt: digest,
      receiver: receipt.receiver,
      size: receipt.size,
    });
    return "new";
  }

  /** Adds the lines that verify to the stored note, one per pinned witness, the first kept. Answers how many. */
  addCosignatures(size: number, lines: readonly string[]): number {
    const row = this.#store.reader.checkpoint(size);
    if (row === null) throw new AgentError("unknown-checkpoint", `size ${size}`);
    const note = openCheckpoint(row.note, deviceVkey(this.#appender.deviceKey.publicKey));
    const present = [...note.lines];
    for (const text of lines) {
      const line = parseSignatureLine(text);
      const witness = this.#witnesses.find((vkey) => isLineOf(line, vkey));
      if (witness === undefined) throw new AgentError("unknown-witness", `${line.name}, size ${size}`);
      if (verifyCosignature(note.text, line, witness) === null) {
        throw new AgentError("bad-cosignature", `${line.name}, size ${size}`);
      }
      if (!present.some((other) => isLineOf(other, witness))) present.push(line);
    }
    const added = present.length - note.lines.length;
    if (added > 0) {
      this.#store.replaceNote(size, `${note.text}\n${present.map(({ text }) => `${text}\n`).join("")}`);
    }
    return added;
  }

  /** Signs the purge, then removes the files whose every naming entry is purged. Throws `purge-refused`. */
  purge(request: PurgeRequest): Purged {
    const rows = this.#requirePurgeable(request);
    const { reason, policy, receipt } = request;
    const seqs = request.seqs.toJSON().map(([from, to]): [number, number] => [from, to]);
    const seq = this.#appender.append({ type: "custody.purge", seqs, reason, policy, receipt });
    const purged: Purged = { seq, files: 0, bytes: 0 };
    for (const digest of new Set(rows.map((row) => row.digest))) {
      const bytes = this.#media.bytes(digest);
      if (bytes === null || !this.#store.reader.media.naming(digest).every((row) => row.purged)) continue;
      this.#media.remove(digest);
      purged.files++;
      purged.bytes += bytes;
    }
    return purged;
  }

  #requireOurs(receipt: OpenedReceipt): void {
    const { reader, size } = this.#store;
    const isOurs =
      receipt.dev === this.#appender.deviceKey.publicKey.deviceId &&
      receipt.size <= size &&
      receipt.root.equals(reader.root(receipt.size));
    if (!isOurs)
      throw new AgentError("receipt-mismatch", `${receipt.dev} at size ${receipt.size} of ${size}`);
  }

  #coversNewMedia(receipt: OpenedReceipt): boolean {
    const covered = coveredSeqs(this.#store.reader, this.#custodyKeys);
    for (const [from, to] of receipt.media) {
      for (const [start, end] of covered.missing(from, to)) {
        if (this.#store.reader.media.within(start, end, "oldest", 1).length > 0) return true;
      }
    }
    return false;
  }

  #requirePurgeable({ seqs, receipt }: PurgeRequest): MediaRow[] {
    const { reader, size } = this.#store;
    const envelope = reader.receipts.envelope(receipt);
    const namedAt = reader.receipts.namedAt(receipt);
    if (envelope === null || namedAt === null) throw new AgentError("purge-refused", `no receipt ${receipt}`);
    const opened = openReceipt(envelope, this.#custodyKeys);
    this.#requireOurs(opened);
    const rows: MediaRow[] = [];
    for (const [from, to] of seqs) {
      if (to > size) throw new AgentError("purge-refused", `seq ${to - 1} is not written yet`);
      for (let at = from; at < to; ) {
        const batch = reader.media.within(at, to, "oldest", BATCH);
        rows.push(...batch);
        at = batch.length < BATCH ? to : (batch.at(-1) as MediaRow).seq + 1;
      }
    }
    const uncovered = rows.find(({ seq }) => !opened.media.has(seq));
    if (uncovered !== undefined)
      throw new AgentError("purge-refused", `seq ${uncovered.seq} is not receipted`);
    if (rows.length === 0) throw new AgentError("purge-refused", "no media in these seqs");
    return rows;
  }
}
