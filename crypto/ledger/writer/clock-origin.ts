import { existsSync, readFileSync } from "node:fs";
import type { Clock } from "../../../config/base/clock.ts";

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

/** Somebody who knows the time says what it was at a moment of the monotonic clock. */
export interface ClockVoucher {
  src: "gnss" | "rtc";
  utcMs: number;
  /** Moment of `utcMs`, on the injected clock's monotonic scale. */
  monoUs: number;
  /** By how much `utcMs` may be wrong. */
  uncMs: number;
  /** For how long after `monoUs` this may be relied on. */
  validForMs: number;
}

/**
 * Who vouches for the wall clock: a voucher as long as it is valid and the wall clock agrees with it, else what
 * the system shows. A voucher never changes the clock, only what is claimed of it.
 */
export class VouchedClock {
  readonly #clock: Clock;
  readonly #system: () => ClockOrigin;
  readonly #vouchers = new Map<ClockVoucher["src"], ClockVoucher>();

  constructor(clock: Clock, system: () => ClockOrigin) {
    this.#clock = clock;
    this.#system = system;
  }

  /** Replaces what the same source said before. */
  vouch(voucher: ClockVoucher): void {
    this.#vouchers.set(voucher.src, voucher);
  }

  origin(): ClockOrigin {
    const gnss = this.#agreeing("gnss");
    if (gnss !== null) return gnss;
    const system = this.#system();
    // a clock that is kept in step is better than one that was read once
    return system.src === "ntp" ? system : (this.#agreeing("rtc") ?? system);
  }

  /** null: it says nothing, is too old, or the wall clock says something else. */
  #agreeing(src: ClockVoucher["src"]): ClockOrigin | null {
    const voucher = this.#vouchers.get(src);
    if (voucher === undefined) return null;
    const ageMs = (this.#clock.monoUs() - voucher.monoUs) / 1000;
    if (ageMs > voucher.validForMs) return null;
    const offMs = Math.abs(this.#clock.utcMs() - (voucher.utcMs + ageMs));
    return offMs <= voucher.uncMs ? { src, uncMs: Math.ceil(voucher.uncMs + offMs) } : null;
  }
}
