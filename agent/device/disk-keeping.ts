import { errorCode } from "../../config/base/errors.ts";
import type { DeviceConfig } from "../../config/schema.ts";
import { parseVkey } from "../../crypto/keys/vkey.ts";
import type { Alarms } from "../alarms.ts";
import type { Surroundings } from "../surroundings.ts";
import { Purger, type PurgerParts } from "./purger.ts";

const DAY_MS = 86_400_000;
const PURGE_EVERY_MS = 60_000;
const LOOK_FOR_SPACE_MS = 5_000;
/** So much more than the least must be free before a recording goes on, or it would end again at once. */
const ROOM_BYTES = 16 * 2 ** 20;

export interface DiskKeepingParts
  extends Pick<PurgerParts, "ledger" | "reader" | "media" | "authorises">,
    Pick<Surroundings, "clock" | "log"> {
  alarms: Alarms;
  /** Called as long as there is room for media. */
  spaceFreed: () => void;
}

/** Purges what may go, and tells of room on the disk, until the signal aborts. Never rejects. */
export async function keepDisk(
  config: DeviceConfig,
  parts: DiskKeepingParts,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all([keepPurging(config, parts, signal), keepLookingForSpace(config, parts, signal)]);
}

async function keepPurging(
  { disk, sync }: DeviceConfig,
  { alarms, ...parts }: DiskKeepingParts,
  signal: AbortSignal,
): Promise<void> {
  const purger = new Purger({
    ...parts,
    rule: { keepMs: disk.keepDays * DAY_MS, reserveBytes: disk.reserveBytes },
    custodyKeys: (sync?.custody ?? []).map(parseVkey),
  });
  while (!signal.aborted) {
    await purger.round().then(
      () => alarms.clear("purge-failed"),
      (error: unknown) => alarms.raise("purge-failed", errorCode(error)),
    );
    await parts.clock.sleep(PURGE_EVERY_MS, signal).catch(() => {});
  }
}

async function keepLookingForSpace(
  { disk }: DeviceConfig,
  { clock, media, spaceFreed }: DiskKeepingParts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(LOOK_FOR_SPACE_MS, signal).catch(() => {});
    if (media.freeBytes() > disk.stopBytes + ROOM_BYTES) spaceFreed();
  }
}
