import { systemClock } from "../../../../config/base/clock.ts";
import type { EntryTime } from "../../../../crypto/entry/envelope.ts";
import { hasLedger } from "../../../../crypto/ledger/db/ledger-place.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { momentText } from "../../../cli/face/units.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { machineWords as words } from "../../../cli/text/doctor/machine.ts";
import { type Check, fail, ok, type Patient, skipped, warn } from "../../check.ts";

const LIMIT_MS = 20_000;
/** Nothing was recorded by this program before. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
const TOLERANCE_MS = 2_000;

/** `t` of the newest entry; null: there is no ledger of this role's own. */
async function lastTime({ config }: Patient): Promise<EntryTime | null> {
  if (config.role === "receiver" || !hasLedger(config.dataDir)) return null;
  return await visitLedger(config.dataDir, (reader) => {
    const size = reader.size();
    return size === 0 ? null : (reader.body(size - 1).t as unknown as EntryTime);
  });
}

const clock: Check = {
  id: "clock",
  name: words.clock,
  why: words.clockWhy,
  next: words.clockNext,
  limitMs: LIMIT_MS,
  async run(patient) {
    const last = await lastTime(patient);
    const nowMs = systemClock.utcMs();
    const time = momentText(nowMs);
    if (nowMs < EARLIEST_MS) return fail(words.clockSeen, { time });
    if (last !== null && nowMs + TOLERANCE_MS < last.utc_ms)
      return fail(words.clockBack, { time, last: momentText(last.utc_ms) });
    return ok(words.clockSeen, { time });
  },
};

const clockSource: Check = {
  id: "clock-source",
  name: words.clockSource,
  why: words.clockSourceWhy,
  next: words.clockNext,
  limitMs: LIMIT_MS,
  async run(patient) {
    const last = await lastTime(patient);
    if (last === null)
      return skipped(patient.config.role === "receiver" ? examineWords.notThisRole : examineWords.noAgent);
    if (last.src === "none") return warn(words.clockSourceNone);
    return ok(words.clockSourceSeen, { source: last.src });
  },
};

export const CLOCK_CHECKS: readonly Check[] = [clock, clockSource];
