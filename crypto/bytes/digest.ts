import { hash } from "node:crypto";

/** SHA-256, FIPS 180-4: 32 bytes. */
export function sha256(bytes: Uint8Array | string): Buffer {
  // by way of a string: node:crypto gives every buffer an allocation of its own outside the heap,
  // which costs more than the hash of an entry
  return Buffer.from(hash("sha256", bytes, "binary"), "latin1");
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
