import { mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemRandom } from "../../../../config/base/random.ts";
import { run } from "../../../package/run.ts";
import type { Steps } from "../../steps.ts";
import { partitionsOf } from "../card/partitions.ts";
import { LabUnit, UP_MS } from "../lab-unit.ts";
import type { UnitImages } from "../unit-images.ts";
import { enrol, flash, SERIAL } from "./begin-use.ts";

const KEY_DISK_BYTES = 4 * 2 ** 20;
const DRIVE = "keys";
/** How every ledger begins. */
const PLAIN = "SQLite format 3";

/** A unit whose dock holds its key: its card is encrypted from the first start on, and opened by that key alone. */
export async function encryptedCard(folder: string, images: UnitImages, steps: Steps): Promise<void> {
  mkdirSync(folder);
  const unit = await LabUnit.lay(folder);
  const key = join(folder, `${SERIAL}.key`);
  writeFileSync(key, systemRandom.bytes(32));
  unit.disks.set(DRIVE, await keyDisk(folder, key));
  try {
    const began = await steps.step("encrypted unit: first start", async () => {
      await flash(unit, images, ["--data-key", key]);
      await unit.on();
      await enrol(unit);
      await unit.office.more("recording.chunk", 0, UP_MS);
      const mapped = await unit.shell.run(
        "cryptsetup status data; findmnt --noheadings --output SOURCE /data",
      );
      if (!mapped.includes("/dev/mapper/data")) throw new Error(mapped);
      const detail = [/type: *(\S+)/, /cipher: *(\S+)/].map((what) => what.exec(mapped)?.[1]).join(", ");
      await unit.off();
      return { value: true, detail };
    });
    if (began === null) return;
    await steps.step("encrypted unit: nothing on its card can be read", async () => {
      const partitions = await partitionsOf(unit.card.file);
      const holds = async (name: string) => {
        const { at = 0, bytes = 0 } = partitions[name] ?? {};
        const look = `tail -c +${at + 1} "$0" | head -c ${bytes} | grep --text --count "${PLAIN}" || true`;
        return Number(await run("sh", ["-c", look, unit.card.file])) > 0;
      };
      // the same words stand in the program
      if (!(await holds("root-a"))) throw new Error("the search finds nothing anywhere");
      if (await holds("data")) throw new Error(`"${PLAIN}" stands in the data partition`);
      return { value: true, detail: "no ledger in the data partition" };
    });
    await steps.step("encrypted unit: waits for its dock's key", async () => {
      await unit.power();
      await unit.shell.until('journalctl -u fulltrace-data | grep -q "waits for the key"', UP_MS);
      await unit.shell.run("! systemctl is-active fulltrace-recorder");
      await unit.machine.plug("keys", { driver: "usb-storage", drive: DRIVE, removable: true });
      await unit.running();
      await unit.office.recordedSince(unit.switchedOnMs, UP_MS);
      await unit.fulltrace("record stop");
      await unit.fulltrace("sync flush --timeout-s 120");
      const verdict = await unit.office.verdict();
      if (!verdict.startsWith("authentic")) throw new Error(verdict);
      return { value: true, detail: `records again with it; ${verdict}` };
    });
  } finally {
    unit.close();
  }
}

/** With another unit's key before the right one. */
async function keyDisk(folder: string, key: string): Promise<string> {
  const disk = join(folder, "keys.img");
  writeFileSync(disk, "");
  truncateSync(disk, KEY_DISK_BYTES);
  await run("mkfs.vfat", ["-n", "FT-KEYS", disk]);
  const other = join(folder, "A-OTHER.key");
  writeFileSync(other, systemRandom.bytes(32));
  await run("mcopy", ["-i", disk, other, key, "::"]);
  return disk;
}
