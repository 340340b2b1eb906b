/** What a version on trial must have shown before it stays. */
export const HEALTH_CHECKS = ["camera", "ledger", "receiver"] as const;
export type HealthCheck = (typeof HEALTH_CHECKS)[number];

/** What the unit tells of itself. */
export interface UnitHealth {
  /** The camera delivers. */
  camera(): boolean;
  /** Its newest entries hang together, and the thread that writes it answers. */
  ledger(): Promise<boolean>;
  /** The receiver answers; true where nothing is synced. */
  receiver(): boolean;
}

/** Those that do not hold now. */
export async function failing(health: UnitHealth): Promise<HealthCheck[]> {
  const found = {
    camera: health.camera(),
    ledger: await health.ledger().catch(() => false),
    receiver: health.receiver(),
  };
  return HEALTH_CHECKS.filter((check) => !found[check]);
}
