import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { Image } from "../../../../agent/flash/image/image.ts";
import { BLOCK_BYTES } from "../../../../agent/flash/writing/blocks.ts";
import type { DevicePort } from "../../../../agent/flash/writing/device-port.ts";
import { Medium } from "../../../../agent/flash/writing/medium.ts";
import { writeImage } from "../../../../agent/flash/writing/write-image.ts";
import { heldBytes } from "../../../support/memory.ts";

const BLOCKS = 200;
const BYTES = BLOCKS * BLOCK_BYTES;
/** Blocks of both passes, and what garbage is about; a tenth of the image. */
const MOST_HELD_BYTES = 40 * 2 ** 20;

/** An image and a disk that hold the same bytes by rule, so that only the writing takes memory. */
function fill(into: Uint8Array, at: number): void {
  into.fill((at / BLOCK_BYTES) % 251);
}

const image: Image = {
  path: "endless.img",
  bytes: BYTES,
  toldDigest: null,
  read: () => {
    let at = 0;
    return {
      fill: async (into) => {
        const bytes = Math.min(into.length, BYTES - at);
        fill(into.subarray(0, bytes), at);
        at += bytes;
        return bytes;
      },
      packedDigest: () => null,
      close: async () => {},
    };
  },
};

test("400 MiB pass through in the memory of a few blocks", async () => {
  const before = heldBytes();
  let most = 0;
  const look = () => {
    most = Math.max(most, heldBytes() - before);
  };
  const port: DevicePort = {
    bytes: Number.POSITIVE_INFINITY,
    alignment: 512,
    isDisk: true,
    isDirect: true,
    read: async (into, at) => {
      fill(into, at);
      return into.length;
    },
    write: async (bytes) => bytes.length,
    sync: async () => {},
    resize: async () => {},
    close: async () => {},
  };
  let told = 0;
  const { sha256 } = await writeImage(image, new Medium("disk", port), {
    onProgress: () => {
      if (++told % 40 === 0) look();
    },
    signal: new AbortController().signal,
    personalise: () => null,
  });
  const hash = createHash("sha256");
  for (let block = 0; block < BLOCKS; block++) hash.update(Buffer.alloc(BLOCK_BYTES, block % 251));
  assert.equal(sha256, hash.digest("hex"));
  assert.ok(told > 2 * BLOCKS - 2 && most > 0 && most < MOST_HELD_BYTES, `${most}`);
  // the control: blocks that are kept are seen
  const kept = Array.from({ length: 30 }, () => Buffer.alloc(BLOCK_BYTES));
  assert.ok(heldBytes() - before > MOST_HELD_BYTES, `${kept.length}`);
});
