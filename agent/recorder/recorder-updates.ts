import type { RecorderConfig } from "../../config/schema.ts";
import { parseVkey } from "../../crypto/keys/vkey.ts";
import { newestChain } from "../../crypto/ledger/query/newest-chain.ts";
import type { AgentStatus } from "../control/protocol.ts";
import type { Device } from "../device/device.ts";
import type { Surroundings } from "../surroundings.ts";
import { UpdatingClient } from "../update/service/updating-client.ts";
import { Updates } from "../update/updates.ts";

/** What a recorder knows of itself. */
export interface RecorderSight {
  isRecording(): boolean;
  status(): Pick<AgentStatus, "recording" | "board">;
}

/** Of the ledger, looked through while a new version is on trial. */
const TAIL_ENTRIES = 2_000;

/** The updates of a recorder: how it stands by its control board, and how it is by its camera, ledger and receiver. */
export function updatesOf(
  config: RecorderConfig,
  device: Device,
  { clock, log }: Surroundings,
  recorder: RecorderSight,
): Updates {
  const { socket, minBatteryPct, trialS } = config.update;
  const cameraAlarm = () => device.alarms.list().some(({ code }) => code.startsWith("camera"));
  return new Updates({
    config: { socket, leastBatteryPct: minBatteryPct, trialMs: trialS * 1000 },
    dataDir: config.dataDir,
    dev: device.ledger.dev,
    orderKeys: config.update.orders.map(parseVkey),
    client: new UpdatingClient(socket),
    fetching: {
      part: async (digest, offset, signal) =>
        (await device.sync?.bundlePart(digest, offset, signal)) ?? Buffer.alloc(0),
      // where evidence may go, and while it stands in its dock
      mayFetch: () => {
        const { board } = recorder.status();
        const policy = device.sync?.policy.view();
        const isDocked = board?.charging !== undefined && board.charging !== "no";
        return isDocked && !recorder.isRecording() && policy?.held === null && policy.media !== "none";
      },
      freeBytes: () => device.freeBytes() - config.disk.reserveBytes,
    },
    standing: async (signal) => {
      const { board } = recorder.status();
      return {
        recording: recorder.isRecording(),
        powered: board?.charging === undefined ? null : board.charging !== "no",
        batteryPct: board?.battery_pct ?? null,
        receipted: await device.flush(signal),
      };
    },
    health: {
      camera: () => {
        const { recording } = recorder.status();
        const films = recorder.isRecording() || (recording?.pre_event_ms ?? 0) > 0;
        return !cameraAlarm() && (films || config.recording.preEventMs === 0);
      },
      ledger: async () => {
        await device.ledger.answer();
        return newestChain(device.reader, TAIL_ENTRIES).brokenAt === null;
      },
      receiver: () => config.sync === undefined || device.status().sync?.receiver !== undefined,
    },
    isRecording: recorder.isRecording,
    write: async (step) => void (await device.ledger.append(step)),
    alarms: device.alarms,
    clock,
    log,
  });
}
