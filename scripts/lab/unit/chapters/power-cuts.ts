import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../../config/base/clock.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import { cacheFolder } from "../../../package/cache-folder.ts";
import type { Steps } from "../../steps.ts";
import { LabUnit, UP_MS } from "../lab-unit.ts";
import { writtenMs } from "../office.ts";
import type { UnitImages } from "../unit-images.ts";
import { beginUse } from "./begin-use.ts";

/** How long it records before the power goes, at random. */
const LEAST_MS = 4_000;
const MOST_MS = 20_000;
/** What may lie between the last chunk that is kept and the cut: a chunk, and what an emulated processor needs for it. */
const MOST_LOST_MS = 8_000;

const FEW = 5;
const MANY = 30;

/** The power goes while it records, again and again: nothing that was signed is lost, and it records again unaided. */
export async function powerCuts(unit: LabUnit, steps: Steps): Promise<void> {
  await unit.beginRecording();
  for (let cut = 1; cut <= FEW; cut++) {
    if (!(await powerCut(unit, `${cut} of ${FEW}`, steps))) return;
  }
}

/** So many that they take an hour, with a unit of their own: a run that was stopped goes on with the next cut. */
export async function manyPowerCuts(images: UnitImages, fresh: boolean, steps: Steps): Promise<void> {
  const cache = cacheFolder("lab-power-cuts");
  const folder = join(cache, images.key);
  const note = join(folder, "survived");
  const before = fresh || !existsSync(note) ? null : Number(readFileSync(note, "utf8"));
  if (before === null) rmSync(cache, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const unit = await LabUnit.lay(folder);
  try {
    const runs =
      before === null
        ? await beginUse(unit, images, steps)
        : await steps.step(`unit: goes on after power cut ${before} of ${MANY}`, () => goOn(unit));
    if (!runs) return;
    for (let cut = (before ?? 0) + 1; cut <= MANY; cut++) {
      const survived = await powerCut(unit, `${cut} of ${MANY}`, steps);
      if (!survived) return rmSync(note, { force: true });
      writeFileSync(note, `${cut}`);
    }
  } finally {
    unit.close();
  }
  rmSync(folder, { recursive: true });
}

/** The run's end was one more cut. */
async function goOn(unit: LabUnit) {
  unit.card.keepLeftOver();
  await unit.office.reopen();
  await unit.on();
  return { value: true, detail: await unit.shell.run("systemctl is-active fulltrace-recorder") };
}

/** False: it did not survive it. */
async function powerCut(unit: LabUnit, which: string, steps: Steps): Promise<boolean> {
  const { office } = unit;
  const survived = await steps.step(`unit: power cut ${which}`, async () => {
    const known = await office.entries("recording.chunk");
    await office.more("recording.chunk", known.length, UP_MS);
    await systemClock.sleep(
      LEAST_MS + (systemRandom.bytes(2).readUInt16LE() / 65_535) * (MOST_MS - LEAST_MS),
    );
    const receipted = (await office.entries("recording.chunk")).length;
    const cutMs = systemClock.utcMs();
    await unit.cut();
    await unit.on();
    const chunks = (await office.recordedSince(unit.switchedOnMs, UP_MS)).map(writtenMs);
    if (chunks.length < receipted) throw new Error(`${receipted - chunks.length} chunks are gone`);
    const boot = (await office.entries("device.boot")).at(-1)?.parsed;
    if (boot?.["clean"] !== false) throw new Error("it takes the cut for an orderly end");
    // one may have been written while the cut was on its way
    const last = chunks.filter((utcMs) => utcMs < unit.switchedOnMs).at(-1) ?? 0;
    const lost = Math.max(0, cutMs - last);
    if (lost > MOST_LOST_MS) throw new Error(`nothing of the last ${lost} ms was kept`);
    const first = chunks.find((utcMs) => utcMs > unit.switchedOnMs) ?? Number.NaN;
    const again = ((first - unit.switchedOnMs) / 1000).toFixed(1);
    const verdict = await verified(unit);
    return {
      value: true,
      detail: `${lost} ms after its last chunk; records again ${again} s after the power came; ${verdict}`,
    };
  });
  return survived !== null;
}

/** Of the office's copy, once everything has come; between two recordings, as one that runs leaves its copy incomplete. */
async function verified(unit: LabUnit): Promise<string> {
  await unit.fulltrace("record stop");
  await unit.fulltrace("sync flush --timeout-s 240");
  const verdict = await unit.office.verdict();
  if (!verdict.startsWith("authentic")) throw new Error(verdict);
  await unit.fulltrace("record start");
  return verdict;
}
