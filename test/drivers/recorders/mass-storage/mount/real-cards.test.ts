import assert from "node:assert/strict";
import { once } from "node:events";
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { systemClock } from "../../../../../config/base/clock.ts";
import { Counters } from "../../../../../config/base/counters.ts";
import { openMassStorage } from "../../../../../drivers/recorders/mass-storage/mass-storage.ts";
import { AgentMounter } from "../../../../../drivers/recorders/mass-storage/mount/agent-mounter.ts";
import { FILE_SYSTEMS, type FileSystem } from "../../../../../drivers/recorders/mass-storage/mount/card.ts";
import { readMountTable } from "../../../../../drivers/recorders/mass-storage/mount/disk/mount-table.ts";
import type { KernelPaths } from "../../../../../drivers/recorders/mass-storage/mount/disk/usb-disks.ts";
import type { CardMounts } from "../../../../../drivers/recorders/mass-storage/mount/mounts/card-mounts.ts";
import { OwnMounts } from "../../../../../drivers/recorders/mass-storage/mount/mounts/own-mounts.ts";
import { OsMounter } from "../../../../../drivers/recorders/mass-storage/mount/os-mounter.ts";
import { answerOrder } from "../../../../../drivers/recorders/mass-storage/mount/service/mounting-service.ts";
import { ServiceMounts } from "../../../../../drivers/recorders/mass-storage/mount/service/service-mounts.ts";
import { content, fileAt, going, listing } from "../../../../contract/recorder/calls.ts";
import { cannotMount, cardDisk, system } from "../../../../support/cards/card-image.ts";
import { plantDisks } from "../../../../support/cards/planted-disk.ts";
import { temporaryDirectory } from "../../../../support/surroundings.ts";

const PORT = "1-4";
const DEVICE = { port: PORT, manufacturer: "ACME", product: "BWC" };
/** What the recorder's clock showed, 8 h ahead of UTC. */
const SHOWN_MS = Date.UTC(2026, 10, 23, 17, 30, 21);

type MountedBy = "itself" | "the mounting service";

/** The same mounts behind the mounting service's own code, over a real socket. */
async function mountingService(
  t: TestContext,
  mounts: CardMounts,
  directory: string,
  paths: KernelPaths,
): Promise<CardMounts> {
  await mounts.begin();
  const parts = { mounts, directory, clock: systemClock, paths, allowBuiltIn: false };
  const server = createServer((socket) => void answerOrder(socket, socket, parts));
  const socket = join(temporaryDirectory(t), "mounter.sock");
  await once(server.listen(socket), "listening");
  t.after(() => server.close());
  return new ServiceMounts(socket, directory);
}

/** A card with two files, as a recorder leaves it, behind a planted USB port. */
async function card(t: TestContext, fileSystem: FileSystem, by: MountedBy) {
  const { root, ...loop } = cardDisk(t, fileSystem);
  const filled = join(root, "filled");
  mkdirSync(filled);
  // vfat and exFAT keep what they are given in UTC, as a recorder without zones does
  system("mount", ["-t", fileSystem, ...(fileSystem === "vfat" ? ["-o", "tz=UTC"] : []), loop.path, filled]);
  try {
    mkdirSync(join(filled, "DCIM"));
    for (const name of ["a.mp4", "b.mp4"]) {
      writeFileSync(join(filled, "DCIM", name), name.repeat(10_000));
      utimesSync(join(filled, "DCIM", name), SHOWN_MS / 1000, SHOWN_MS / 1000);
    }
  } finally {
    system("umount", [filled]);
  }
  const counters = new Counters();
  const paths = plantDisks(root, PORT, [loop]);
  const directory = join(root, "cards");
  const own = new OwnMounts(directory, { uid: 0, gid: 0 });
  const mounts = by === "itself" ? own : await mountingService(t, own, directory, paths);
  const options = { mounts, utcOffsetMin: 480, clock: systemClock, counters, appearMs: 0, paths };
  const mounter = new AgentMounter(options);
  await mounter.start();
  return { root, loop, counters, paths, directory, mounter, options };
}

const optionsAt = (target: string) => readMountTable().find((mount) => mount.target === target)?.options;

for (const fileSystem of FILE_SYSTEMS)
  for (const by of ["itself", "the mounting service"] as const) {
    // at each test, not at their suite: the runner tells of every test that is skipped, and why
    const skip = cannotMount(fileSystem);
    describe(`the ${fileSystem} card that an agent mounts by ${by}`, () => {
      test("is mounted for nothing but reading, read, wiped in one stretch, and left clean", {
        skip,
      }, async (t) => {
        const { mounter, directory, counters } = await card(t, fileSystem, by);
        const driver = await openMassStorage({ mounter, device: DEVICE, mayRemove: true }, going());
        const [volume] = driver.card.volumes;
        assert.ok(volume !== undefined && volume.fileSystem === fileSystem);
        const guards = ["ro", "nosuid", "nodev", "noexec", "nosymfollow"];
        for (const option of guards) assert.ok(optionsAt(volume.root)?.has(option), option);
        assert.throws(() => writeFileSync(join(volume.root, "x"), ""), { code: "EROFS" });

        const { serial, model } = await driver.identify(going());
        assert.match(serial, /^volume-[0-9a-f]{8,32}$/);
        assert.equal(model, "ACME BWC");
        const file = await fileAt(driver, "DCIM/a.mp4");
        assert.equal((await content(driver, file, 0, file.bytes)).toString(), "a.mp4".repeat(10_000));
        if (fileSystem === "vfat") assert.equal(file.modifiedMs, SHOWN_MS - 1000 - 480 * 60_000);

        const other = await fileAt(driver, "DCIM/b.mp4");
        await driver.withWriting(async () => {
          assert.ok(optionsAt(volume.root)?.has("rw"));
          for (const option of guards.slice(1)) assert.ok(optionsAt(volume.root)?.has(option), option);
          await driver.remove(file, going());
          await driver.remove(other, going());
        });
        assert.ok(optionsAt(volume.root)?.has("ro"));
        assert.equal((await listing(driver)).filter(({ kind }) => kind === "file").length, 0);

        await driver.close();
        assert.deepEqual(
          [optionsAt(volume.root), readdirSync(directory), counters.snapshot()],
          [undefined, [], {}],
        );
      });

      test("is read-only again when the work on it fails", { skip }, async (t) => {
        const { mounter } = await card(t, fileSystem, by);
        const driver = await openMassStorage({ mounter, device: DEVICE, mayRemove: true }, going());
        const fault = new Error("fault");
        await assert.rejects(
          driver.withWriting(() => Promise.reject(fault)),
          fault,
        );
        assert.ok(optionsAt(driver.card.volumes[0]?.root ?? "")?.has("ro"));
        assert.ok(driver.card.isThere());
      });

      test("left mounted by an agent that died is unmounted at the next start", { skip }, async (t) => {
        const { mounter, directory, options } = await card(t, fileSystem, by);
        await mounter.mount(DEVICE, going());
        assert.equal(readMountTable().filter(({ target }) => target.startsWith(directory)).length, 1);
        await new AgentMounter(options).start();
        assert.equal(readMountTable().filter(({ target }) => target.startsWith(directory)).length, 0);
        assert.deepEqual(readdirSync(directory), []);
      });

      test("in use at its end is unmounted all the same, and counted", { skip }, async (t) => {
        const { mounter, counters } = await card(t, fileSystem, by);
        const mounted = await mounter.mount(DEVICE, going());
        const open = openSync(join(mounted.volumes[0]?.root ?? "", "DCIM/a.mp4"), "r");
        try {
          await mounted.close();
        } finally {
          closeSync(open);
        }
        assert.equal(counters.get("card-unmounted-lazily"), 1);
        assert.equal(optionsAt(mounted.volumes[0]?.root ?? ""), undefined);
      });

      test("that somebody else mounted is not touched; below /media it is taken if it is guarded", {
        skip,
      }, async (t) => {
        const { mounter, loop, root, paths, counters } = await card(t, fileSystem, by);
        const media = join(root, "media/card");
        mkdirSync(media, { recursive: true });
        system("mount", ["-t", fileSystem, "-o", "rw", loop.path, media]);
        await assert.rejects(mounter.mount(DEVICE, going()), { code: "card-in-use" });
        const own = { clock: systemClock, counters, appearMs: 0, paths, below: [join(root, "media")] };
        await assert.rejects(new OsMounter(own).mount(DEVICE, going()), { code: "card-mount-options" });
        assert.ok(optionsAt(media)?.has("rw"), "refused, and left as it was");
        const taken = await new OsMounter({ ...own, mayRemount: true }).mount(DEVICE, going());
        for (const option of ["ro", "nosuid", "nodev", "noexec"])
          assert.ok(optionsAt(media)?.has(option), option);
        assert.equal(taken.volumes[0]?.root, media);
        await taken.withWriting(async () => writeFileSync(join(media, "x"), "x"));
        assert.equal(readFileSync(join(media, "x"), "utf8"), "x");
        assert.throws(() => writeFileSync(join(media, "y"), ""), { code: "EROFS" });
        await assert.rejects(new OsMounter({ ...own, below: ["/media"] }).mount(DEVICE, going()), {
          code: "card-in-use",
        });
      });
    });
  }

describe("an ext4 card that changes", () => {
  const skip = cannotMount("ext4");
  test("cannot lead out of itself, whatever became of a folder", { skip }, async (t) => {
    const { mounter, root } = await card(t, "ext4", "itself");
    const outside = join(root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "a.mp4"), "a.mp4".repeat(10_000));
    utimesSync(join(outside, "a.mp4"), SHOWN_MS / 1000, SHOWN_MS / 1000);
    const driver = await openMassStorage({ mounter, device: DEVICE, mayRemove: true }, going());
    const file = await fileAt(driver, "DCIM/a.mp4");
    await driver.withWriting(async () => {
      const top = driver.card.volumes[0]?.root ?? "";
      system("mv", [join(top, "DCIM"), join(top, "OLD")]);
      system("ln", ["-s", outside, join(top, "DCIM")]);
    });
    await assert.rejects(content(driver, file, 0, file.bytes), { code: "file-gone" });
    await assert.rejects(driver.remove(file, going()), { code: "file-gone" });
    assert.ok(readdirSync(outside).includes("a.mp4"));
  });

  test("is not made writable while a file of it is open, and goes on being read", { skip }, async (t) => {
    const { mounter } = await card(t, "ext4", "itself");
    const driver = await openMassStorage({ mounter, device: DEVICE, mayRemove: true }, going());
    const file = await fileAt(driver, "DCIM/a.mp4");
    for await (const _ of driver.read(file, 0, file.bytes, going())) {
      await assert.rejects(driver.remove(file, going()), { code: "card-mount-failed" });
    }
    assert.ok(driver.card.isThere());
    await driver.remove(file, going());
  });
});
