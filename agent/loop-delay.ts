import { monitorEventLoopDelay } from "node:perf_hooks";

/** Set to watch the event loop: at this resolution the watching itself costs about 2 % of a core. */
const WATCH = "FULLTRACE_WATCH_LOOP";

/** The part of a status that tells how late the event loop was; empty unless it is watched. */
export function loopDelayMeter(): () => { loop_delay_p99_ms?: number } {
  if (process.env[WATCH] !== "1") return () => ({});
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  return () => ({ loop_delay_p99_ms: delay.percentile(99) / 1e6 });
}
