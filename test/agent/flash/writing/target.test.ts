import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { SYSTEM_DISKS } from "../../../../agent/flash/disks/disk-paths.ts";
import { type FlashOrder, flashImage, verifyFlash } from "../../../../agent/flash/flash.ts";
import { packPersonal } from "../../../../agent/flash/personal/archive.ts";
import type { PersonalFiles } from "../../../../agent/flash/personal/members.ts";
import { openTarget } from "../../../../agent/flash/writing/target.ts";
import { cannotMount, cardDisk, system } from "../../../support/cards/card-image.ts";
import { gptImage, PERSONAL, plainImage } from "../../../support/flash/card-images.ts";
import { plantBlocks } from "../../../support/flash/planted-block.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

const MOST_BYTES = 2 ** 38;
const NONE: PersonalFiles = new Map();

function setUp(t: TestContext, content = gptImage()) {
  const folder = temporaryDirectory(t);
  const image = join(folder, "a.img");
  writeFileSync(image, content);
  const order = (target: string): FlashOrder => ({
    image,
    target,
    paths: SYSTEM_DISKS,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  const write = (target: string, insists = false, personal = NONE) =>
    flashImage({ ...order(target), mostBytes: MOST_BYTES, insists, personal });
  return { folder, image, content, write, verify: (target: string) => verifyFlash(order(target)) };
}

test("a new file becomes the image, byte for byte and no longer", async (t) => {
  const { folder, content, write, verify } = setUp(t);
  const target = join(folder, "card.img");
  const { read_back } = await write(target);
  assert.ok(readFileSync(target).equals(content));
  // which it is depends on where temporary folders lie
  assert.match(read_back, /^(medium|memory)$/);
  const report = await verify(target);
  assert.ok(report.same);
  assert.deepEqual(report.personal, { state: "blank" });
});

test("a file that exists is a disk of its size: refused without yes, and when it is too small", async (t) => {
  const { folder, content, write } = setUp(t);
  const target = join(folder, "card.img");
  const before = plainImage(content.length + 5_000_001, "before");
  writeFileSync(target, before);
  await assert.rejects(write(target), { code: "target-exists" });
  assert.ok(readFileSync(target).equals(before));
  await write(target, true);
  const after = readFileSync(target);
  assert.equal(after.length, before.length);
  assert.ok(after.subarray(0, content.length).equals(content));
  writeFileSync(target, before.subarray(0, content.length - 1));
  await assert.rejects(write(target, true), { code: "target-too-small" });
});

test("an image is never written over itself, by whatever name", async (t) => {
  const { folder, image, content, write } = setUp(t);
  const other = join(folder, "other.img");
  linkSync(image, other);
  const link = join(folder, "link.img");
  symlinkSync(image, link);
  for (const target of [image, other, link])
    await assert.rejects(write(target, true), { code: "target-is-image" });
  assert.ok(readFileSync(image).equals(content));
});

test("nothing is made in place of a disk that is not there, nor in a folder that is not", async (t) => {
  const { folder, write } = setUp(t);
  for (const target of ["/dev/fulltrace-no-such-disk", join(folder, "none/card.img")]) {
    await assert.rejects(write(target), { code: "target-missing" });
    assert.ok(!existsSync(target));
  }
  for (const target of [folder, "/dev/null", "/dev/tty"])
    await assert.rejects(write(target, true), { code: /^target-(unfit|missing)$/ });
});

test("a file that was made and could not be filled is gone again", async (t) => {
  const { folder, image, write } = setUp(t);
  writeFileSync(`${image}.sha256`, `${"0".repeat(64)}  a.img\n`);
  const target = join(folder, "card.img");
  await assert.rejects(write(target), { code: "image-damaged" });
  assert.ok(!existsSync(target));
});

test("a file system without room says so", { skip: cannotMount("ext4") }, async (t) => {
  const { folder, write } = setUp(t);
  const small = join(folder, "small");
  mkdirSync(small);
  system("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", small]);
  try {
    const target = join(small, "card.img");
    await assert.rejects(write(target), { code: "target-full" });
    assert.ok(!existsSync(target));
  } finally {
    system("umount", [small]);
  }
});

test("what one unit carries is found on its card, and a changed byte of it is told", async (t) => {
  const { folder, content, write, verify } = setUp(t);
  const target = join(folder, "card.img");
  const personal: PersonalFiles = new Map([["serial", Buffer.from("A000123")]]);
  const { personal: names } = await write(target, false, personal);
  assert.deepEqual(names, ["serial"]);
  const expected = Buffer.from(content);
  packPersonal(personal).copy(expected, PERSONAL.at);
  assert.ok(readFileSync(target).equals(expected));
  const found = async () => {
    const report = await verify(target);
    return report.same ? report.personal : report.differs_at;
  };
  assert.deepEqual(await found(), { state: "present", names: ["serial"] });
  // what plain tar makes of it
  const part = join(folder, "part");
  writeFileSync(part, expected.subarray(PERSONAL.at, PERSONAL.at + PERSONAL.bytes));
  const listed = execFileSync("tar", ["--extract", "--to-stdout", "--file", part, "serial"], {
    encoding: "utf8",
  });
  assert.equal(listed, "A000123");
  expected.writeUInt8(0x42, PERSONAL.at + 1024);
  writeFileSync(target, expected);
  assert.deepEqual(await found(), { state: "damaged", place: "byte 1024 of the personal part" });
  expected.writeUInt8((expected[PERSONAL.at - 1] as number) ^ 1, PERSONAL.at - 1);
  writeFileSync(target, expected);
  assert.equal(await found(), PERSONAL.at - 1);
  writeFileSync(target, content.subarray(0, 70_001));
  assert.equal(await found(), 70_001);
});

test("an image without a place for it takes nothing personal", async (t) => {
  const { folder, write } = setUp(t, plainImage(3_000_000));
  const target = join(folder, "card.img");
  await assert.rejects(write(target, false, new Map([["serial", Buffer.from("A")]])), {
    code: "personal-missing",
  });
  assert.ok(!existsSync(target));
});

test("every obstacle that the kernel tells of has its code", { skip: cannotMount("ext4") }, async (t) => {
  const { path, device, sectors } = cardDisk(t, "ext4");
  const root = temporaryDirectory(t);
  const at = "pci0/usb1/1-2/host4";
  let trees = 0;
  const codeOf = async (change: object, tables = {}, wish = {}) => {
    const folder = join(root, String(trees++));
    const block = { name: "sdb", at, number: device, sectors, ...change };
    const paths = plantBlocks(folder, [block], tables);
    try {
      const all = { path, imageBytes: 1000, mostBytes: MOST_BYTES, insists: false, ...wish };
      await openTarget(all, paths).close();
      return null;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const mount = (target: string) => ({ mounts: `36 35 ${device} / ${target} rw - ext4 /dev/sdb rw\n` });
  const internal = { at: "pci0/ata1/host0" };
  assert.equal(await codeOf({}), null);
  assert.equal(await codeOf({}, mount("/")), "target-root");
  assert.equal(await codeOf({}, mount("/mnt"), { insists: true }), "target-mounted");
  assert.equal(await codeOf({ holders: ["dm-0"] }), null, "a holder that is gone holds nothing");
  assert.equal(await codeOf({ files: { "holders/dm-0/x": "" } }, {}, { insists: true }), "target-held");
  assert.equal(await codeOf({ files: { ro: "1" } }, {}, { insists: true }), "target-read-only");
  assert.equal(await codeOf({ sectors: 0 }, {}, { insists: true }), "target-empty");
  assert.equal(await codeOf({}, {}, { imageBytes: sectors * 512 + 1, insists: true }), "target-too-small");
  assert.equal(await codeOf(internal), "target-internal");
  assert.equal(await codeOf(internal, {}, { insists: true }), null);
  assert.equal(await codeOf({}, {}, { mostBytes: sectors * 512 - 1 }), "target-too-large");
  assert.equal(await codeOf({ number: "8:1" }), "target-missing");
  const part = { number: "8:1", partitions: [{ name: "sdb1", number: device }] };
  assert.equal(await codeOf(part, {}, { insists: true }), "target-partition");
});

test("a real disk: internal without yes, refused while mounted or held open, then written and found", {
  skip: cannotMount("ext4"),
}, async (t) => {
  const { folder, content, write, verify } = setUp(t);
  const { path, root } = cardDisk(t, "ext4");
  await assert.rejects(write(path), { code: "target-internal" });
  const mounted = join(root, "mounted");
  mkdirSync(mounted);
  system("mount", [path, mounted]);
  await assert.rejects(write(path, true), { code: "target-mounted", place: new RegExp(mounted) });
  system("umount", [mounted]);

  const port = openTarget({ path, imageBytes: 1, mostBytes: MOST_BYTES, insists: true }, SYSTEM_DISKS);
  // who writes keeps everybody else away, and is kept away
  await assert.rejects(write(path, true), { code: "target-busy" });
  assert.throws(() => system("mount", [path, mounted]), /busy|already mounted/);
  await port.close();

  const link = join(folder, "by-id");
  symlinkSync(path, link);
  const report = await write(link, true);
  assert.equal(report.read_back, "medium");
  assert.ok((await verify(path)).same);
  const disk = readFileSync(path);
  assert.ok(disk.subarray(0, content.length).equals(content));
  assert.ok(disk.subarray(-(2 ** 20)).every((byte) => byte === 0));

  const fd = openSync(path, "r+");
  writeSync(fd, Buffer.of((content[0] as number) ^ 1), 0, 1, 0);
  fsyncSync(fd);
  closeSync(fd);
  const differs = await verify(path);
  assert.deepEqual([differs.same, differs.same || differs.differs_at], [false, 0]);
});
