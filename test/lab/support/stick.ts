import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { FileSystem } from "../../../drivers/recorders/mass-storage/mount/card.ts";
import { eventually } from "../../support/waiting.ts";
import { askHost } from "./host.ts";

// The disk that the host has plugged in.

const PLUG_MS = 60_000;
const DISKS = "/dev/disk/by-id";
const USB_DEVICES = "/sys/bus/usb/devices";

/** Where the USB device with these ids is plugged in, as the kernel names it. Throws if it is not. */
export function portOf(vendorId: string, productId: string): string {
  const read = (port: string, name: string): string => {
    const path = join(USB_DEVICES, port, name);
    return existsSync(path) ? readFileSync(path, "utf8").trim() : "";
  };
  const port = readdirSync(USB_DEVICES).find(
    (one) => read(one, "idVendor") === vendorId && read(one, "idProduct") === productId,
  );
  if (port === undefined) throw new Error(`no device ${vendorId}:${productId}`);
  return port;
}

export const stickPort = (): string => portOf("46f4", "0001");

export const unplugStick = async (): Promise<void> => {
  await askHost({ kind: "unplug", device: "stick" });
  await eventually("no disk", () => !existsSync(diskPath()), PLUG_MS);
};

/** Resolves when its partition is there. */
export async function plugStick(): Promise<void> {
  await askHost({ kind: "plug", device: "stick" });
  await eventually("the disk", () => existsSync(`${diskPath()}-part1`), PLUG_MS);
}

/** The same for one that may have no partition; answers its node. */
export async function plugBareStick(): Promise<string> {
  await askHost({ kind: "plug", device: "stick" });
  await eventually("the disk", () => existsSync(diskPath()), PLUG_MS);
  return realpathSync(diskPath());
}

/** The node of the disk, which is plugged in if it is not. */
export async function pluggedStick(): Promise<string> {
  return existsSync(diskPath()) ? realpathSync(diskPath()) : await plugBareStick();
}

/** One partition with these files, as a recorder leaves it. */
export function formatStick(fileSystem: FileSystem, files: ReadonlyMap<string, Buffer>): void {
  const path = realpathSync(diskPath());
  run("wipefs", ["--all", "--force", "--quiet", path]);
  execFileSync("sfdisk", ["--quiet", "--wipe-partitions", "always", path], { input: "label: dos\n,,\n" });
  run("udevadm", ["settle", "--timeout=60"]);
  fillDisk(`${path}1`, fileSystem, files);
}

/** A fresh file system on a block device, with these files. */
function fillDisk(device: string, fileSystem: FileSystem, files: ReadonlyMap<string, Buffer>): void {
  run(`mkfs.${fileSystem}`, fileSystem === "ext4" ? ["-q", "-F", device] : [device]);
  const mounted = mkdtempSync("/tmp/format-");
  const names = fileSystem === "vfat" ? ["-o", "utf8=1,tz=UTC"] : [];
  run("mount", ["-t", fileSystem, ...names, device, mounted]);
  try {
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(mounted, path)), { recursive: true });
      writeFileSync(join(mounted, path), bytes);
    }
  } finally {
    run("umount", [mounted]);
    rmSync(mounted, { recursive: true, force: true });
  }
}

function diskPath(): string {
  const names = existsSync(DISKS) ? readdirSync(DISKS) : [];
  return join(DISKS, names.find((name) => name.startsWith("usb-QEMU") && !name.includes("-part")) ?? "none");
}

function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
}
