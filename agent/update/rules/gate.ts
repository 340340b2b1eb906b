/** What an update must wait for. Each is told: whoever waits should know everything that is in the way. */
export const OBSTACLES = [
  "recording",
  "not-docked",
  "battery-unknown",
  "battery-low",
  "evidence-at-risk",
] as const;
export type Obstacle = (typeof OBSTACLES)[number];

/** How the unit stands. */
export interface Standing {
  recording: boolean;
  /** Power comes from outside: it stands in a dock. null: nothing tells. */
  powered: boolean | null;
  /** Percent. null: nothing tells. */
  batteryPct: number | null;
  /** Everything that was recorded is under a receipt. */
  receipted: boolean;
}

/**
 * What is in the way of an update, which a unit must come through without losing anything: it restarts, and if
 * it does not come up again, what only it has is lost with it.
 */
export function obstaclesTo(standing: Standing, leastBatteryPct: number): Obstacle[] {
  const { recording, powered, batteryPct, receipted } = standing;
  const found: Obstacle[] = [];
  if (recording) found.push("recording");
  if (powered !== true) found.push("not-docked");
  if (batteryPct === null) found.push("battery-unknown");
  else if (batteryPct < leastBatteryPct) found.push("battery-low");
  if (!receipted) found.push("evidence-at-risk");
  return found;
}
