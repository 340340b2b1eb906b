import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { LabOptions } from "../options.ts";
import type { Steps } from "../steps.ts";
import { beginUse } from "./chapters/begin-use.ts";
import { docking } from "./chapters/docking.ts";
import { encryptedCard } from "./chapters/encrypted-card.ts";
import { handOver } from "./chapters/hand-over.ts";
import { manyPowerCuts, powerCuts } from "./chapters/power-cuts.ts";
import { updates } from "./chapters/updates.ts";
import { LabUnit } from "./lab-unit.ts";
import { DRIVE, Recorders } from "./recorders.ts";
import { type UnitImages, unitImages } from "./unit-images.ts";

type Wanted = (chapter: string) => boolean;

/** A recorder with a 32-bit ARM processor, from its flashed card to the office, and through its updates. */
export async function unitTests(root: string, options: LabOptions, steps: Steps): Promise<void> {
  const images = await steps.step("unit: images", async () => {
    const made = await unitImages(root, options.fresh);
    return { value: made, detail: made.built ? "built" : "from the cache" };
  });
  if (images === null) return;
  const wanted: Wanted = (chapter) => isWanted(`unit-${chapter}`, options.only);
  const folder = mkdtempSync(join(process.env.TMPDIR ?? "/var/tmp", "fulltrace-unit-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const many = options.full && wanted("power-cuts");
  const chapters = ["hand-over", "docking", "updates", "cut-installation", ...(many ? [] : ["power-cuts"])];
  if (chapters.some(wanted)) {
    await oneUnit(folder, images, steps, (chapter) => chapters.includes(chapter) && wanted(chapter));
    if (!steps.allWell) keepLogs(root, folder);
  }
  if (many) await manyPowerCuts(images, options.fresh, steps);
  if (wanted("encrypted")) await encryptedCard(join(folder, "encrypted"), images, steps);
}

/** The unit that lives through all chapters that are wanted, in this order. */
async function oneUnit(folder: string, images: UnitImages, steps: Steps, wanted: Wanted): Promise<void> {
  const unit = await LabUnit.lay(folder);
  const recorders = new Recorders(join(folder, "recorders"));
  unit.disks.set(DRIVE, await recorders.disk());
  try {
    if (!(await beginUse(unit, images, steps))) return;
    if (wanted("hand-over")) await handOver(unit, steps);
    if (wanted("docking")) await docking(unit, recorders, steps);
    if (wanted("power-cuts")) await powerCuts(unit, steps);
    const cut = wanted("cut-installation");
    if (wanted("updates") || cut) await updates(unit, images, steps, { cut });
  } finally {
    unit.close();
  }
}

/** A part of the lab that was asked for by its name, or by the name of what it belongs to, or with everything. */
export function isWanted(name: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some((part) => name.startsWith(part));
}

/** Of a run that failed, for whoever looks for the reason. */
function keepLogs(root: string, folder: string): void {
  for (const [name, as] of [
    ["console.log", "unit-console.log"],
    ["receiver.log", "unit-receiver.log"],
  ] as const) {
    const log = join(folder, name);
    if (!existsSync(log)) continue;
    copyFileSync(log, join(root, as));
    console.error(`lab: a log of the unit's is in ${join(root, as)}`);
  }
}
