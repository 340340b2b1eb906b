import { systemClock } from "../../../../config/base/clock.ts";
import { withDeadline } from "../../../../config/base/deadline.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import { systemPort } from "../../../../drivers/serial/line/system-port.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { hardwareWords as words } from "../../../cli/text/doctor/hardware.ts";
import { gnssFix } from "../../../probes/serial/gnss-fix.ts";
import { pingBoard } from "../../../probes/serial/ping.ts";
import { listSerialPorts } from "../../../probes/serial/ports.ts";
import { type Check, type Finding, fail, hasAgent, ok, skipped, warn } from "../../check.ts";
import { asRecorder } from "./as-recorder.ts";

const LIMIT_MS = 10_000;
const PING_MS = 6_000;
/** A receiver talks every second. */
const LISTEN_MS = 4_000;

const serialPorts: Check = {
  id: "serial-ports",
  name: words.serialPorts,
  why: words.serialPortsWhy,
  next: words.serialPortsNext,
  limitMs: LIMIT_MS,
  async run({ config, machine }) {
    const ports = await listSerialPorts(config, machine.serial);
    const used = ports.filter(({ used_by: use }) => use !== undefined);
    const missing = used.find((port) => port.missing === true);
    if (missing !== undefined) return fail(words.serialMissing, { path: missing.device });
    const closed = used.find((port) => !port.may_open);
    if (closed !== undefined) return fail(words.serialForbidden, { path: closed.device });
    const names = ports.map(({ device, used_by: use, product }) =>
      [device, use ?? product ?? ""].join(" ").trim(),
    );
    return names.length === 0 ? ok(words.serialNone) : ok(words.serialSeen, { names: names.join(", ") });
  },
};

const board: Check = {
  id: "board",
  name: words.board,
  why: words.boardWhy,
  next: words.boardNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asRecorder(patient, async (config) => {
      if (config.board === undefined) return skipped(examineWords.notConfigured);
      const { device: path, baud } = config.board;
      const live = patient.live?.board;
      if (live !== undefined) {
        const { connected, model = "?", firmware = "?", battery_pct: battery = "?" } = live;
        return connected ? ok(words.boardSeen, { model, firmware, battery }) : fail(words.boardGone);
      }
      if (hasAgent(patient)) return skipped(examineWords.agentHasIt);
      const parts = {
        open: systemPort({ path, baud, clock: systemClock }),
        clock: systemClock,
        random: systemRandom,
      };
      const limited = withDeadline(signal, PING_MS);
      const told = await pingBoard(parts, 1, limited).catch((cause: unknown) => {
        throw limited.aborted ? new AgentError("board-silent", path, { cause }) : cause;
      });
      const ms = Math.ceil((told.round_trip?.median_us ?? 0) / 1000);
      return ok(words.boardPing, { model: told.model, firmware: told.firmware, ms });
    }),
};

const gnss: Check = {
  id: "gnss",
  name: words.gnss,
  why: words.gnssWhy,
  next: words.gnssNext,
  limitMs: LIMIT_MS,
  run: (patient, signal) =>
    asRecorder(patient, async (config) => {
      if (config.gnss === undefined) return skipped(examineWords.notConfigured);
      const { device: path, baud } = config.gnss;
      const live = patient.live?.gnss;
      if (live !== undefined) return live.fix ? ok(words.gnssFix) : warn(words.gnssNoFix);
      if (hasAgent(patient)) return skipped(examineWords.agentHasIt);
      const open = systemPort({ path, baud, clock: systemClock });
      return fixFinding(await gnssFix(open, withDeadline(signal, LISTEN_MS)));
    }),
};

function fixFinding(fix: Awaited<ReturnType<typeof gnssFix>>): Finding {
  switch (fix) {
    case "fix":
      return ok(words.gnssFix);
    case "no-fix":
      return warn(words.gnssNoFix);
    case "silent":
      return fail(words.gnssSilent);
  }
}

export const WIRE_CHECKS: readonly Check[] = [serialPorts, board, gnss];
