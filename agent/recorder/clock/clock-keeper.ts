import type { Clock } from "../../../config/base/clock.ts";
import { errorCode } from "../../../config/base/errors.ts";
import type { Logger } from "../../../config/base/logger.ts";
import type { Ledger } from "../../../crypto/ledger/ledger.ts";
import type { ClockOrigin } from "../../../crypto/ledger/writer/clock-origin.ts";
import type { ControlBoard } from "../../../drivers/serial/board/control-board.ts";
import type { GnssTime } from "../../../drivers/serial/gnss/gnss-tracker.ts";
import type { Alarms } from "../../alarms.ts";

export interface ClockKeeperParts {
  readonly ledger: Pick<Ledger, "vouchClock">;
  /** null: there is no receiver, no valid fix, or no date that is believed. */
  readonly gnssTime: () => GnssTime | null;
  /** What the system shows of its clock's origin. */
  readonly systemOrigin: () => ClockOrigin;
  /** Sets the wall clock; rejects where this program may not. null: it is not to be set. */
  readonly setWallClock: ((utcMs: number) => Promise<void>) | null;
  readonly alarms: Alarms;
  readonly clock: Clock;
  readonly log: Logger;
}

const ROUND_MS = 10_000;
/** Soon after the first fix the first entry may say so. */
const FIRST_ROUNDS_MS = 1_000;
const FIRST_ROUNDS = 120;
const GNSS_VALID_MS = 60_000;
/** A clock chip shows whole seconds, and is read over a line. */
const RTC_UNC_MS = 2_000;
const RTC_VALID_MS = 2 * 3_600_000;
const RTC_EVERY_MS = 3_600_000;
/** After a chip that could not be read or set. */
const RTC_AGAIN_MS = 60_000;
/** A chip that is nearer is left alone. */
const RTC_OFF_MS = 1_000;
/** After a refusal the clock is not set again for so long. */
const SET_AGAIN_MS = 600_000;
/** No chip that shows an earlier time has been set since this program was written. */
const EARLIEST_UTC_MS = Date.UTC(2026, 0, 1);

/**
 * Holds the wall clock against those who know the time: GNSS, and the clock chip of the control board. What agrees
 * is vouched for in every entry; what does not is an alarm with the offset, and is set where that is allowed.
 */
export class ClockKeeper {
  readonly #parts: ClockKeeperParts;
  #setAgainUs = 0;
  #rtcDueUs = 0;

  constructor(parts: ClockKeeperParts) {
    this.#parts = parts;
  }

  /** Until the signal aborts. `board` is the one that is connected; null: none is. */
  async run(board: () => ControlBoard | null, signal: AbortSignal): Promise<void> {
    for (let round = 0; !signal.aborted; round++) {
      await this.followGnss().catch((error: unknown) => this.#complain(error));
      const connected = board();
      if (connected !== null && this.#parts.clock.monoUs() >= this.#rtcDueUs) {
        this.#rtcDueUs = this.#parts.clock.monoUs() + RTC_AGAIN_MS * 1000;
        await this.followRtc(connected, signal).catch((error: unknown) => this.#complain(error));
      }
      const waitMs = round < FIRST_ROUNDS ? FIRST_ROUNDS_MS : ROUND_MS;
      await this.#parts.clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  /** One comparison with GNSS. */
  async followGnss(): Promise<void> {
    const { gnssTime, clock, ledger } = this.#parts;
    const time = gnssTime();
    if (time === null) return;
    const { utcMs, uncMs } = time;
    await this.#judge(utcMs, uncMs);
    const again = gnssTime();
    if (again === null) return;
    const monoUs = clock.monoUs();
    await ledger.vouchClock({ src: "gnss", ...again, monoUs, validForMs: GNSS_VALID_MS });
  }

  /** The board was started anew or plugged in: its chip is read at the next round. */
  boardConnected(): void {
    this.#rtcDueUs = 0;
  }

  /** One comparison with the board's chip, which is set where somebody knows better. Throws what the board throws. */
  async followRtc(board: ControlBoard, signal: AbortSignal): Promise<void> {
    if (board.state.kind === "away" || !board.state.identity.features.includes("clock")) return;
    const { clock, ledger, gnssTime, log } = this.#parts;
    const shown = await board.readClock(signal);
    const monoUs = clock.monoUs();
    this.#rtcDueUs = monoUs + RTC_EVERY_MS * 1000;
    const truthMs = this.#knownMs();
    if (truthMs !== null) {
      if (shown.valid && Math.abs(shown.utcMs - truthMs) <= RTC_OFF_MS) return;
      await board.setClock(truthMs, signal);
      log.info({ offMs: shown.valid ? Math.round(shown.utcMs - truthMs) : null }, "board clock set");
      return;
    }
    if (!shown.valid || shown.utcMs < EARLIEST_UTC_MS) return;
    if (gnssTime() === null) await this.#judge(shown.utcMs, RTC_UNC_MS);
    await ledger.vouchClock({
      src: "rtc",
      utcMs: shown.utcMs,
      monoUs,
      uncMs: RTC_UNC_MS,
      validForMs: RTC_VALID_MS,
    });
  }

  /** What time it is, from who knows better than a chip. null: nobody. */
  #knownMs(): number | null {
    const { gnssTime, systemOrigin, clock } = this.#parts;
    return gnssTime()?.utcMs ?? (systemOrigin().src === "ntp" ? clock.utcMs() : null);
  }

  async #judge(utcMs: number, uncMs: number): Promise<void> {
    const { clock, alarms, setWallClock, systemOrigin, log } = this.#parts;
    const offMs = Math.round(clock.utcMs() - utcMs);
    if (Math.abs(offMs) <= uncMs) {
      alarms.clear("clock-wrong");
      return;
    }
    alarms.raise("clock-wrong", `off by ${(offMs / 1000).toFixed(1)} s`);
    if (setWallClock === null || clock.monoUs() < this.#setAgainUs) return;
    // two who both know: a receiver that is new to the sky may be wrong by the leap seconds
    if (systemOrigin().src === "ntp") return;
    try {
      await setWallClock(utcMs);
      log.warn({ offMs }, "wall clock set");
      alarms.clear("clock-wrong");
    } catch (error) {
      this.#setAgainUs = clock.monoUs() + SET_AGAIN_MS * 1000;
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    this.#parts.log.warn({ code: errorCode(error) }, "clock not followed");
  }
}
