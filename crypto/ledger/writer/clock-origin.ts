import { existsSync, readFileSync } from "node:fs";

/** Who set the wall clock, and how sure it claims to be (ledger-format §2, `t.src` and `t.unc_ms`). */
export interface ClockOrigin {
  src: "none" | "rtc" | "ntp" | "gnss" | "dock";
  uncMs?: number;
}

const TIMESYNC_FLAG = "/run/systemd/timesync/synchronized";
const RTC_SET_CLOCK = "/sys/class/rtc/rtc0/hctosys";

/**
 * What Linux shows of the clock's origin: `ntp` once systemd-timesyncd has synchronised since boot,
 * `rtc` when the kernel set the clock from a hardware one, else `none`.
 */
export function systemClockOrigin(): ClockOrigin {
  if (existsSync(TIMESYNC_FLAG)) return { src: "ntp" };
  if (existsSync(RTC_SET_CLOCK) && readFileSync(RTC_SET_CLOCK, "latin1").trim() === "1")
    return { src: "rtc" };
  return { src: "none" };
}
