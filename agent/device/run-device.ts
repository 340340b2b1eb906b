import { withDeadline } from "../../config/base/deadline.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { DeviceConfig } from "../../config/schema.ts";
import {
  archiveSuperseded,
  type Follows,
  forgetSuperseded,
  markSuperseded,
} from "../../crypto/ledger/archive.ts";
import type { AgentStatus, ControlHandlers } from "../control/protocol.ts";
import { ControlServer } from "../control/server.ts";
import { loopDelayMeter } from "../loop-delay.ts";
import { activityHandlers } from "../records/activity/activity-handlers.ts";
import { inspectionHandlers } from "../records/inspections/inspection-handlers.ts";
import type { SideWork } from "../side-work.ts";
import type { Surroundings } from "../surroundings.ts";
import { AGENT_VERSION } from "../version.ts";
import { Device } from "./device.ts";
import type { DeviceUnit } from "./unit.ts";
import { uploadHandlers } from "./upload-handlers.ts";

/** Why a ledger's life under this process ended. */
type LedgerEnd =
  | { kind: "asked"; reason: "shutdown" | "power-off" }
  | { kind: "superseded"; follows: Follows };

/** What makes a recorder or a dock of a device. */
export interface DeviceKind {
  /** Whether it records from its start on. */
  isRecording: boolean;
  unit(device: Device): DeviceUnit;
  /** Beside it, as long as the ledger lives; null: nothing. */
  sideWork(device: Device): SideWork | null;
}

/**
 * Runs a recorder or a dock until the signal aborts. A ledger that its own signature contradicts is set
 * aside and a new one begun, without a stop for anything else (sync-protocol §8).
 */
export async function runDevice(
  config: DeviceConfig,
  surroundings: Surroundings,
  kind: DeviceKind,
): Promise<void> {
  let resume = kind.isRecording;
  for (;;) {
    const { end, wasRecording } = await runLedger(config, surroundings, kind, resume);
    if (end.kind === "asked") return;
    surroundings.log.error({ follows: end.follows.dev }, "ledger set aside; the new one must be enrolled");
    markSuperseded(config.dataDir, end.follows);
    resume = wasRecording;
  }
}

async function runLedger(
  config: DeviceConfig,
  surroundings: Surroundings,
  kind: DeviceKind,
  resume: boolean,
): Promise<{ end: LedgerEnd; wasRecording: boolean }> {
  const follows = archiveSuperseded(config.dataDir);
  const device = await Device.open(config, surroundings, follows);
  for (const { code, detail } of surroundings.troubles ?? []) device.alarms.raise(code, detail);
  if (follows !== null) {
    forgetSuperseded(config.dataDir);
    device.alarms.raise("ledger-replaced", `follows ${follows.dev}; enrol ${device.ledger.dev}`);
  }
  const unit = kind.unit(device);
  device.start({
    isRecording: () => unit.isRecording,
    batteryPct: () => unit.batteryPct,
    spaceFreed: () => unit.spaceFreed(),
  });
  unit.start(resume);
  const sideWork = kind.sideWork(device);
  sideWork?.start();
  const control = await ControlServer.listen({
    dataDir: config.dataDir,
    group: config.control.group,
    handlers: handlersOf(config, device, unit, sideWork, surroundings),
    log: surroundings.log,
    counters: device.counters,
  });
  const { supervisor } = surroundings;
  const ending = new AbortController();
  supervisor.ready();
  const watching = supervisor.keepTold(() => device.ledger.answer(), ending.signal);
  try {
    const end = await endOf(device, unit, surroundings.signal);
    if (end.kind === "asked") supervisor.stopping();
    const reason = end.kind === "asked" ? end.reason : "superseded";
    const wasRecording = unit.isRecording;
    await control.close();
    await sideWork?.stop();
    await unit.stop(reason === "power-off" ? reason : null);
    // no time for last words when the power goes: the ledger first
    await device.close(reason, { time: reason !== "power-off" });
    await unit.release("orderly");
    return { end, wasRecording };
  } catch (error) {
    // no camera and no link may outlive the ledger, or this process would not end
    await control.close();
    await sideWork?.stop();
    await unit.stop(null);
    await unit.release("failed");
    await device.abandon();
    throw error;
  } finally {
    ending.abort();
    await watching;
  }
}

/** Waits for whatever ends this ledger's run. Throws when the writer thread died: a supervisor starts us again. */
async function endOf(device: Device, unit: DeviceUnit, signal: AbortSignal): Promise<LedgerEnd> {
  const asked = new Promise<"shutdown">((resolve) => {
    if (signal.aborted) resolve("shutdown");
    signal.addEventListener("abort", () => resolve("shutdown"), { once: true });
  });
  const powerOff = unit.powerOff.then(() => "power-off" as const);
  const died = device.ledger.ended.then((error) => {
    throw new AgentError("writer-died", device.ledger.dataDir, { cause: error });
  });
  const contradicted = device.contradicted.then(() => "contradicted" as const);
  const first = await Promise.race([asked, powerOff, contradicted, died]);
  // the race is over: a later end of the thread is our own doing
  died.catch(() => {});
  if (first !== "contradicted") return { kind: "asked", reason: first };
  const { reader } = device;
  const size = reader.size();
  return { kind: "superseded", follows: { dev: reader.dev, size, root: reader.root(size).toString("hex") } };
}

function handlersOf(
  config: DeviceConfig,
  device: Device,
  unit: DeviceUnit,
  sideWork: SideWork | null,
  surroundings: Surroundings,
): ControlHandlers {
  const { clock } = surroundings;
  const startedMs = clock.utcMs();
  const loopDelay = loopDelayMeter();
  const status = async (): Promise<AgentStatus> => {
    const shared = device.status();
    const own = unit.status();
    const beside = sideWork?.status();
    return {
      role: config.role,
      agent: AGENT_VERSION,
      pid: process.pid,
      started_ms: startedMs,
      ...loopDelay(),
      ...shared,
      ...own,
      ...beside,
      alarms: [...shared.alarms, ...(beside?.alarms ?? [])],
      counters: { ...shared.counters, ...own.counters, ...beside?.counters },
    };
  };
  const records = device.recordKeeping();
  return {
    status,
    ...unit.handlers(),
    ...activityHandlers({ ...records, random: surroundings.random }),
    ...inspectionHandlers({ ...records, random: surroundings.random, witnesses: device.witnesses() }),
    ...uploadHandlers(device.sync, device.reader),
    "sync.flush": async ({ timeout_ms }, signal) => ({
      receipted: await device.flush(withDeadline(signal, timeout_ms)),
    }),
  };
}
