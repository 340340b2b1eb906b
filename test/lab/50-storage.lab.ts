import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { systemClock } from "../../config/base/clock.ts";
import { Counters } from "../../config/base/counters.ts";
import { openMassStorage } from "../../drivers/recorders/mass-storage/mass-storage.ts";
import { AgentMounter } from "../../drivers/recorders/mass-storage/mount/agent-mounter.ts";
import { FILE_SYSTEMS, type FileSystem } from "../../drivers/recorders/mass-storage/mount/card.ts";
import { content, fileAt, going, listing } from "../contract/recorder/calls.ts";
import { eventually } from "../support/waiting.ts";
import { askHost } from "./support/host.ts";

// The disk driver on a USB disk of the kernel's, mounted by the agent's own mounter.

const TEST_MS = 200_000;
const PLUG_MS = 60_000;
const FILE_BYTES = 16 * 2 ** 20;
const DISKS = "/dev/disk/by-id";
const folder = mkdtempSync("/run/cards-");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

after(() => rmSync(folder, { recursive: true, force: true }));

for (const fileSystem of FILE_SYSTEMS) {
  describe(`a ${fileSystem} disk`, () => {
    test("is read whole over an unplug, wiped and left clean", { timeout: TEST_MS }, async () => {
      const film = randomBytes(FILE_BYTES);
      format(fileSystem, film);
      // what was just written must come from the device, not from memory
      await replug();
      const directory = join(folder, fileSystem);
      const counters = new Counters();
      const mounter = new AgentMounter({ directory, utcOffsetMin: 480, clock: systemClock, counters });
      await mounter.start();
      const device = { port: portOf(disk()), manufacturer: "QEMU", product: "HARDDISK" };
      const first = await openMassStorage({ mounter, device, mayRemove: true }, going());
      const file = await fileAt(first, "DCIM/film.mp4");
      const head = await content(first, file, 0, FILE_BYTES / 4);
      await askHost({ kind: "unplug", device: "stick" });
      await assert.rejects(content(first, file, FILE_BYTES / 4, FILE_BYTES));
      await first.close();
      await askHost({ kind: "plug", device: "stick" });
      await eventually("the disk", () => existsSync(`${diskPath()}-part1`), PLUG_MS);

      const again = await openMassStorage({ mounter, device, mayRemove: true }, going());
      const same = await fileAt(again, "DCIM/film.mp4");
      const rest = await content(again, same, head.length, FILE_BYTES);
      assert.equal(sha256(Buffer.concat([head, rest])), sha256(film));
      await again.withWriting(() => again.remove(same, going()));
      assert.deepEqual(await listing(again), []);
      await again.close();
      assert.deepEqual(readdirSync(directory), []);
    });
  });
}

function diskPath(): string {
  const names = existsSync(DISKS) ? readdirSync(DISKS) : [];
  return join(DISKS, names.find((name) => name.startsWith("usb-QEMU") && !name.includes("-part")) ?? "none");
}

/** `sda` */
function disk(): string {
  return realpathSync(diskPath()).split("/").at(-1) ?? "";
}

/** Where it is plugged in, as the kernel names it. */
function portOf(name: string): string {
  const path = realpathSync(`/sys/block/${name}`);
  return /\/([0-9]+-[0-9.]+):[0-9.]+\//.exec(path)?.[1] ?? "none";
}

async function replug(): Promise<void> {
  await askHost({ kind: "unplug", device: "stick" });
  await eventually("no disk", () => !existsSync(diskPath()), PLUG_MS);
  await askHost({ kind: "plug", device: "stick" });
  await eventually("the disk", () => existsSync(`${diskPath()}-part1`), PLUG_MS);
}

/** One partition with one film, as a recorder leaves it. */
function format(fileSystem: FileSystem, film: Buffer): void {
  const path = `/dev/${disk()}`;
  run("wipefs", ["--all", "--force", "--quiet", path]);
  execFileSync("sfdisk", ["--quiet", "--wipe-partitions", "always", path], { input: "label: dos\n,,\n" });
  run("udevadm", ["settle", "--timeout=60"]);
  const partition = `${path}1`;
  run(`mkfs.${fileSystem}`, fileSystem === "ext4" ? ["-q", "-F", partition] : [partition]);
  const mounted = mkdtempSync("/tmp/format-");
  run("mount", ["-t", fileSystem, partition, mounted]);
  try {
    mkdirSync(join(mounted, "DCIM"));
    writeFileSync(join(mounted, "DCIM", "film.mp4"), film);
  } finally {
    run("umount", [mounted]);
    rmSync(mounted, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
}
