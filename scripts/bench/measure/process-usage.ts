import { readFileSync } from "node:fs";

/** Linux counts CPU time in ticks of 10 ms on every architecture that Node runs on (USER_HZ). */
const TICK_MS = 10;

/** User and system time that a process used so far, all its threads together, its children apart; ms. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // fields are counted behind the command name, which may hold spaces: utime is the 14th of all, stime the 15th
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Memory of a process now and at its highest, MiB; its children apart. */
export function memoryMib(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
  return { now: field("VmRSS"), peak: field("VmHWM") };
}
