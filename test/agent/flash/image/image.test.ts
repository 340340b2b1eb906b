import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { openImage } from "../../../../agent/flash/image/image.ts";
import { contentBytes } from "../../../../agent/flash/image/zstd-frame.ts";
import { plainImage } from "../../../support/flash/card-images.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

const { signal } = new AbortController();
const CONTENT = Buffer.concat([Buffer.alloc(1_000_000), plainImage(600_001), Buffer.alloc(500_000, 7)]);
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

function zstd(input: Buffer, ...more: string[]): Buffer {
  return execFileSync("zstd", ["-q", "-c", ...more], { input, maxBuffer: 2 ** 26 });
}

function fileOf(t: TestContext, name: string, content: Buffer): string {
  const path = join(temporaryDirectory(t), name);
  writeFileSync(path, content);
  return path;
}

async function contentOf(path: string) {
  const image = await openImage(path, signal);
  const reader = image.read();
  const pieces: Buffer[] = [];
  try {
    while (true) {
      const room = Buffer.alloc(100_003);
      const bytes = await reader.fill(room);
      pieces.push(room.subarray(0, bytes));
      if (bytes < room.length) break;
    }
    return { image, content: Buffer.concat(pieces), packedDigest: reader.packedDigest() };
  } finally {
    await reader.close();
  }
}

test("plain, packed with its size, and packed without: the same bytes, and the size before they are read", async (t) => {
  const plain = await contentOf(fileOf(t, "a.img", CONTENT));
  assert.ok(plain.content.equals(CONTENT));
  assert.deepEqual(
    [plain.image.bytes, plain.packedDigest, plain.image.toldDigest],
    [CONTENT.length, null, null],
  );
  const sized = zstd(CONTENT, `--stream-size=${CONTENT.length}`);
  const unsized = zstd(CONTENT);
  const twoFrames = Buffer.concat([zstd(CONTENT.subarray(0, 900_000)), zstd(CONTENT.subarray(900_000))]);
  assert.deepEqual([sized, unsized].map(contentBytes), [CONTENT.length, null]);
  for (const packed of [sized, unsized, twoFrames]) {
    const { image, content, packedDigest } = await contentOf(fileOf(t, "a.img.zst", packed));
    assert.ok(content.equals(CONTENT));
    assert.deepEqual([image.bytes, packedDigest], [CONTENT.length, sha256(packed)]);
  }
});

test("a packed image that is cut, altered or none at all is damaged", async (t) => {
  const packed = zstd(CONTENT, `--stream-size=${CONTENT.length}`, "--check");
  const altered = Buffer.from(packed);
  altered.writeUInt8((packed[packed.length - 2] as number) ^ 1, packed.length - 2);
  for (const bad of [packed.subarray(0, -1000), altered, plainImage(5000), Buffer.from("x")])
    await assert.rejects(contentOf(fileOf(t, "a.img.zst", bad)), { code: "image-damaged" });
});

test("one that is closed before its end leaves no program behind, and waits for nothing", async (t) => {
  const image = await openImage(fileOf(t, "a.img.zst", zstd(plainImage(8_000_000))), signal);
  for (const bytes of [0, 1, 1_000_000]) {
    const reader = image.read();
    if (bytes > 0) assert.equal(await reader.fill(Buffer.alloc(bytes)), bytes);
    await reader.close();
  }
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "latin1")
    .split(" ")
    .filter(Boolean);
  for (const pid of children) assert.notEqual(readFileSync(`/proc/${pid}/comm`, "latin1"), "zstd\n");
});

test("without the program zstd the error names it", async (t) => {
  const path = fileOf(t, "a.img.zst", zstd(CONTENT));
  const { PATH } = process.env;
  process.env["PATH"] = join(path, "..");
  try {
    await assert.rejects(contentOf(path), { code: "zstd-missing", place: path });
  } finally {
    process.env["PATH"] = PATH;
  }
});

test("no image, an empty one and a folder are refused", async (t) => {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, "b.img"));
  for (const name of ["a.img", "b.img"])
    await assert.rejects(openImage(join(folder, name), signal), { code: "image-missing" });
  for (const [name, content] of [
    ["c.img", Buffer.alloc(0)],
    ["c.img.zst", Buffer.alloc(0)],
    ["d.img.zst", zstd(Buffer.alloc(0))],
  ] as const)
    await assert.rejects(openImage(fileOf(t, name, content), signal), { code: "image-empty" }, name);
});

test("the digest beside it is read as sha256sum writes it, and is about this file", async (t) => {
  const path = fileOf(t, "a.img", CONTENT);
  const beside = `${path}.sha256`;
  const digest = sha256(CONTENT);
  const told = async (text: string) => {
    writeFileSync(beside, text);
    return (await openImage(path, signal)).toldDigest;
  };
  const real = execFileSync("sha256sum", ["a.img"], { cwd: join(path, ".."), encoding: "utf8" });
  for (const text of [
    real,
    `${digest}\n`,
    `${digest.toUpperCase()} *dist/a.img\r\n`,
    `${"0".repeat(64)}  b.img\n${digest}  a.img\n`,
  ])
    assert.equal(await told(text), digest);
  for (const text of [
    "",
    "nothing\n",
    `${digest}  b.img\n`,
    digest.slice(1),
    `${digest}\n${digest}\n`,
    " ".repeat(70_000),
  ])
    await assert.rejects(told(text), { code: "image-digest-unfit" }, text.slice(0, 80));
  assert.ok(readFileSync(path).equals(CONTENT));
});

test("a frame's header never reads past its end, and no other file is a frame", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, isFrame) => {
      const head = Buffer.from(bytes);
      if (isFrame && head.length >= 4) head.writeUInt32LE(0xfd2fb528);
      const size = contentBytes(head);
      assert.ok(size === null || (head.length >= 18 && head.readUInt32LE(0) === 0xfd2fb528));
    }),
  );
});
