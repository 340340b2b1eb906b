import { errorCode } from "../../config/base/errors.ts";
import type {
  BatteryLevel,
  DriverName,
  RecorderDriver,
  RecorderIdentity,
  Wearer,
} from "../../drivers/recorders/recorder-driver.ts";
import type { Want } from "./bay-state.ts";
import type { DockingParts } from "./docking-parts.ts";

/** What a recorder has told of itself: kept while it comes back as a disk. */
export interface Introduced {
  identity: RecorderIdentity;
  driver: DriverName;
  wearer: Wearer | null;
  battery: BatteryLevel | null;
  /** Null: it cannot tell, or be told. */
  clock: ClockFinding | null;
}

export interface ClockFinding {
  /** How far the recorder was ahead of the dock when asked; null: it cannot be read. */
  offsetMs: number | null;
  isOnTime: boolean;
}

export const TRIES = 3;
export const PAUSE_MS = 500;
/** What may pass when it is asked again; everything else is final. */
export const PASSING = new Set(["recorder-silent", "recorder-answer"]);

/** Asks again what failed in passing. */
export async function askPatiently<T>(
  ask: () => Promise<T>,
  { clock, counters }: Pick<DockingParts, "clock" | "counters">,
  signal: AbortSignal,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      const code = errorCode(error);
      counters.add(`dock-${code}`);
      if (tries >= TRIES || !PASSING.has(code) || signal.aborted) throw error;
      await clock.sleep(PAUSE_MS, signal);
    }
  }
}

/** The level of the battery; null: it cannot tell, or would not. */
export async function batteryOf(
  driver: RecorderDriver,
  parts: DockingParts,
  signal: AbortSignal,
): Promise<BatteryLevel | null> {
  if (!driver.capabilities.has("battery")) return null;
  return await orNull(() => askPatiently(() => driver.battery(signal), parts, signal));
}

/** Who had the recorder, as it says itself; null: it does not know. */
export async function wearerOf(
  driver: RecorderDriver,
  parts: DockingParts,
  signal: AbortSignal,
): Promise<Wearer | null> {
  if (!driver.capabilities.has("wearer-read")) return null;
  const wearer = await orNull(() => askPatiently(() => driver.readWearer(signal), parts, signal));
  return wearer === null || wearer.id.trim() === "" ? null : wearer;
}

/** Looks at the recorder's clock and sets it; where it can be read, believes only what it then shows. Null: it has none to tell. */
export async function settleClock(
  driver: RecorderDriver,
  parts: DockingParts,
  signal: AbortSignal,
): Promise<ClockFinding | null> {
  const { clock, policy } = parts;
  const canRead = driver.capabilities.has("clock-read");
  const canSet = driver.capabilities.has("clock-set");
  if (!canRead && !canSet) return null;
  const offset = async () => {
    const shownMs = await askPatiently(() => driver.readClock(signal), parts, signal);
    return shownMs - clock.utcMs();
  };
  const offsetMs = canRead ? await orNull(offset) : null;
  const isSet =
    canSet &&
    (await orNull(async () => {
      await askPatiently(() => driver.setClock(clock.utcMs(), signal), parts, signal);
      return true;
    })) === true;
  if (!canRead) return { offsetMs, isOnTime: isSet };
  const leftMs = isSet ? await orNull(offset) : offsetMs;
  return { offsetMs, isOnTime: leftMs !== null && Math.abs(leftMs) <= policy.clockToleranceMs };
}

/** What a recorder whose evidence is safe still lacks in clock and battery; the battery is asked anew. */
export async function wantsOf(
  driver: RecorderDriver,
  introduced: Introduced,
  parts: DockingParts,
  signal: AbortSignal,
): Promise<Want[]> {
  const { policy } = parts;
  introduced.battery = (await batteryOf(driver, parts, signal)) ?? introduced.battery;
  const { clock, battery } = introduced;
  const isCharged = ({ percent }: BatteryLevel) => percent >= policy.minBatteryPct;
  const wants: Want[] = [];
  if (clock === null ? !policy.readyWithout.includes("clock") : !clock.isOnTime) wants.push("clock");
  if (battery === null ? !policy.readyWithout.includes("battery") : !isCharged(battery))
    wants.push("battery");
  return wants;
}

/** A recorder that will not say is no reason to leave its evidence: only its removal ends a docking. */
export async function orNull<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (errorCode(error) === "recorder-gone") throw error;
    return null;
  }
}
