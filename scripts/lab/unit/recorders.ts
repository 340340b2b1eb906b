import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../package/run.ts";
import { filled } from "../machine/bench.ts";
import type { LabFile } from "../wire/messages.ts";
import type { UnitMachine } from "./unit-machine.ts";

/** Of the unit, for the disk. */
export const DRIVE = "recorder";
const DISK_BYTES = 48 * 2 ** 20;
/** Where its partition begins. */
const PARTITION_AT = 2 ** 20;
const ON_MTP: readonly [path: string, bytes: number][] = [
  ["DCIM/100MEDIA/SHORT.MP4", 1_000_003],
  ["DCIM/100MEDIA/LONG.MP4", 4 * 2 ** 20],
];
const ON_DISK: readonly [path: string, bytes: number][] = [["DCIM/执法记录 路口处置.MP4", 4 * 2 ** 20 + 11]];

/** Two recorders with films in them: one speaks MTP, one shows its card as a disk. */
export class Recorders {
  readonly #folder: string;
  readonly #card: string;
  readonly #disk: string;
  readonly films: readonly LabFile[];

  constructor(folder: string) {
    this.#folder = folder;
    this.#card = join(folder, "mtp");
    this.#disk = join(folder, "disk.img");
    const onDisk = join(folder, "disk");
    for (const place of [this.#card, onDisk]) mkdirSync(place, { recursive: true });
    const films = ON_DISK.map(([path, bytes]) => filled(onDisk, path, bytes));
    this.films = [...ON_MTP.map(([path, bytes]) => filled(this.#card, path, bytes)), ...films];
  }

  /** What stands behind the disk: one partition with FAT, as a recorder leaves its card. */
  async disk(): Promise<string> {
    writeFileSync(this.#disk, "");
    truncateSync(this.#disk, DISK_BYTES);
    await run("sh", ["-c", 'printf "label: dos\n2048,,c\n" | sfdisk --quiet "$0"', this.#disk]);
    const kib = `${(DISK_BYTES - PARTITION_AT) / 1024}`;
    await run("mkfs.vfat", ["--offset", `${PARTITION_AT / 512}`, this.#disk, kib]);
    const image = `${this.#disk}@@${PARTITION_AT}`;
    await run("mcopy", ["-s", "-i", image, join(this.#folder, "disk/DCIM"), "::"], {
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    });
    return this.#disk;
  }

  async plugInto(machine: UnitMachine): Promise<void> {
    await machine.plug("mtp", { driver: "usb-mtp", rootdir: this.#card, readonly: false });
    await machine.plug("disk", { driver: "usb-storage", drive: DRIVE, removable: true });
  }
}
