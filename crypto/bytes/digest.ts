import crypto from "node:crypto";

const DIGEST_BYTES = 32;

/** In one call where Node has it, from 20.12 on; units may carry an older one. */
const inLatin1: (bytes: Uint8Array | string) => string =
  typeof crypto.hash === "function"
    ? (bytes) => crypto.hash("sha256", bytes, "binary")
    : (bytes) => crypto.createHash("sha256").update(bytes).digest("binary");

/** SHA-256, FIPS 180-4: 32 bytes. */
export function sha256(bytes: Uint8Array | string): Buffer {
  // node:crypto's own buffers lie outside the heap, each an allocation that costs more than the hash of
  // an entry; one as short as this, not taken from a pool, lies on the heap and is gone with its entry
  const text = inLatin1(bytes);
  const digest = Buffer.allocUnsafeSlow(DIGEST_BYTES);
  for (let i = 0; i < DIGEST_BYTES; i++) digest[i] = text.charCodeAt(i);
  return digest;
}

const LEAF_INPUT = Buffer.alloc(4 * 1024);
const NODE_INPUT = Buffer.alloc(65, 1);

/** Leaf hash of an entry's body, RFC 9162 §2.1.1: `H(0x00 ‖ body)`. */
export function leafHash(body: Uint8Array): Buffer {
  const length = 1 + body.length;
  const input = length <= LEAF_INPUT.length ? LEAF_INPUT.subarray(0, length) : Buffer.allocUnsafe(length);
  input[0] = 0;
  input.set(body, 1);
  return sha256(input);
}

/** Interior node of the tree, RFC 9162 §2.1.1: `H(0x01 ‖ left ‖ right)`. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  NODE_INPUT.set(left, 1);
  NODE_INPUT.set(right, 33);
  return sha256(NODE_INPUT);
}

/** True for the lower-case hex of a SHA-256. */
export function isDigestHex(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}
