import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

/** Share of all cores that nobody uses, over `ms` in which this process does nothing itself. */
export async function idleShare(ms: number): Promise<number> {
  const before = totals();
  await delay(ms);
  const after = totals();
  return (after.idle - before.idle) / (after.all - before.all);
}

function totals(): { idle: number; all: number } {
  const times = cpus().map((core) => core.times);
  const idle = times.reduce((sum, core) => sum + core.idle, 0);
  const all = times.reduce((sum, core) => sum + core.user + core.nice + core.sys + core.irq + core.idle, 0);
  return { idle, all };
}
