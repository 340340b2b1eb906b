import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemRandom } from "../../../config/base/random.ts";
import type { LabDevice, LabFile, LabHardware } from "../wire/messages.ts";

type DeviceProperties = { driver: string } & Record<string, string | boolean>;

/** What lies on the host behind the machine's devices; removed with the process. */
export interface Bench {
  folder: string;
  qmpSocket: string;
  /** The far end of the machine's serial port. */
  lineSocket: string;
  stick: string;
  /** As QEMU's `-device` and `device_add` take them; each has a port of its own, to which it returns. */
  devices: Record<LabDevice, DeviceProperties>;
  hardware: LabHardware;
}

const STICK_BYTES = 96 * 2 ** 20;
/** One is empty, one ends in the middle of a packet, one is long enough to be unplugged in, one to be timed. QEMU tells a name with other letters than ASCII as "Oops". */
const MTP_FILES: [path: string, bytes: number][] = [
  ["DCIM/100MEDIA/EMPTY.MP4", 0],
  ["DCIM/100MEDIA/SHORT.MP4", 1_000_003],
  ["DCIM/100MEDIA/LONG.MP4", 12 * 2 ** 20],
  ["DCIM/100MEDIA/TIMED.MP4", 24 * 2 ** 20],
  ["DCIM/101MEDIA/WITH A SPACE.MP4", 512 * 1024],
  ["DCIM/101MEDIA/DELETE.MP4", 64 * 1024],
];

export function layBench(): Bench {
  const folder = mkdtempSync(join(process.env.TMPDIR ?? "/var/tmp", "fulltrace-lab-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const card = join(folder, "mtp");
  const stick = join(folder, "stick.img");
  writeFileSync(stick, "");
  truncateSync(stick, STICK_BYTES);
  return {
    folder,
    qmpSocket: join(folder, "qmp.sock"),
    lineSocket: join(folder, "line.sock"),
    stick,
    devices: {
      mtp: { driver: "usb-mtp", bus: "bus.0", port: "1", rootdir: card, readonly: false },
      stick: { driver: "usb-storage", bus: "bus.0", port: "2", drive: "card", removable: true },
      ftdi: { driver: "usb-serial", bus: "bus.0", port: "3", chardev: "line", "always-plugged": true },
    },
    hardware: { mtp: MTP_FILES.map(([path, bytes]) => filled(card, path, bytes)), stickBytes: STICK_BYTES },
  };
}

/** A new file of chance below `card`. */
export function filled(card: string, path: string, bytes: number): LabFile {
  const content = systemRandom.bytes(bytes);
  mkdirSync(join(card, path, ".."), { recursive: true });
  writeFileSync(join(card, path), content);
  return { path, bytes, sha256: createHash("sha256").update(content).digest("hex") };
}
