import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { TestContext } from "node:test";
import type { FileSystem } from "../../../drivers/recorders/mass-storage/mount/card.ts";
import { readMountTable } from "../../../drivers/recorders/mass-storage/mount/disk/mount-table.ts";

export interface CardDisk {
  /** A folder of the test's own. */
  root: string;
  /** The disk as the kernel tells of it. */
  name: string;
  path: string;
  device: string;
  sectors: number;
}

/** A loop device with a fresh file system. After the test it is gone, and so is all that was mounted below `root`. */
export function cardDisk(t: TestContext, fileSystem: FileSystem, bytes = 64 * 2 ** 20): CardDisk {
  const root = mkdtempSync(join(tmpdir(), "fulltrace-card-"));
  let path = "";
  t.after(() => {
    // one hook: hooks run in the order they were given, and a mounted folder cannot be removed
    for (const { target } of readMountTable().reverse()) {
      if (target.startsWith(`${root}/`)) system("umount", [target]);
    }
    if (path !== "") system("losetup", ["--detach", path]);
    rmSync(root, { recursive: true });
  });
  const image = join(root, "card.img");
  writeFileSync(image, "");
  truncateSync(image, bytes);
  system(`mkfs.${fileSystem}`, fileSystem === "ext4" ? ["-q", image] : [image]);
  path = system("losetup", ["--find", "--show", image]).trim();
  const name = basename(path);
  const device = readFileSync(`/sys/block/${name}/dev`, "utf8").trim();
  return { root, name, path, device, sectors: bytes / 512 };
}

/** Why no card of this kind can be mounted here; false: it can. */
export function cannotMount(fileSystem: FileSystem): string | false {
  if (process.getuid?.() !== 0) return "mounting cards needs root";
  const known = readFileSync("/proc/filesystems", "utf8").split(/\s+/).includes(fileSystem);
  if (!known && spawnSync("modprobe", [fileSystem]).status !== 0) {
    return `this kernel has no ${fileSystem}; a kernel of Debian in a virtual machine has`;
  }
  const loop = spawnSync("losetup", ["--find"]);
  return loop.status === 0 ? false : "this kernel gives no loop device";
}

export function system(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr}`);
  return stdout;
}
