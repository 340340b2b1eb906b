import { canonicalText, type JsonObject, parseCanonicalText } from "../bytes/canonical.ts";
import { isDigestHex } from "../bytes/digest.ts";
import type { MediaBody } from "../entry/types.ts";

/**
 * The note that is written before a media file gets its name (`MediaStore.writeIntent`), so that after a
 * crash an orphan finds its place: the entry that was about to name it. The last chunk of an import also
 * tells the digest of its whole file, which nobody could compute again from sealed chunks.
 */
export interface Intent {
  body: MediaBody;
  /** Hex; for the last chunk of a file that was read whole. */
  fileDigest?: string;
}

export function intentText({ body, fileDigest }: Intent): string {
  return canonicalText({ ...body, ...(fileDigest === undefined ? {} : { file_digest: fileDigest }) });
}

/** Null for a torn note. */
export function parseIntent(text: string): Intent | null {
  try {
    const { file_digest: fileDigest, ...body } = parseCanonicalText(text) as JsonObject;
    const named = body as unknown as MediaBody;
    return typeof fileDigest === "string" && isDigestHex(fileDigest)
      ? { body: named, fileDigest }
      : { body: named };
  } catch {
    return null;
  }
}
