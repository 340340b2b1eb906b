import { withDeadline } from "../../config/base/deadline.ts";
import { AgentError } from "../../config/base/errors.ts";
import {
  archiveSuperseded,
  type Follows,
  forgetSuperseded,
  markSuperseded,
} from "../../crypto/ledger/archive.ts";
import { startBroker } from "../broker.ts";
import type { AgentStatus, ControlHandlers } from "../control/protocol.ts";
import { ControlServer } from "../control/server.ts";
import { loopDelayMeter } from "../loop-delay.ts";
import type { Surroundings } from "../surroundings.ts";
import { AGENT_VERSION } from "../version.ts";
import { Device, type DeviceConfig } from "./device.ts";
import { dockingStatus, keepDockingPort } from "./docking-port.ts";
import { activityHandlers, RecorderUnit } from "./recorder-unit.ts";

/** Why a ledger's life under this process ended. */
type LedgerEnd = { kind: "asked" } | { kind: "superseded"; follows: Follows };

/**
 * Runs a recorder or a dock until the signal aborts. A ledger that its own signature contradicts is set
 * aside and a new one begun, without a stop for anything else (sync-protocol §8).
 */
export async function runDevice(config: DeviceConfig, surroundings: Surroundings): Promise<void> {
  const broker = await startBroker(config, surroundings.log);
  try {
    let resume = config.role === "recorder" && config.recording.autostart;
    for (;;) {
      const { end, wasRecording } = await runLedger(config, surroundings, resume);
      if (end.kind === "asked") return;
      surroundings.log.error({ follows: end.follows.dev }, "ledger set aside; the new one must be enrolled");
      markSuperseded(config.dataDir, end.follows);
      resume = wasRecording;
    }
  } finally {
    await broker?.close();
  }
}

async function runLedger(
  config: DeviceConfig,
  surroundings: Surroundings,
  resume: boolean,
): Promise<{ end: LedgerEnd; wasRecording: boolean }> {
  const follows = archiveSuperseded(config.dataDir);
  const device = await Device.open(config, surroundings, follows);
  if (follows !== null) {
    forgetSuperseded(config.dataDir);
    device.alarms.raise("ledger-replaced", `follows ${follows.dev}; enrol ${device.ledger.dev}`);
  }
  const unit =
    config.role === "recorder" ? new RecorderUnit(config, device.ledger, device.alarms, surroundings) : null;
  device.start(
    () => unit?.isRecording ?? false,
    () => unit?.spaceFreed(),
  );
  unit?.start(resume);
  const undocked = new AbortController();
  const docking = keepDocking(config, device, unit, surroundings, undocked.signal);
  const control = await ControlServer.listen({
    dataDir: config.dataDir,
    handlers: handlersOf(config, device, unit, surroundings),
    log: surroundings.log,
    counters: device.counters,
  });
  try {
    const end = await endOf(device, surroundings.signal);
    const wasRecording = unit?.isRecording ?? false;
    undocked.abort();
    await docking;
    await control.close();
    await unit?.stop();
    await device.close(end.kind === "asked" ? "shutdown" : "superseded");
    return { end, wasRecording };
  } catch (error) {
    // no camera and no link may outlive the ledger, or this process would not end
    undocked.abort();
    await docking;
    await control.close();
    await unit?.stop();
    await device.abandon();
    throw error;
  }
}

/** Answers docks where the configuration says so. */
async function keepDocking(
  config: DeviceConfig,
  device: Device,
  unit: RecorderUnit | null,
  { clock, log }: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  if (config.role !== "recorder" || config.docking === undefined) return;
  const read = () =>
    dockingStatus(device, config.device, { clock }, { recording: unit?.isRecording ?? false });
  await keepDockingPort(
    { listen: config.docking.listen, read, clock, log, counters: device.counters },
    signal,
  );
}

/** Waits for whatever ends this ledger's run. Throws when the writer thread died: a supervisor starts us again. */
async function endOf(device: Device, signal: AbortSignal): Promise<LedgerEnd> {
  const asked = new Promise<"asked">((resolve) => {
    if (signal.aborted) resolve("asked");
    signal.addEventListener("abort", () => resolve("asked"), { once: true });
  });
  const died = device.ledger.ended.then((error) => {
    throw new AgentError("writer-died", device.ledger.dataDir, { cause: error });
  });
  const contradicted = device.contradicted.then(() => "contradicted" as const);
  const first = await Promise.race([asked, contradicted, died]);
  // the race is over: a later end of the thread is our own doing
  died.catch(() => {});
  if (first === "asked") return { kind: "asked" };
  const { reader } = device;
  const size = reader.size();
  return { kind: "superseded", follows: { dev: reader.dev, size, root: reader.root(size).toString("hex") } };
}

function handlersOf(
  config: DeviceConfig,
  device: Device,
  unit: RecorderUnit | null,
  surroundings: Surroundings,
): ControlHandlers {
  const { clock } = surroundings;
  const startedMs = clock.utcMs();
  const loopDelay = loopDelayMeter();
  const status = async (): Promise<AgentStatus> => {
    const shared = device.status();
    const recorder = unit?.status();
    return {
      role: config.role,
      agent: AGENT_VERSION,
      pid: process.pid,
      started_ms: startedMs,
      ...loopDelay(),
      ...shared,
      ...(recorder === undefined ? {} : { recording: recorder.recording }),
      counters: { ...shared.counters, ...recorder?.counters },
    };
  };
  return {
    status,
    ...unit?.handlers(),
    ...activityHandlers(device.ledger, surroundings),
    "sync.flush": async ({ timeout_ms }, signal) => ({
      receipted: await device.flush(withDeadline(signal, timeout_ms)),
    }),
  };
}
