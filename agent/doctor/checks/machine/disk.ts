import { existsSync, mkdtempSync, realpathSync, rmSync, statfsSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../../../config/base/clock.ts";
import { bytesText } from "../../../cli/face/units.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { machineWords as words } from "../../../cli/text/doctor/machine.ts";
import { type Check, fail, ok, type Patient, skipped, warn } from "../../check.ts";
import { mayUse } from "../../rights.ts";
import { readText } from "../../system-files.ts";

const MiB = 2 ** 20;
/** Small enough for a worn card, large enough to leave its cache. */
const TRIAL_BYTES = 8 * MiB;
/** Less than two cameras' footage a second: chunks would pile up in memory. */
const SLOW_BYTES_PER_S = 2 * MiB;
const WORN_PERCENT = 80;

const space: Check = {
  id: "disk-space",
  name: words.space,
  why: words.spaceWhy,
  next: words.spaceNext,
  limitMs: 5_000,
  run({ config }) {
    const { bavail, blocks, bsize } = statfsSync(config.dataDir);
    const free = bavail * bsize;
    const values = { free: bytesText(free), total: bytesText(blocks * bsize) };
    const { stop, reserve } = limitsOf(config);
    if (free <= stop) return fail(words.spaceSeen, values);
    return free <= reserve ? warn(words.spaceSeen, values) : ok(words.spaceSeen, values);
  },
};

/** Below `stop` nothing is recorded or taken any more; below `reserve` it purges, or will soon stop. */
function limitsOf(config: Patient["config"]): { stop: number; reserve: number } {
  if (config.role === "receiver")
    return { stop: config.receiver.reserveBytes, reserve: 2 * config.receiver.reserveBytes };
  return { stop: config.disk.stopBytes, reserve: config.disk.reserveBytes };
}

/** What eMMC and SD cards tell of themselves (JEDEC JESD84-B51, EXT_CSD 268 and 269): tenths of their life used. */
const wear: Check = {
  id: "disk-wear",
  name: words.wear,
  why: words.wearWhy,
  next: words.wearNext,
  limitMs: 5_000,
  run({ config, machine }) {
    const told = ["device/life_time", "../device/life_time"].map((path) =>
      readText(blockDevice(machine.blocks, config.dataDir), path),
    );
    const tenths = told
      .flatMap((text) => (text.match(/0x[0-9a-f]+/gi) ?? []).map(Number))
      .filter((n) => n > 0);
    if (tenths.length === 0) return skipped(words.wearUnknown);
    const percent = Math.min(100, Math.max(...tenths) * 10);
    return (percent >= 100 ? fail : percent >= WORN_PERCENT ? warn : ok)(words.wearSeen, { percent });
  },
};

/** The disk or partition that holds a folder, as sysfs has it; numbers as in makedev(3). */
function blockDevice(blocks: string, folder: string): string {
  const dev = BigInt(statSync(folder).dev);
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  const path = join(blocks, `${major}:${minor}`);
  return existsSync(path) ? realpathSync(path) : path;
}

/** Writes as evidence is written: then synced, beside it, and removed again. */
const speed: Check = {
  id: "disk-speed",
  name: words.speed,
  why: words.speedWhy,
  next: words.speedNext,
  limitMs: 20_000,
  async run({ config }, signal) {
    if (!mayUse(config.dataDir)) return skipped(examineWords.notAllowed);
    const folder = mkdtempSync(join(config.dataDir, ".doctor-"));
    try {
      const rate = await writeRate(join(folder, "trial"), signal);
      return (rate < SLOW_BYTES_PER_S ? warn : ok)(words.speedSeen, { rate: bytesText(Math.round(rate)) });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Bytes a second, down to the disk. */
async function writeRate(path: string, signal: AbortSignal): Promise<number> {
  // not zeros: some cards do not write those
  const block = Buffer.from(Array.from({ length: MiB }, (_, i) => (i * 2_654_435_761) & 0xff));
  const file = await open(path, "wx", 0o600);
  try {
    const startUs = systemClock.monoUs();
    for (let done = 0; done < TRIAL_BYTES; done += block.length) {
      signal.throwIfAborted();
      await file.write(block);
    }
    await file.sync();
    return (TRIAL_BYTES * 1e6) / Math.max(1, systemClock.monoUs() - startUs);
  } finally {
    await file.close();
  }
}

export const DISK_CHECKS: readonly Check[] = [space, wear, speed];
