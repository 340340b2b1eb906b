import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { packPersonal, unpackPersonal } from "../../../../agent/flash/personal/archive.ts";
import { MEMBER_NAMES, MEMBERS, type PersonalName } from "../../../../agent/flash/personal/members.ts";
import { LEAST_REGION_BYTES } from "../../../../agent/flash/personal/region.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

const NAMES = MEMBER_NAMES.filter((name): name is PersonalName => name !== "version" && name !== "digests");
const some = new Map<PersonalName, Buffer>([
  ["serial", Buffer.from("A000123")],
  ["broker-password", Buffer.from("secret\n")],
]);

function regionWith(archive: Buffer, bytes = archive.length + 5120): Buffer {
  const region = Buffer.alloc(bytes);
  archive.copy(region);
  return region;
}

test("any contents come back the same, in any order of giving, as the same bytes", () => {
  const files = fc.dictionary(fc.constantFrom(...NAMES), fc.uint8Array({ maxLength: 256 }));
  fc.assert(
    fc.property(files, (given) => {
      const entries = Object.entries(given).map(
        ([name, bytes]) => [name as PersonalName, Buffer.from(bytes)] as const,
      );
      const archive = packPersonal(new Map(entries));
      assert.ok(archive.equals(packPersonal(new Map([...entries].reverse()))));
      const found = unpackPersonal(regionWith(archive));
      assert.deepEqual(found === null ? null : new Map([...found].sort()), new Map([...entries].sort()));
    }),
  );
});

test("plain tar lists and unpacks it, and sha256sum checks it", (t) => {
  const folder = temporaryDirectory(t);
  writeFileSync(join(folder, "part"), regionWith(packPersonal(some), LEAST_REGION_BYTES));
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, LANG: "C", TZ: "UTC" },
    });
  const lines = run("tar", "tvf", "part").trim().split("\n");
  assert.deepEqual(
    lines.map((line) => [line.slice(0, 10), line.split(/\s+/).at(-1)]),
    ["version", "serial", "broker-password", "digests"].map((name) => ["-rw-------", name]),
  );
  run("tar", "xf", "part");
  assert.equal(run("sha256sum", "--check", "digests"), "version: OK\nserial: OK\nbroker-password: OK\n");
});

test("every bit that is wrong anywhere is damage", () => {
  const region = regionWith(packPersonal(some), 8192);
  assert.deepEqual(unpackPersonal(region), some);
  for (let bit = 0; bit < region.length * 8; bit++) {
    const at = bit >> 3;
    region.writeUInt8((region[at] as number) ^ (1 << (bit & 7)), at);
    assert.throws(() => unpackPersonal(region), { code: "personal-damaged" }, `bit ${bit}`);
    region.writeUInt8((region[at] as number) ^ (1 << (bit & 7)), at);
  }
});

test("one that is wiped in part is damage, and one that is wiped to its end is blank", () => {
  const whole = regionWith(packPersonal(some), 8192);
  for (let cut = 1; cut <= whole.length; cut++) {
    const front = Buffer.from(whole).fill(0, 0, cut);
    if (front.every((byte) => byte === 0)) assert.equal(unpackPersonal(front), null);
    else assert.throws(() => unpackPersonal(front), { code: "personal-damaged" }, `front ${cut}`);
  }
});

test("a region too short for its archive, other names, another order and doubles are damage", () => {
  const archive = packPersonal(some);
  for (const bytes of [512, 1024, archive.length - 512, archive.length - 1])
    assert.throws(() => unpackPersonal(archive.subarray(0, bytes)), { code: "personal-damaged" }, `${bytes}`);
  assert.deepEqual(unpackPersonal(archive), some);
  const records = (from: number, to: number) => archive.subarray(from * 512, to * 512);
  // version, serial, broker-password, digests: two records each
  const swapped = Buffer.concat([records(0, 2), records(4, 6), records(2, 4), records(6, 12)]);
  const doubled = Buffer.concat([records(0, 4), records(2, 12)]);
  const headless = records(2, 12);
  for (const bad of [swapped, doubled, headless])
    assert.throws(() => unpackPersonal(regionWith(bad)), { code: "personal-damaged" });
});

test("every member has its bound, and all of them at it fit the smallest region", () => {
  const most = new Map(NAMES.map((name) => [name, Buffer.alloc(MEMBERS[name], 0x41)]));
  const archive = packPersonal(most);
  assert.ok(archive.length <= LEAST_REGION_BYTES, `${archive.length}`);
  assert.deepEqual(unpackPersonal(regionWith(archive)), most);
  for (const name of NAMES) {
    const over = new Map([[name, Buffer.alloc(MEMBERS[name] + 1, 0x41)]]);
    assert.throws(() => packPersonal(over), { code: "personal-unfit", place: new RegExp(`^${name}: `) });
  }
});
