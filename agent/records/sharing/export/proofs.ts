import { AgentError } from "../../../../config/base/errors.ts";
import { sha256 } from "../../../../crypto/bytes/digest.ts";
import { RangeSet } from "../../../../crypto/bytes/ranges.ts";
import { deviceVkey } from "../../../../crypto/keys/vkey.ts";
import type { CheckpointRow, LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { openCheckpoint } from "../../../../crypto/proof/note.ts";
import { tlogProof } from "../../../../crypto/proof/tlog-proof.ts";
import type { ExportFolder } from "./export-folder.ts";

/**
 * Writes each entry as it was signed, with its proof, the checkpoint of all of them, and the receipts that
 * cover their media. Throws `entry-unwitnessed`, and `bad-note` or `proof-contradicted` where the ledger
 * at hand is not the one that was cosigned.
 */
export function writeProofs(
  folder: ExportFolder,
  reader: LedgerReader,
  seqs: readonly number[],
): { size: number; witnesses: string[] } {
  const { size, note } = cosignedAbove(reader, seqs.at(-1) ?? 0);
  const { lines } = openCheckpoint(note, deviceVkey(reader.deviceKey));
  folder.add("ledger/checkpoint", note);
  for (const seq of seqs) {
    const entry = reader.entry(seq);
    if (entry === null) throw new AgentError("entry-missing", `seq ${seq}`);
    folder.add(`ledger/${seq}.json`, entry.body);
    folder.add(`ledger/${seq}.tlog-proof`, tlogProof(seq, entry.leaf, note, reader.node));
  }
  for (const envelope of receiptsFor(reader, seqs))
    folder.add(`receipts/${sha256(envelope).toString("hex")}.json`, envelope);
  return { size, witnesses: lines.slice(1).map(({ name }) => name) };
}

function cosignedAbove(reader: LedgerReader, seq: number): CheckpointRow {
  const newest = reader.newestCosigned();
  if (newest !== null && newest.size > seq) return newest;
  throw new AgentError("entry-unwitnessed", `entry ${seq}, cosigned below ${newest?.size ?? 0}`);
}

/** The fewest of the stored receipts, newest first, that cover the media of these entries as far as any does. */
function receiptsFor(reader: LedgerReader, seqs: readonly number[]): string[] {
  let open = seqs.filter((seq) => reader.media.at(seq) !== null);
  const found: string[] = [];
  for (const envelope of reader.receipts.all()) {
    if (open.length === 0) break;
    const covered = mediaOf(envelope);
    const left = open.filter((seq) => !covered.has(seq));
    if (left.length < open.length) found.push(envelope);
    open = left;
  }
  return found;
}

function mediaOf(envelope: string): RangeSet {
  const { payload } = JSON.parse(envelope) as { payload: string };
  const { media } = JSON.parse(Buffer.from(payload, "base64").toString()) as { media: unknown };
  return RangeSet.parse(media, 1024);
}
