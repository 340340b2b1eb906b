import { AgentError } from "../../config/base/errors.ts";
import { nodeHash, sha256 } from "../bytes/digest.ts";

/** The Merkle tree of RFC 9162 §2.1 over the leaf hashes of a ledger. */

/** One perfect subtree: `level` 0 is a leaf, `index` counts subtrees of that level from the left. */
export interface TreeNode {
  level: number;
  index: number;
  hash: Buffer;
}

/** Gives the hash of a perfect subtree that lies wholly inside the tree. */
export type NodeSource = (level: number, index: number) => Buffer;

export const EMPTY_ROOT = sha256("");

/**
 * In-order number of a perfect subtree: unique over all levels, and rising with the tree's growth,
 * so that a table keyed by it is appended to rather than scattered over.
 */
export function nodePosition(level: number, index: number): number {
  return index * 2 ** (level + 1) + 2 ** level - 1;
}

/** The perfect subtrees, largest first, that make up the first `size` leaves. */
export function frontierNodes(size: number): { level: number; index: number }[] {
  const nodes: { level: number; index: number }[] = [];
  let start = 0;
  for (let level = Math.floor(Math.log2(Math.max(size, 1))); level >= 0; level--) {
    const span = 2 ** level;
    if (size - start >= span) {
      nodes.push({ level, index: start / span });
      start += span;
    }
  }
  return nodes;
}

/** The right edge of a growing tree: O(log n) memory, O(1) amortised per leaf. */
export class Frontier {
  #size: number;
  /** Hashes of `frontierNodes(size)`. */
  readonly #hashes: Buffer[];

  private constructor(size: number, hashes: Buffer[]) {
    this.#size = size;
    this.#hashes = hashes;
  }

  static empty(): Frontier {
    return new Frontier(0, []);
  }

  static load(size: number, nodes: NodeSource): Frontier {
    return new Frontier(
      size,
      frontierNodes(size).map(({ level, index }) => nodes(level, index)),
    );
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a leaf; returns the interior nodes (level ≥ 1) that it completed. */
  append(leaf: Buffer): TreeNode[] {
    const completed: TreeNode[] = [];
    let hash = leaf;
    let index = this.#size;
    for (let level = 1; index % 2 === 1; level++) {
      hash = nodeHash(this.#hashes.pop() as Buffer, hash);
      index = (index - 1) / 2;
      completed.push({ level, index, hash });
    }
    this.#hashes.push(hash);
    this.#size++;
    return completed;
  }

  root(): Buffer {
    return foldRight(this.#hashes);
  }

  /** A copy to try appends on, leaving this one as it is. */
  clone(): Frontier {
    return new Frontier(this.#size, [...this.#hashes]);
  }
}

function foldRight(hashes: readonly Buffer[]): Buffer {
  let root = hashes.at(-1);
  if (root === undefined) return EMPTY_ROOT;
  for (let i = hashes.length - 2; i >= 0; i--) root = nodeHash(hashes[i] as Buffer, root);
  return root;
}

/** Hash of leaves `[start, end)`, where `start` is a multiple of the largest power of two below the span. */
function subtreeHash(start: number, end: number, nodes: NodeSource): Buffer {
  const parts = frontierNodes(end - start).map(({ level, index }) =>
    nodes(level, index + start / 2 ** level),
  );
  return foldRight(parts);
}

/** Largest power of two smaller than n (n ≥ 2). */
function splitPoint(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/** Root of the first `size` leaves. */
export function treeRoot(size: number, nodes: NodeSource): Buffer {
  return subtreeHash(0, size, nodes);
}

/** Audit path of leaf `index` in the tree of `size` leaves, RFC 9162 §2.1.3.1. Throws `bad-proof-request`. */
export function inclusionProof(index: number, size: number, nodes: NodeSource): Buffer[] {
  if (index < 0 || index >= size) throw new AgentError("bad-proof-request", `leaf ${index} of ${size}`);
  const path: Buffer[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitPoint(end - start);
    if (index < middle) {
      path.push(subtreeHash(middle, end, nodes));
      end = middle;
    } else {
      path.push(subtreeHash(start, middle, nodes));
      start = middle;
    }
  }
  return path.reverse();
}

/** Proof that the tree of `first` leaves is a prefix of that of `second`, RFC 9162 §2.1.4.1. Throws `bad-proof-request`. */
export function consistencyProof(first: number, second: number, nodes: NodeSource): Buffer[] {
  if (first < 0 || first > second) throw new AgentError("bad-proof-request", `${first} of ${second}`);
  if (first === 0 || first === second) return [];
  const path: Buffer[] = [];
  let start = 0;
  let end = second;
  // §2.1.4.1's flag b: true while the old tree's root is this subtree's own hash and need not be sent
  let oldRootIsKnown = true;
  while (first !== end) {
    const middle = start + splitPoint(end - start);
    if (first <= middle) {
      path.push(subtreeHash(middle, end, nodes));
      end = middle;
    } else {
      path.push(subtreeHash(start, middle, nodes));
      start = middle;
      oldRootIsKnown = false;
    }
  }
  if (!oldRootIsKnown) path.push(subtreeHash(start, end, nodes));
  return path.reverse();
}

/** Checks an audit path, RFC 9162 §2.1.3.2. */
export function verifyInclusion(
  leaf: Buffer,
  index: number,
  size: number,
  path: readonly Buffer[],
  root: Buffer,
): boolean {
  if (index < 0 || index >= size) return false;
  let hash = leaf;
  let fn = index;
  let sn = size - 1;
  for (const sibling of path) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && hash.equals(root);
}

/** Checks a consistency proof, RFC 9162 §2.1.4.2. */
export function verifyConsistency(
  first: number,
  second: number,
  firstRoot: Buffer,
  secondRoot: Buffer,
  path: readonly Buffer[],
): boolean {
  if (first < 0 || first > second) return false;
  if (first === second) return path.length === 0 && firstRoot.equals(secondRoot);
  if (first === 0) return path.length === 0 && firstRoot.equals(EMPTY_ROOT);
  const proof = Number.isInteger(Math.log2(first)) ? [firstRoot, ...path] : [...path];
  let fn = first - 1;
  let sn = second - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  const seed = proof.shift();
  if (seed === undefined) return false;
  let fr = seed;
  let sr = seed;
  for (const c of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else {
      sr = nodeHash(sr, c);
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && fr.equals(firstRoot) && sr.equals(secondRoot);
}
