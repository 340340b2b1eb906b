import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { systemClock } from "../../../../config/base/clock.ts";
import { Counters } from "../../../../config/base/counters.ts";
import { openMassStorage } from "../../../../drivers/recorders/mass-storage/mass-storage.ts";
import { AgentMounter } from "../../../../drivers/recorders/mass-storage/mount/agent-mounter.ts";
import { readMountTable } from "../../../../drivers/recorders/mass-storage/mount/disk/mount-table.ts";
import type { RecorderDriver } from "../../../../drivers/recorders/recorder-driver.ts";
import { going } from "../../../contract/recorder/calls.ts";
import type { CardFile, MakeRecorder } from "../../../contract/recorder/under-test.ts";
import { eventually } from "../../../support/waiting.ts";
import { COMPOSITE, type CompositeCamera } from "../composite-camera.ts";
import { fillDisk, portOf } from "../stick.ts";

const APPEAR_MS = 60_000;
const GONE_MS = 20_000;
const LOOK_MS = 20;
const DISKS = "/dev/disk/by-id";

/** The camera's disk face, as the contract wants it: vfat, mounted by the agent; the camera is built already. */
export async function diskUnderTest(camera: CompositeCamera): Promise<MakeRecorder> {
  const directory = mkdtempSync("/run/contract-cards-");
  const mounter = new AgentMounter({
    directory,
    utcOffsetMin: 0,
    clock: systemClock,
    counters: new Counters(),
  });
  await mounter.start();
  let leftBytes = Number.POSITIVE_INFINITY;

  function unplug(): void {
    if (!camera.isIn) return;
    const device = diskPath();
    camera.unplug();
    // a hand has pulled it when the kernel has noticed
    const still = new Int32Array(new SharedArrayBuffer(4));
    for (let waitedMs = 0; waitedMs < GONE_MS && existsSync(device); waitedMs += LOOK_MS)
      Atomics.wait(still, 0, 0, LOOK_MS);
  }

  async function open(): Promise<RecorderDriver> {
    leftBytes = Number.POSITIVE_INFINITY;
    if (!camera.isIn) await camera.plug();
    await eventually("the disk", () => existsSync(diskPath()), APPEAR_MS);
    const device = { port: portOf("1d6b", "0104"), manufacturer: "Lab", product: "Disk" };
    const driver = await openMassStorage({ mounter, device, mayRemove: true }, going());
    const read = driver.read.bind(driver);
    driver.read = async function* (file, offset, length, signal) {
      for await (const piece of read(file, offset, length, signal)) {
        leftBytes -= piece.length;
        if (leftBytes >= 0) yield piece;
        else unplug();
      }
    };
    return driver;
  }

  return async (files) => {
    if (!camera.isIn) await camera.plug();
    await eventually("the disk", () => existsSync(diskPath()), APPEAR_MS);
    const times = new Map(files.map(({ path, modifiedMs }) => [path, modifiedMs]));
    const fresh = new Map(files.map(({ path, bytes }) => [path, Buffer.from(bytes)]));
    fillDisk(diskPath(), "vfat", fresh, (path) => {
      const [, modifiedMs = 0] = [...times].find(([one]) => path.endsWith(`/${one}`)) ?? [];
      utimesSync(path, modifiedMs / 1000, modifiedMs / 1000);
    });
    const driver = await open();
    return {
      driver,
      card: {
        bytesOf: (path) =>
          onDisk((root) => (existsSync(join(root, path)) ? readFileSync(join(root, path)) : null)),
        replace: (file) => onDisk((root) => put(root, file)),
        unplugAfter: (bytes) => {
          leftBytes = bytes;
        },
      },
      unplug,
      replug: open,
      dispose: async () => {},
    };
  };

  /** Through the driver's own mount, made writable for the moment, or through one of ours where there is none. */
  function onDisk<T>(work: (root: string) => T): T {
    const source = diskPath();
    const mount = readMountTable().find(({ target }) => target.startsWith(`${directory}/`));
    if (mount === undefined) {
      const own = mkdtempSync("/tmp/look-");
      system("mount", ["-t", "vfat", "-o", "ro,utf8=1,tz=UTC", source, own]);
      try {
        return work(own);
      } finally {
        system("umount", [own]);
        rmSync(own, { recursive: true });
      }
    }
    system("mount", ["-o", "remount,rw", mount.target]);
    try {
      return work(mount.target);
    } finally {
      system("mount", ["-o", "remount,ro", mount.target]);
    }
  }
}

function put(root: string, { path, bytes, modifiedMs }: CardFile): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  rmSync(join(root, path), { force: true });
  writeFileSync(join(root, path), bytes);
  utimesSync(join(root, path), modifiedMs / 1000, modifiedMs / 1000);
}

function diskPath(): string {
  const names = existsSync(DISKS) ? readdirSync(DISKS) : [];
  const name = names.find((one) => one.includes(COMPOSITE.serial) && !one.includes("-part"));
  const link = join(DISKS, name ?? "none");
  return existsSync(link) ? realpathSync(link) : link;
}

function system(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
}
