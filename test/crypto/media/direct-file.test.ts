import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { BLOCK_BYTES, Blocks } from "../../../crypto/media/blocks.ts";
import { DirectFile } from "../../../crypto/media/direct-file.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

/** Counts what is out, and fills what comes back with what no file may ever hold. */
class CountedBlocks extends Blocks {
  out = 0;
  most = 0;

  override take(): Uint8Array {
    this.out++;
    this.most = Math.max(this.most, this.out);
    return super.take();
  }

  override giveBack(block: Uint8Array): void {
    this.out--;
    block.fill(0xee);
    super.giveBack(block);
  }
}

/** Memory that begins one byte behind a page. */
function misaligned(): Uint8Array {
  const memory = new Blocks().take();
  const wider = new Uint8Array(memory.length + 1);
  return wider.subarray(1);
}

async function give(file: DirectFile, content: Uint8Array, pieceBytes: number): Promise<void> {
  const piece = new Uint8Array(pieceBytes);
  for (let at = 0; at < content.length; at += pieceBytes) {
    const bytes = Math.min(pieceBytes, content.length - at);
    piece.set(content.subarray(at, at + bytes));
    await file.write(piece.subarray(0, bytes));
    piece.fill(0xdd);
  }
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

for (const [what, blocks] of [
  ["page-aligned blocks", new CountedBlocks()],
  ["blocks that the disk refuses, through the page cache", new CountedBlocks(misaligned)],
] as const) {
  test(`whatever pieces it comes in, and parked wherever: the file is what was written (${what})`, async (t) => {
    const directory = temporaryDirectory(t);
    const edge = fc.constantFrom(0, 1, 4095, 4096, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1);
    const lengths = fc.array(fc.oneof(edge, fc.nat(700_000)), { minLength: 1, maxLength: 4 });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 1000, max: 400_000 }), async (parts, pieceBytes) => {
        const path = join(directory, `${n++}`);
        const file = new DirectFile(path, blocks);
        const content = parts.map((bytes) => randomBytes(bytes));
        for (const part of content) {
          await give(file, part, pieceBytes);
          file.park();
        }
        const whole = Buffer.concat(content);
        assert.equal(file.bytes, whole.length);
        assert.equal(file.digest(), sha256(whole));
        await file.sync();
        assert.deepEqual(readFileSync(path), whole);
        assert.equal(blocks.out, 0);
      }),
      { numRuns: 60 },
    );
  });
}

test("the disk takes what our blocks hold, and refuses what begins beside a page", (t) => {
  const path = join(temporaryDirectory(t), "file");
  const fd = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_DIRECT);
  t.after(() => closeSync(fd));
  assert.equal(writeSync(fd, new Blocks().take(), 0, 4096, 0), 4096);
  try {
    writeSync(fd, misaligned(), 0, 4096, 0);
    t.skip("this file system takes any memory, so the way through the page cache was not taken");
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, "EINVAL");
  }
});

test("one block is being written while the next is filled: more is not held", async (t) => {
  const blocks = new CountedBlocks();
  const file = new DirectFile(join(temporaryDirectory(t), "file"), blocks);
  await give(file, randomBytes(8 * BLOCK_BYTES + 5), 100_000);
  assert.ok(blocks.most <= 3, `${blocks.most} blocks`);
  file.park();
  await file.sync();
  assert.equal(blocks.out, 0);
});

test("what is discarded, also in the middle of a write, is gone and holds nothing", async (t) => {
  const blocks = new CountedBlocks();
  const path = join(temporaryDirectory(t), "file");
  const file = new DirectFile(path, blocks);
  void file.write(randomBytes(BLOCK_BYTES + 10));
  file.discard();
  assert.equal(existsSync(path), false);
  await assert.rejects(file.sync(), { code: "media-write-failed" });
  assert.equal(blocks.out, 0);
});

test("what is there already is not written over", (t) => {
  const path = join(temporaryDirectory(t), "file");
  const blocks = new Blocks();
  new DirectFile(path, blocks).discard();
  const file = new DirectFile(path, blocks);
  assert.throws(() => new DirectFile(path, blocks), { code: "media-write-failed" });
  file.discard();
});
