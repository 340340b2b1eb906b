import { AgentError, errorCode } from "../../../config/base/errors.ts";
import { parseNote } from "../../proof/note.ts";
import { receiptClaims } from "../../proof/receipt.ts";
import { tlogProof } from "../../proof/tlog-proof.ts";
import type { CheckpointRow, LedgerReader } from "../db/reader.ts";

/** Receipts looked through after an entry: the first or second nearly always covers it. */
const RECEIPTS_READ = 1_000;

export interface FoundProof {
  /** The proof's file, with the entry in it. */
  text: string;
  /** Entries below the checkpoint. */
  size: number;
  /** Names on the cosignature lines, none of them verified. */
  witnesses: string[];
  /** Name of the receiver that signed the receipt; null without one. */
  receiver: string | null;
}

/**
 * Everything that proves one entry: its path to the newest cosigned checkpoint, or to the newest of all
 * where none is cosigned. Throws `entry-missing`, or `not-proven-yet` before the first checkpoint above it, or `proof-contradicted`.
 */
export function proveEntry(reader: LedgerReader, seq: number): FoundProof {
  const entry = reader.entry(seq);
  if (entry === null) throw new AgentError("entry-missing", `seq ${seq}`);
  const covering = coveringCheckpoint(reader, seq);
  if (covering === null) throw new AgentError("not-proven-yet", `seq ${seq}`);
  const { size, note } = covering;
  const receipt = coveringReceipt(reader, seq);
  const { leaf, body, sigs } = entry;
  return {
    text: tlogProof(seq, leaf, note, reader.node, { body, sigs, receipt: receipt?.envelope ?? null }),
    size,
    witnesses: parseNote(note)
      .lines.slice(1)
      .map(({ name }) => name),
    receiver: receipt?.receiver ?? null,
  };
}

/** The best checkpoint whose tree holds the entry; null: there is none yet. */
export function coveringCheckpoint(reader: LedgerReader, seq: number): CheckpointRow | null {
  const cosigned = reader.newestCosigned();
  if (cosigned !== null && cosigned.size > seq) return cosigned;
  const newest = reader.newestCheckpoint();
  return newest !== null && newest.size > seq ? newest : null;
}

/** The first receipt named after the entry that covers it, its signature not checked; null: none does. */
export function coveringReceipt(
  reader: LedgerReader,
  seq: number,
): { envelope: string; receiver: string } | null {
  const hasMedia = reader.media.at(seq) !== null;
  for (const envelope of reader.index.receiptsNamedAfter(seq, RECEIPTS_READ)) {
    const claims = claimsOf(envelope);
    if (claims === null || claims.size <= seq || (hasMedia && !claims.media.has(seq))) continue;
    return { envelope, receiver: claims.receiver };
  }
  return null;
}

function claimsOf(envelope: string): ReturnType<typeof receiptClaims> | null {
  try {
    return receiptClaims(envelope);
  } catch (error) {
    if (errorCode(error) === "bad-receipt") return null;
    throw error;
  }
}
