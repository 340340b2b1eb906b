import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { canonicalText, type Json } from "../../../crypto/bytes/canonical.ts";
import type { EvidenceWriter } from "../../../crypto/entry/writer.ts";
import type { CardBook, CardFile } from "../card/card-book.ts";

/** A card of many files must not hold up the other bays. */
const TOLD_AT_ONCE = 100;

interface About {
  bay: string;
  serial: string;
  book: CardBook;
  /** What the disk calls itself that the recorder came back as; null: it did not. */
  disk: string | null;
}

/** The signed lists of a docking's files: one for each time that they have changed. */
export class Inventory {
  #signed: { content: string; digest: string } | null = null;

  /** Digest of the stored list of the card's files, as they stand now. */
  async sign(about: About, writer: EvidenceWriter): Promise<string> {
    const pieces = await inventoryPieces(about);
    const content = contentOf(pieces);
    if (this.#signed?.content === content) return this.#signed.digest;
    const { bay, serial, disk } = about;
    const cameAs = disk === null ? {} : { disk };
    const entry = { type: "dock.inventory", bay, serial, mime: "application/json", ...cameAs } as const;
    const { digest } = await writer.appendMedia(entry, pieces);
    this.#signed = { content, digest };
    return digest;
  }
}

/** Every file of the card and what became of it, as canonical JSON in pieces: the media of `dock.inventory`. */
export async function inventoryPieces({ bay, serial, book }: Omit<About, "disk">): Promise<Buffer[]> {
  const files = await listPieces([...book.files()], told);
  const skipped = await listPieces([...book.skipped], (item) => item);
  // RFC 8785: members in the order of their names
  return [
    Buffer.from(`{"bay":${canonicalText(bay)},"files":`),
    ...files,
    Buffer.from(`,"serial":${canonicalText(serial)},"skipped":`),
    ...skipped,
    Buffer.from(`,"v":1}`),
  ];
}

async function listPieces<Item>(items: readonly Item[], tell: (item: Item) => Json): Promise<Buffer[]> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < items.length; at += TOLD_AT_ONCE) {
    if (at > 0) await setImmediate();
    const some = items.slice(at, at + TOLD_AT_ONCE).map(tell);
    pieces.push(Buffer.from(`${at === 0 ? "" : ","}${canonicalText(some).slice(1, -1)}`));
  }
  return [Buffer.from("["), ...pieces, Buffer.from("]")];
}

function contentOf(pieces: readonly Buffer[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

function told({ file, fate }: CardFile) {
  const claims = {
    path: file.path,
    bytes: file.bytes,
    ...(file.modifiedMs === undefined ? {} : { modified_ms: file.modifiedMs }),
  };
  switch (fate.kind) {
    case "pending":
      return { ...claims, state: "unfinished" };
    case "failed":
      return { ...claims, state: "failed", reason: fate.reason };
    case "imported":
    case "gone":
      return { ...claims, state: fate.kind, rec: fate.rec, file_digest: fate.fileDigest, fresh: fate.fresh };
    case "wiped":
      return {
        ...claims,
        state: "wiped",
        rec: fate.rec,
        file_digest: fate.fileDigest,
        fresh: fate.fresh,
        receipt: fate.receipt,
      };
  }
}
