import { createHash } from "node:crypto";

/** The longest claim, in bytes of UTF-8: an entry holds 16 KiB, and a list of files many of them. */
const MAX_CLAIM_BYTES = 1024;
const DIGEST_LETTERS = 16;

/**
 * A name from a card as text that is fit for an entry: control characters and lone surrogates become
 * `%XX`/`%uXXXX` (and `%` itself stays), and what is longer than 1,024 bytes ends in `~` and the first 16 hex digits of its digest,
 * so that two long names stay two. Harmless to store; still a claim, never a path of ours.
 */
export function claimedPath(name: string): string {
  const readable = name.replace(/\p{Cc}|\p{Cs}/gu, (letter) => {
    const code = letter.charCodeAt(0);
    const hex = code.toString(16).toUpperCase();
    return code < 0x100 ? `%${hex.padStart(2, "0")}` : `%u${hex}`;
  });
  if (Buffer.byteLength(readable) <= MAX_CLAIM_BYTES) return readable;
  const digest = createHash("sha256").update(readable).digest("hex").slice(0, DIGEST_LETTERS);
  const head = Buffer.from(readable).subarray(0, MAX_CLAIM_BYTES - DIGEST_LETTERS - 1);
  // a letter that was cut in two is left out
  return `${new TextDecoder().decode(head).replace(/\uFFFD+$/, "")}~${digest}`;
}
