import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Counters } from "../../../../../../config/base/counters.ts";
import { AgentMounter } from "../../../../../../drivers/recorders/mass-storage/mount/agent-mounter.ts";
import { cardDisks } from "../../../../../../drivers/recorders/mass-storage/mount/disk/card-disks.ts";
import { parseMountTable } from "../../../../../../drivers/recorders/mass-storage/mount/disk/mount-table.ts";
import { superblockOf } from "../../../../../../drivers/recorders/mass-storage/mount/disk/superblock.ts";
import { isNodeOf, usbDisks } from "../../../../../../drivers/recorders/mass-storage/mount/disk/usb-disks.ts";
import { OwnMounts } from "../../../../../../drivers/recorders/mass-storage/mount/mounts/own-mounts.ts";
import { WritingStretch } from "../../../../../../drivers/recorders/mass-storage/mount/writing-stretch.ts";
import { going } from "../../../../../contract/recorder/calls.ts";
import { type PlantedDisk, plantDisks } from "../../../../../support/cards/planted-disk.ts";
import { ManualClock, temporaryDirectory } from "../../../../../support/surroundings.ts";

/** A block device that every Linux has, and that nobody mounts. */
const NODE = { name: "loop7", device: "7:7", sectors: 4096 };

function planted(t: TestContext, ...disks: PlantedDisk[]) {
  const root = temporaryDirectory(t);
  const paths = plantDisks(root, "1-4.2", disks);
  const mounts = join(root, "mountinfo");
  writeFileSync(mounts, "");
  const swaps = join(root, "swaps");
  writeFileSync(swaps, "Filename Type\n");
  return { ...paths, mountTable: mounts, swaps };
}

describe("the disks of a USB device", () => {
  test("are found with their partitions, in order, without those that hold no medium", (t) => {
    const paths = planted(
      t,
      { name: "sdb", device: "8:16", sectors: 0 },
      {
        name: "sda",
        device: "8:0",
        sectors: 100_000,
        partitions: [
          { name: "sda2", device: "8:2", sectors: 2 },
          { name: "sda10", device: "8:10", sectors: 500 },
          { name: "sda1", device: "8:1", sectors: 1000 },
        ],
      },
    );
    const disks = usbDisks("1-4.2", paths);
    assert.deepEqual(
      disks.map(({ name, partitions }) => [name, ...partitions.map((part) => part.name)]),
      [["sda", "sda1", "sda10"]],
    );
    for (const port of ["1-4", "1-4.3", "../bus/1-4.2", "1-4.2/"]) {
      assert.throws(() => usbDisks(port, paths), { code: "card-missing" }, port);
    }
  });

  test("are the nodes that the kernel named, or nothing", (t) => {
    const [disk] = usbDisks("1-4.2", planted(t, NODE));
    assert.ok(disk !== undefined);
    assert.equal(isNodeOf({ ...disk, path: "/dev/null" }), false);
    assert.equal(isNodeOf({ ...disk, path: "/dev/none" }), false);
  });

  const rules = (paths: ReturnType<typeof planted>) => ({
    paths,
    clock: new ManualClock(),
    appearMs: 0,
    allowBuiltIn: false,
    isOurs: ({ target }: { target: string }) => target.startsWith("/cards/"),
  });

  test("that serve this machine, are built in, or are not what they were are refused", async (t) => {
    const refused = async (
      code: string,
      disk: PlantedDisk,
      change: (paths: ReturnType<typeof planted>) => void,
    ) => {
      const paths = planted(t, disk);
      change(paths);
      await assert.rejects(cardDisks("1-4.2", rules(paths), going()), { code });
    };
    const mounted = (target: string) => (paths: ReturnType<typeof planted>) =>
      writeFileSync(paths.mountTable, `36 35 7:7 / ${target} rw,noatime - ext4 /dev/loop7 rw\n`);
    await refused("card-not-removable", { ...NODE, removable: false }, () => {});
    await refused("card-in-use", { ...NODE, held: true }, () => {});
    await refused("card-in-use", NODE, mounted("/"));
    await refused("card-in-use", NODE, mounted("/home"));
    await refused("card-in-use", NODE, ({ swaps }) =>
      writeFileSync(swaps, "Filename\n/dev/loop7 partition\n"),
    );
    await refused("card-missing", { ...NODE, device: "7:6" }, () => {});
    const paths = planted(t, NODE);
    mounted("/cards/1")(paths);
    assert.equal((await cardDisks("1-4.2", rules(paths), going())).length, 1);
  });

  test("are waited for, but not for ever", async (t) => {
    const paths = planted(t);
    const clock = new ManualClock();
    const mounts = new OwnMounts(join(temporaryDirectory(t), "cards"), { uid: 0, gid: 0 });
    const options = { mounts, utcOffsetMin: 480, clock, paths };
    const mounter = new AgentMounter({ ...options, counters: new Counters(), appearMs: 1000 });
    await mounter.start();
    let outcome = "waiting";
    const mounting = mounter.mount({ port: "1-4.2" }, going()).catch(({ code }) => {
      outcome = code;
    });
    for (let i = 0; i < 4; i++) {
      await turn();
      clock.advance(200);
    }
    await turn();
    assert.equal(outcome, "waiting");
    for (let i = 0; i < 3; i++) {
      clock.advance(200);
      await turn();
    }
    await mounting;
    assert.equal(outcome, "card-missing");
  });
});

test("the mount table of this machine is read, and one with spaces in it", () => {
  assert.ok(
    parseMountTable(readFileSync("/proc/self/mountinfo", "utf8")).some(({ target }) => target === "/"),
  );
  const line = "36 35 8:1 / /media/a\\040b ro,nosuid shared:1 - vfat /dev/sda1 ro,tz=UTC";
  const [mount] = parseMountTable(`nonsense\n${line}\n`);
  assert.equal(mount?.target, "/media/a b");
  assert.ok(mount?.options.has("nosuid") && mount.superOptions.has("tz=UTC"));
});

test("a superblock is known by its marks, and a boot sector of something else is not", () => {
  const fat = (mark: string, at: number) => {
    const head = Buffer.alloc(2048);
    head.writeUInt16LE(512, 11);
    head.writeUInt8(8, 13);
    head.writeUInt8(2, 16);
    head.writeUInt32LE(0x1234abcd, at === 0x52 ? 0x43 : 0x27);
    head.write(mark, at, "latin1");
    head.writeUInt16LE(0xaa55, 0x1fe);
    return head;
  };
  assert.deepEqual(superblockOf(fat("FAT32   ", 0x52)), { fileSystem: "vfat", volumeId: "1234abcd" });
  assert.deepEqual(superblockOf(fat("FAT16   ", 0x36)), { fileSystem: "vfat", volumeId: "1234abcd" });
  assert.equal(superblockOf(fat("EXFAT   ", 3))?.fileSystem, "exfat");
  const ext = Buffer.alloc(2048);
  ext.writeUInt16LE(0xef53, 1024 + 0x38);
  assert.equal(superblockOf(ext)?.fileSystem, "ext4");
  assert.equal(superblockOf(fat("NTFS    ", 3)), null);
  assert.equal(superblockOf(Buffer.alloc(2048)), null);
  assert.equal(superblockOf(Buffer.alloc(512)), null);
});

test("a stretch of writing is one for all who write, and closes after the last", async () => {
  const steps: string[] = [];
  const step = (name: string) => async () => {
    steps.push(name);
  };
  const writing = new WritingStretch(step("open"), step("close"));
  await writing.run(async () => {
    await Promise.all([writing.run(step("one")), writing.run(step("two"))]);
    await assert.rejects(writing.run(() => Promise.reject(new Error("fault"))));
  });
  await writing.run(step("three"));
  assert.deepEqual(steps, ["open", "one", "two", "close", "open", "three", "close"]);
  const refused = new WritingStretch(() => Promise.reject(new Error("no")), step("never"));
  await assert.rejects(refused.run(step("never")), { message: "no" });
  assert.ok(!steps.includes("never"));
});
