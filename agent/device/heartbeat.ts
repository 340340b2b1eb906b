import type { Clock } from "../../config/base/clock.ts";
import type { Ledger } from "../../crypto/ledger/ledger.ts";

export interface HeartbeatParts {
  ledger: Ledger;
  clock: Clock;
  heartbeatMs: number;
  /** What a heartbeat tells. */
  read: () => { free_bytes: number; recording: boolean; battery_pct?: number };
}

/** Writes `device.heartbeat` whenever nothing else was written for `heartbeatMs`; returns when aborted. */
export async function keepHeartbeat(
  { ledger, clock, heartbeatMs, read }: HeartbeatParts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const quietMs = (ledger.monoUs() - ledger.lastAppendUs) / 1000;
    if (quietMs >= heartbeatMs) await ledger.append({ type: "device.heartbeat", ...read() });
    else await clock.sleep(heartbeatMs - quietMs, signal).catch(() => {});
  }
}
