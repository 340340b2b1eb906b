import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { BLOCK_BYTES, type FlashProgress } from "../../../../agent/flash/writing/blocks.ts";
import { compareImage } from "../../../../agent/flash/writing/compare-image.ts";
import { Medium } from "../../../../agent/flash/writing/medium.ts";
import type { Overlay } from "../../../../agent/flash/writing/overlay.ts";
import { type WriteOptions, writeImage } from "../../../../agent/flash/writing/write-image.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { memoryImage, plainImage } from "../../../support/flash/card-images.ts";
import { type Faults, MemoryPort } from "../../../support/flash/memory-port.ts";

const IMAGE = plainImage(2 * BLOCK_BYTES + 100_000);
const DISK_BYTES = 4 * BLOCK_BYTES;
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

function options(change: Partial<WriteOptions> = {}): WriteOptions {
  return {
    onProgress: () => {},
    signal: new AbortController().signal,
    personalise: () => null,
    ...change,
  };
}

async function written(
  faults: Faults,
  image = memoryImage(IMAGE),
  change: Partial<WriteOptions> = {},
  isDisk = true,
) {
  const port = new MemoryPort(DISK_BYTES, faults);
  port.isDisk = isDisk;
  const outcome = await writeImage(image, new Medium("disk", port), options(change)).catch(
    (error: unknown) => error,
  );
  return { port, outcome };
}

/** No firmware and no kernel takes it for a disk with something on it. */
function looksEmpty({ content }: MemoryPort): boolean {
  return content.subarray(0, BLOCK_BYTES).every((byte) => byte === 0);
}

function assertRefused(outcome: unknown, code: string, place: RegExp): void {
  assert.ok(outcome instanceof AgentError, String(outcome));
  assert.equal(outcome.code, code);
  assert.match(outcome.place, place);
}

test("any bytes come back the same, whatever the disk's size, sectors and moods", async () => {
  const sizes = fc.oneof(
    fc.integer({ min: 1, max: 9000 }),
    fc.constantFrom(BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES, 2 * BLOCK_BYTES + 4097),
  );
  await fc.assert(
    fc.asyncProperty(
      sizes,
      fc.integer({ min: 0, max: 5000 }),
      fc.constantFrom(512, 4096),
      fc.constantFrom(undefined, 512 * 1024, 4096),
      fc.string(),
      async (bytes, more, alignment, piece, seed) => {
        const content = plainImage(bytes, seed);
        const sectors = Math.ceil(bytes / alignment) + more;
        const faults = piece === undefined ? {} : { piece };
        const port = new MemoryPort(sectors * alignment, faults, alignment);
        const report = await writeImage(memoryImage(content), new Medium("disk", port), options());
        assert.deepEqual(report, { bytes, sha256: sha256(content), isChecked: false });
        assert.ok(port.content.subarray(0, bytes).equals(content));
        // nothing of an older table at the end
        const tail = port.content.subarray(Math.max(bytes, port.bytes - BLOCK_BYTES));
        assert.ok(tail.every((byte) => byte === 0));
      },
    ),
    { numRuns: 60, seed: 5 },
  );
});

test("the first block is zeros until all others are on the disk and found there", async () => {
  const { port } = await written({});
  const steps = [
    "write 0",
    `write ${3 * BLOCK_BYTES}`,
    "sync",
    `write ${BLOCK_BYTES}`,
    `write ${2 * BLOCK_BYTES}`,
    "sync",
    `read ${BLOCK_BYTES}`,
    `read ${2 * BLOCK_BYTES}`,
    "write 0",
    "sync",
    "read 0",
  ];
  assert.deepEqual(port.diary, steps);
  assert.ok(!looksEmpty(port));
});

test("wherever the power is cut before the first block's own bytes, the card looks empty", async () => {
  const { port: whole } = await written({});
  const last = whole.diary.lastIndexOf("write 0");
  for (let steps = 1; steps < last; steps++) {
    const port = new MemoryPort(DISK_BYTES);
    const write = port.write.bind(port);
    const cut = new Error("the power is cut");
    const alive = () => {
      if (port.diary.length >= steps) throw cut;
    };
    port.write = async (from, at) => {
      alive();
      return await write(from, at);
    };
    await writeImage(memoryImage(IMAGE), new Medium("disk", port), options()).catch(() => {});
    assert.ok(looksEmpty(port), `after ${steps} steps`);
  }
});

test("a disk that lies when it is read back is named with the byte, and looks empty", async () => {
  for (const liesAt of [BLOCK_BYTES, BLOCK_BYTES + 12_345, 2 * BLOCK_BYTES + 99_999]) {
    const { port, outcome } = await written({ liesAt });
    assertRefused(outcome, "target-differs", new RegExp(`^disk, byte ${liesAt}$`));
    assert.ok(looksEmpty(port));
  }
  // in the first block it shows at the very end
  const late = await written({ liesAt: 510 });
  assertRefused(late.outcome, "target-differs", /byte 510$/);
  assert.ok(looksEmpty(late.port));
  // the padding behind the image is nobody's
  assert.ok(!((await written({ liesAt: 2 * BLOCK_BYTES + 100_001 })).outcome instanceof Error));
});

test("a disk that ends before its end has been pulled out; a file that does was cut, and differs there", async () => {
  const endsAt = 2 * BLOCK_BYTES + 4096;
  const disk = await written({ endsAt });
  assertRefused(disk.outcome, "target-gone", new RegExp(`byte ${endsAt}$`));
  assert.ok(looksEmpty(disk.port));
  const file = await written({ endsAt }, memoryImage(IMAGE), {}, false);
  assertRefused(file.outcome, "target-differs", new RegExp(`byte ${endsAt}$`));
  assert.ok(looksEmpty(file.port));
});

test("a file on a disk without room is full", async () => {
  const faults = { write: { at: BLOCK_BYTES, code: "ENOSPC" } };
  const { port, outcome } = await written(faults, memoryImage(IMAGE), {}, false);
  assertRefused(outcome, "target-full", /byte 2097152$/);
  assert.ok(looksEmpty(port));
});

test("a broken sector and a card that is pulled have their codes and places", async () => {
  const at = BLOCK_BYTES + 8192;
  const cases: [Faults, string, RegExp][] = [
    // what Linux says of a disk that is no longer there
    [{ write: { at, code: "ENOSPC" } }, "target-gone", /byte 2097152$/],
    [{ write: { at, code: "EIO" } }, "target-write-failed", /byte 2097152: EIO$/],
    [{ write: { at, code: "EIO" }, piece: 4096 }, "target-write-failed", new RegExp(`byte ${at}: EIO$`)],
    [{ write: { at, code: "ENODEV" } }, "target-gone", /byte/],
    [{ read: { at, code: "EIO" } }, "target-read-failed", /byte 2097152: EIO$/],
    [{ sync: "EIO" }, "target-write-failed", /^disk: EIO$/],
  ];
  for (const [faults, code, place] of cases) {
    const { port, outcome } = await written(faults);
    assertRefused(outcome, code, place);
    assert.ok(looksEmpty(port), code);
  }
});

test("a target that takes nothing any more is full, and not asked for ever", async () => {
  const port = new MemoryPort(BLOCK_BYTES);
  const outcome = await writeImage(memoryImage(IMAGE), new Medium("disk", port), options()).catch(
    (error: unknown) => error,
  );
  assertRefused(outcome, "target-full", new RegExp(`byte ${BLOCK_BYTES}$`));
});

test("an image with another digest than was told, or that changes between its readings, is not made whole", async () => {
  const told = sha256(IMAGE);
  const right = await written({}, memoryImage(IMAGE, IMAGE, told));
  assert.deepEqual(right.outcome, { bytes: IMAGE.length, sha256: told, isChecked: true });
  const wrong = await written({}, memoryImage(IMAGE, IMAGE, "0".repeat(64)));
  assertRefused(wrong.outcome, "image-damaged", /0{64}/);
  assert.ok(looksEmpty(wrong.port));
  const other = Buffer.from(IMAGE);
  other[3] = (other[3] as number) ^ 1;
  // in the first block, which is not compared at that time
  const changed = await written({}, memoryImage(IMAGE, other));
  assertRefused(changed.outcome, "image-changed", /memory/);
  assert.ok(looksEmpty(changed.port));
  for (const again of [IMAGE.subarray(0, -1), Buffer.concat([IMAGE, Buffer.alloc(1)])])
    assertRefused((await written({}, memoryImage(IMAGE, again))).outcome, "image-changed", /memory/);
});

test("a person who stops it at any block leaves a card that looks empty", async () => {
  const stops = ["writing", "reading"] as const;
  for (const phase of stops) {
    const stop = new AbortController();
    const onProgress = (progress: FlashProgress) => {
      if (progress.phase === phase) stop.abort(new AgentError("flash-interrupted", "disk"));
    };
    const { port, outcome } = await written({}, memoryImage(IMAGE), { onProgress, signal: stop.signal });
    assertRefused(outcome, "flash-interrupted", /^disk$/);
    assert.ok(looksEmpty(port), phase);
  }
});

test("progress goes through both passes up to the image's last byte", async () => {
  const told: FlashProgress[] = [];
  await written({}, memoryImage(IMAGE), { onProgress: (progress) => void told.push(progress) });
  assert.deepEqual(
    told.map(({ phase, done }) => [phase, done]),
    [
      ["writing", 2 * BLOCK_BYTES],
      ["writing", IMAGE.length],
      ["reading", BLOCK_BYTES],
      ["reading", 2 * BLOCK_BYTES],
      ["reading", IMAGE.length],
    ],
  );
});

test("what is personal lies over the image wherever its region is, and is left out of a comparison", async () => {
  const regions: [number, number][] = [
    [2 ** 20, 2 ** 19],
    [BLOCK_BYTES - 512, 4096],
    [2 * BLOCK_BYTES - 100, BLOCK_BYTES / 64],
  ];
  for (const [at, bytes] of regions) {
    const own = { at, bytes: plainImage(bytes, "own") };
    const { port, outcome } = await written({}, memoryImage(IMAGE), { personalise: () => own });
    assert.deepEqual(outcome, { bytes: IMAGE.length, sha256: sha256(IMAGE), isChecked: false });
    const expected = Buffer.from(IMAGE);
    own.bytes.copy(expected, at);
    assert.ok(port.content.subarray(0, IMAGE.length).equals(expected));

    const found: Overlay = { at, bytes: Buffer.alloc(bytes) };
    const compare = (personal: Parameters<typeof compareImage>[2]["personal"]) =>
      compareImage(memoryImage(IMAGE), new Medium("disk", port), {
        ...options(),
        personal,
        skipsHead: false,
      });
    assert.deepEqual(await compare({ is: "left-out", overlay: found }), {
      same: true,
      sha256: sha256(IMAGE),
      packedDigest: null,
    });
    assert.ok(own.bytes.equals(found.bytes));
    assert.deepEqual(await compare({ is: "none" }), { same: false, differsAt: at });
  }
});

test("nothing is written when what is personal has no place", async () => {
  const { port, outcome } = await written({}, memoryImage(IMAGE), {
    personalise: () => {
      throw new AgentError("personal-missing", "memory.img");
    },
  });
  assertRefused(outcome, "personal-missing", /memory/);
  assert.deepEqual(port.diary, []);
});
