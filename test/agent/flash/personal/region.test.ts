import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { regionIn } from "../../../../agent/flash/personal/region.ts";
import { gptImage, mbrImage, PERSONAL, plainImage } from "../../../support/flash/card-images.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

const MIB = 2 ** 20;
const head = (image: Buffer) => image.subarray(0, 2 * MIB);
const found = { at: PERSONAL.at, bytes: PERSONAL.bytes };

test("GPT's partition of this name, MBR's of this type, and no other", () => {
  const boot = { name: "boot", at: MIB, bytes: MIB };
  assert.deepEqual(regionIn(head(gptImage(7 * MIB, [boot, PERSONAL]))), found);
  assert.equal(regionIn(head(gptImage(7 * MIB, [boot]))), null);
  assert.equal(regionIn(head(gptImage(7 * MIB, [{ ...PERSONAL, name: "personal2" }]))), null);
  assert.deepEqual(regionIn(head(mbrImage(0xda))), found);
  assert.equal(regionIn(head(mbrImage(0x83))), null);
  assert.equal(regionIn(plainImage(2 * MIB)), null);
});

test("the tables that sfdisk makes, GPT and MBR, are read", (t) => {
  const path = join(temporaryDirectory(t), "a.img");
  const partitioned = (script: string) => {
    writeFileSync(path, "");
    truncateSync(path, 32 * MIB);
    execFileSync("sfdisk", ["--quiet", path], { input: script });
    return regionIn(readFileSync(path).subarray(0, 2 * MIB));
  };
  const gpt = "label: gpt\nsize=4MiB,name=boot\nsize=4MiB,name=rootA\nsize=1MiB,name=personal\nname=data\n";
  assert.deepEqual(partitioned(gpt), { at: 9 * MIB, bytes: MIB });
  assert.deepEqual(partitioned("label: dos\nsize=4MiB,type=c\nsize=1MiB,type=da\ntype=83\n"), {
    at: 5 * MIB,
    bytes: MIB,
  });
  assert.equal(partitioned("label: gpt\nsize=4MiB,name=boot\nname=data\n"), null);
});

test("a region before 1 MiB, under 512 KiB or over 16 MiB is none", () => {
  const withPart = (at: number, bytes: number) =>
    regionIn(head(gptImage(40 * MIB, [{ name: "personal", at, bytes }])));
  assert.deepEqual(withPart(MIB, MIB / 2), { at: MIB, bytes: MIB / 2 });
  assert.deepEqual(withPart(MIB, 16 * MIB), { at: MIB, bytes: 16 * MIB });
  assert.equal(withPart(MIB - 512, MIB), null);
  assert.equal(withPart(MIB, MIB / 2 - 512), null);
  assert.equal(withPart(MIB, 16 * MIB + 512), null);
});

test("no first block, however hostile, makes it fall over or point outside of numbers", () => {
  const base = head(gptImage());
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 446, max: 2000 }), fc.integer({ min: 0, max: 255 })), {
        maxLength: 40,
      }),
      fc.integer({ min: 0, max: 2000 }),
      (changes, length) => {
        const hostile = Buffer.from(base);
        for (const [at, value] of changes) hostile.writeUInt8(value, at);
        for (const block of [hostile, hostile.subarray(0, length)]) {
          const region = regionIn(block);
          assert.ok(region === null || (region.at >= MIB && region.bytes <= 16 * MIB));
        }
      },
    ),
    { numRuns: 500 },
  );
});
