import type { Charging } from "../../../drivers/serial/board/messages/values.ts";
import type { Lamp, LampSign, TouchSign } from "./signs.ts";
import { TOUCH_ORDER } from "./signs.ts";

/** How things stand. */
export interface Situation {
  /** `wanted`: there should be a recording, and is none; `ending`: the post-event time runs. */
  readonly recording: "no" | "wanted" | "yes" | "ending";
  /** Pictures come from the camera. */
  readonly pictures: boolean;
  readonly muted: boolean;
  readonly battery: "unknown" | "good" | "low" | "critical";
  readonly charging: Charging;
  readonly nearlyFull: boolean;
  readonly alarmed: boolean;
  readonly poweringOff: boolean;
}

/** What has just happened. */
export type Happening = Extract<
  TouchSign,
  "started" | "stopped" | "sos" | "marked" | "photo" | "muted" | "unmuted" | "refused"
>;

/** What lasts and is told again and again: how long after its beginning for the first time, and then how often. */
export const LASTING = {
  "powering-off": { afterMs: 0, everyMs: 3_600_000 },
  // a camera that comes back at once, and the disk that a recording begins on, are no reason to shake anybody
  "not-recording": { afterMs: 3_000, everyMs: 30_000 },
  "battery-critical": { afterMs: 0, everyMs: 60_000 },
  "battery-low": { afterMs: 0, everyMs: 300_000 },
  "nearly-full": { afterMs: 0, everyMs: 600_000 },
  reminder: { afterMs: 120_000, everyMs: 120_000 },
} as const satisfies Partial<Record<TouchSign, { afterMs: number; everyMs: number }>>;
type LastingSign = keyof typeof LASTING;
const LASTING_SIGNS = Object.keys(LASTING) as readonly LastingSign[];

/** When each lasting sign is due, monotonic ms; absent: its cause is not there. */
export type SignMemory = Readonly<Partial<Record<LastingSign, number>>>;

export interface Signs {
  readonly memory: SignMemory;
  readonly lamps: Readonly<Record<Lamp, LampSign>>;
  /** To be played one after the other. */
  readonly touches: readonly TouchSign[];
}

/** What a wearer is to see and feel. Pure; to be called at every happening, and once a second. */
export function follow(
  memory: SignMemory,
  situation: Situation,
  happenings: readonly Happening[],
  nowMs: number,
): Signs {
  const next: Partial<Record<LastingSign, number>> = {};
  const touches = new Set<TouchSign>(happenings);
  for (const sign of LASTING_SIGNS) {
    if (!isCause(sign, situation)) continue;
    const { afterMs, everyMs } = LASTING[sign];
    const dueMs = memory[sign] ?? nowMs + afterMs;
    const isDue = nowMs >= dueMs;
    if (isDue) touches.add(sign);
    next[sign] = isDue ? nowMs + everyMs : dueMs;
  }
  return {
    memory: next,
    lamps: { recording: recordingLamp(situation), device: deviceLamp(situation) },
    touches: TOUCH_ORDER.filter((sign) => touches.has(sign)),
  };
}

function isCause(sign: LastingSign, situation: Situation): boolean {
  const { recording, battery, charging, nearlyFull, poweringOff } = situation;
  switch (sign) {
    case "powering-off":
      return poweringOff;
    case "not-recording":
      return recording === "wanted" && !poweringOff;
    case "battery-critical":
      return battery === "critical" && charging === "no";
    case "battery-low":
      return battery === "low" && charging === "no";
    case "nearly-full":
      return nearlyFull;
    case "reminder":
      return recording === "yes" || recording === "ending";
  }
}

function recordingLamp({ poweringOff, recording, muted, alarmed, pictures }: Situation): LampSign {
  if (poweringOff) return "powering-off";
  switch (recording) {
    case "wanted":
      return "not-recording";
    case "yes":
      return muted ? "recording-muted" : "recording";
    case "ending":
      return "ending";
    case "no":
      if (alarmed) return "alarm";
      return pictures ? "ready" : "no-picture";
  }
}

function deviceLamp({ battery, charging, nearlyFull }: Situation): LampSign {
  switch (charging) {
    case "full":
      return nearlyFull ? "nearly-full" : "charged";
    case "yes":
      return nearlyFull ? "nearly-full" : "charging";
    case "no":
      if (battery === "critical") return "battery-critical";
      if (battery === "low") return "battery-low";
      return nearlyFull ? "nearly-full" : "well";
  }
}
