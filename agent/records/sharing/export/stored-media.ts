import { readFileSync } from "node:fs";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { sha256 } from "../../../../crypto/bytes/digest.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import type { MediaRow } from "../../../../crypto/ledger/db/tables/media.ts";
import type { MediaStore } from "../../../../crypto/media/store.ts";

/** A media file that an entry names, with all that a copy needs to know. */
export interface NamedMedia {
  seq: number;
  digest: string;
  sealed: boolean;
}

/**
 * The stored bytes, if they are those that were signed. Throws `evidence-sealed`, `evidence-missing` or
 * `evidence-damaged` with the entry's seq.
 */
export function storedBytes(store: MediaStore, { seq, digest, sealed }: NamedMedia): Buffer {
  const place = `entry ${seq}, ${digest}`;
  if (sealed) throw new AgentError("evidence-sealed", place);
  let content: Buffer;
  try {
    content = readFileSync(store.path(digest));
  } catch (cause) {
    throw new AgentError(errorCode(cause) === "ENOENT" ? "evidence-missing" : "evidence-damaged", place, {
      cause,
    });
  }
  if (sha256(content).toString("hex") !== digest) throw new AgentError("evidence-damaged", place);
  return content;
}

/** Chunks of a recording in their order. Throws `evidence-missing` where a number is left out. */
export function chunksOf(reader: LedgerReader, rec: string): NamedMedia[] {
  const chunks = reader.media
    .of(rec)
    .filter(({ type }) => type === "recording.chunk")
    .map((row) => ({ ...named(reader, row), n: reader.body(row.seq).n as number }))
    .sort((a, b) => a.n - b.n);
  const hole = chunks.findIndex(({ n }, at) => n !== at);
  if (hole >= 0) throw new AgentError("evidence-missing", `${rec}: chunk ${hole}`);
  return chunks;
}

/** Photos that were taken while it was recorded. */
export function photosOf(reader: LedgerReader, rec: string): (NamedMedia & { mime: string })[] {
  return reader.media
    .of(rec)
    .filter(({ type }) => type === "recording.photo")
    .map((row) => ({ ...named(reader, row), mime: reader.body(row.seq).mime as string }));
}

function named(reader: LedgerReader, { seq, digest }: MediaRow): NamedMedia {
  return { seq, digest, sealed: reader.body(seq).sealed === true };
}
