import type { Clock } from "../../config/base/clock.ts";
import type { Logger } from "../../config/base/logger.ts";
import type { Ledger } from "../../crypto/ledger/ledger.ts";

export interface HeartbeatParts {
  ledger: Ledger;
  clock: Clock;
  log: Logger;
  heartbeatMs: number;
  /** What a heartbeat tells. */
  read: () => { free_bytes: number; recording: boolean; battery_pct?: number };
}

/**
 * Writes `device.heartbeat` whenever nothing else was written for `heartbeatMs`; returns when aborted.
 * One that a full disk refuses is missing, and that is all.
 */
export async function keepHeartbeat(
  { ledger, clock, log, heartbeatMs, read }: HeartbeatParts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const quietMs = (ledger.monoUs() - ledger.lastAppendUs) / 1000;
    if (quietMs >= heartbeatMs) {
      await ledger.append({ type: "device.heartbeat", ...read() }).catch((error: unknown) => {
        log.warn({ err: error }, "heartbeat not written");
      });
    } else await clock.sleep(heartbeatMs - quietMs, signal).catch(() => {});
  }
}
