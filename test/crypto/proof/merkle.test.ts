import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nodeHash, sha256 } from "../../../crypto/bytes/digest.ts";
import {
  consistencyProof,
  EMPTY_ROOT,
  Frontier,
  frontierNodes,
  inclusionProof,
  type NodeSource,
  nodePosition,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from "../../../crypto/proof/merkle.ts";

fc.configureGlobal({ seed: 42 });

const ALL = 70;
const leaf = (index: number) => sha256(`leaf ${index}`);

/** RFC 9162 §2.1.1, word for word. */
function referenceRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return sha256("");
  if (leaves.length === 1) return leaves[0] as Buffer;
  const half = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
  return nodeHash(referenceRoot(leaves.slice(0, half)), referenceRoot(leaves.slice(half)));
}

/** A tree grown leaf by leaf, with every node it completed. */
function grow(size: number): { nodes: NodeSource; frontier: Frontier } {
  const frontier = Frontier.empty();
  const hashes = new Map<number, Buffer>();
  for (let i = 0; i < size; i++) {
    hashes.set(nodePosition(0, i), leaf(i));
    for (const { level, index, hash } of frontier.append(leaf(i)))
      hashes.set(nodePosition(level, index), hash);
  }
  const nodes: NodeSource = (level, index) => {
    const hash = hashes.get(nodePosition(level, index));
    assert.ok(hash, `node ${index} of level ${level} is no perfect subtree of ${size} leaves`);
    return hash;
  };
  return { nodes, frontier };
}

const { nodes } = grow(ALL);
const leaves = Array.from({ length: ALL }, (_, i) => leaf(i));
const flipped = (hash: Buffer) => Buffer.from(hash.map((byte, i) => (i === 0 ? byte ^ 1 : byte)));

test("roots of every size, grown, computed from nodes and resumed, are the reference's", () => {
  assert.deepEqual(treeRoot(0, nodes), EMPTY_ROOT);
  for (let size = 1; size <= ALL; size++) {
    const expected = referenceRoot(leaves.slice(0, size));
    assert.deepEqual(treeRoot(size, nodes), expected);
    assert.deepEqual(grow(size).frontier.root(), expected);
    assert.deepEqual(Frontier.load(size, nodes).root(), expected);
  }
});

test("a resumed frontier goes on as if it had never stopped", () => {
  for (let size = 0; size < ALL; size++) {
    const frontier = Frontier.load(size, nodes);
    const copy = frontier.clone();
    frontier.append(leaf(size));
    assert.deepEqual(frontier.root(), treeRoot(size + 1, nodes));
    assert.equal(copy.size, size);
    assert.deepEqual(copy.root(), treeRoot(size, nodes));
  }
});

test("every leaf of every size has an inclusion proof, and no other leaf, index or path passes", () => {
  for (let size = 1; size <= ALL; size++) {
    const root = treeRoot(size, nodes);
    for (let index = 0; index < size; index++) {
      const path = inclusionProof(index, size, nodes);
      assert.ok(verifyInclusion(leaf(index), index, size, path, root));
      assert.ok(!verifyInclusion(leaf(index + 1), index, size, path, root));
      assert.ok(!verifyInclusion(leaf(index), index, size, path, flipped(root)));
      assert.ok(!verifyInclusion(leaf(index), index, size, [...path, root], root));
      if (path.length > 0) assert.ok(!verifyInclusion(leaf(index), index, size, path.slice(1), root));
      if (size > 1) assert.ok(!verifyInclusion(leaf(index), (index + 1) % size, size, path, root));
    }
  }
});

test("every pair of sizes has a consistency proof, and no other roots or path pass", () => {
  for (let second = 0; second <= ALL; second++) {
    for (let first = 0; first <= second; first++) {
      const [before, after] = [treeRoot(first, nodes), treeRoot(second, nodes)];
      const path = consistencyProof(first, second, nodes);
      assert.ok(verifyConsistency(first, second, before, after, path), `${first} ${second}`);
      assert.ok(!verifyConsistency(first, second, flipped(before), after, path));
      assert.ok(!verifyConsistency(first, second, before, after, [...path, after]));
      if (first > 0)
        assert.ok(!verifyConsistency(first, second, before, flipped(after), path) || first === second);
      if (path.length > 0) assert.ok(!verifyConsistency(first, second, before, after, path.slice(1)));
    }
  }
});

test("proofs hold in large trees, of which few nodes are needed", () => {
  // every leaf alike: a subtree's hash depends on its level alone, so a tree of any size costs nothing
  const byLevel = [leaf(0)];
  const alike: NodeSource = (level) => {
    for (let at = byLevel.length; at <= level; at++) {
      const below = byLevel[at - 1] as Buffer;
      byLevel.push(nodeHash(below, below));
    }
    return byLevel[level] as Buffer;
  };
  const size = fc.integer({ min: 1, max: 2 ** 40 });
  fc.assert(
    fc.property(size, size, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (a, b, share) => {
      const [first, second] = [Math.min(a, b), Math.max(a, b)];
      const index = Math.floor(second * share);
      const root = treeRoot(second, alike);
      const path = inclusionProof(index, second, alike);
      assert.ok(path.length <= 41);
      assert.ok(verifyInclusion(leaf(0), index, second, path, root));
      const proof = consistencyProof(first, second, alike);
      assert.ok(verifyConsistency(first, second, treeRoot(first, alike), root, proof));
    }),
  );
});

test("positions of all perfect subtrees differ, and rise as the tree grows", () => {
  const seen = new Set<number>();
  let count = 0;
  for (let level = 0; level <= 7; level++) {
    for (let index = 0; (index + 1) * 2 ** level <= 128; index++) {
      seen.add(nodePosition(level, index));
      count++;
    }
  }
  assert.equal(seen.size, count);
  assert.deepEqual(frontierNodes(6), [
    { level: 2, index: 0 },
    { level: 1, index: 2 },
  ]);
});

test("what is outside the tree has no proof", () => {
  assert.throws(() => inclusionProof(3, 3, nodes), { code: "bad-proof-request" });
  assert.throws(() => inclusionProof(-1, 3, nodes), { code: "bad-proof-request" });
  assert.throws(() => consistencyProof(4, 3, nodes), { code: "bad-proof-request" });
  assert.ok(!verifyInclusion(leaf(0), 3, 3, [], leaf(0)));
  assert.ok(!verifyConsistency(4, 3, leaf(0), leaf(0), []));
});
