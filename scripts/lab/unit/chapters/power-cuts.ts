import { systemClock } from "../../../../config/base/clock.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import type { Steps } from "../../steps.ts";
import { type LabUnit, UP_MS } from "../lab-unit.ts";
import { writtenMs } from "../office.ts";

/** How long it records before the power goes, at random. */
const LEAST_MS = 4_000;
const MOST_MS = 20_000;
/** What may lie between the last chunk that is kept and the cut: a chunk, and what an emulated processor needs for it. */
const MOST_LOST_MS = 8_000;

/** The power goes while it records, again and again: nothing that was signed is lost, and it records again unaided. */
export async function powerCuts(unit: LabUnit, count: number, steps: Steps): Promise<void> {
  const { office } = unit;
  await unit.beginRecording();
  for (let cut = 1; cut <= count; cut++) {
    const survived = await steps.step(`unit: power cut ${cut} of ${count}`, async () => {
      const known = await office.entries("recording.chunk");
      await office.more("recording.chunk", known.length, UP_MS);
      await systemClock.sleep(
        LEAST_MS + (systemRandom.bytes(2).readUInt16LE() / 65_535) * (MOST_MS - LEAST_MS),
      );
      const receipted = (await office.entries("recording.chunk")).length;
      const cutMs = systemClock.utcMs();
      await unit.cut();
      await unit.on();
      const chunks = await recordsAgain(unit, cutMs);
      if (chunks.length < receipted) throw new Error(`${receipted - chunks.length} chunks are gone`);
      const boot = (await office.entries("device.boot")).at(-1)?.parsed;
      if (boot?.["clean"] !== false) throw new Error("it takes the cut for an orderly end");
      const last = chunks.filter(({ utcMs }) => utcMs < cutMs).at(-1)?.utcMs ?? 0;
      const lost = cutMs - last;
      if (lost > MOST_LOST_MS) throw new Error(`nothing of the last ${lost} ms was kept`);
      const first = chunks.find(({ utcMs }) => utcMs > unit.switchedOnMs)?.utcMs ?? Number.NaN;
      const again = ((first - unit.switchedOnMs) / 1000).toFixed(1);
      const verdict = await verified(unit);
      return {
        value: true,
        detail: `${lost} ms after its last chunk; records again ${again} s after the power came; ${verdict}`,
      };
    });
    if (survived === null) return;
  }
}

/** Waits for chunks from after the cut; answers all, in order. */
async function recordsAgain({ office }: LabUnit, cutMs: number): Promise<{ utcMs: number }[]> {
  for (let known = (await office.entries("recording.chunk")).length; ; ) {
    const found = await office.more("recording.chunk", known, UP_MS);
    const chunks = found.map((entry) => ({ utcMs: writtenMs(entry) }));
    if ((chunks.at(-1)?.utcMs ?? 0) > cutMs) return chunks;
    known = found.length;
  }
}

/** Of the office's copy, once everything has come; the recording that goes on is left open. */
async function verified(unit: LabUnit): Promise<string> {
  await unit.fulltrace("record stop");
  await unit.fulltrace("sync flush --timeout-s 240");
  const verdict = await unit.office.verdict();
  if (!verdict.startsWith("authentic")) throw new Error(verdict);
  await unit.fulltrace("record start");
  return verdict;
}
