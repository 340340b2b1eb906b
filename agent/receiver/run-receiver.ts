import { mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../config/base/clock.ts";
import { Counters } from "../../config/base/counters.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { ReceiverConfig } from "../../config/schema.ts";
import { brokerLinks } from "../../sync/link/broker-link.ts";
import { Receiver } from "../../sync/receiver/receiver.ts";
import type { DeviceStatus } from "../../sync/receiver/roster.ts";
import { receiverLogin, startBroker } from "../broker.ts";
import type { AgentStatus, Alarm, HeardDevice } from "../control/protocol.ts";
import { ControlServer } from "../control/server.ts";
import { loopDelayMeter } from "../loop-delay.ts";
import { sharingOf } from "../platform.ts";
import type { ShareSource } from "../records/sharing/live/sharer.ts";
import type { SideWork } from "../side-work.ts";
import type { Surroundings } from "../surroundings.ts";
import { AGENT_VERSION } from "../version.ts";

/** Devices told of one by one; the counts cover all. */
const MAX_TOLD = 100;

/** Runs a receiver, with its embedded broker if it has one, until the signal aborts. */
export async function runReceiver(config: ReceiverConfig, surroundings: Surroundings): Promise<void> {
  const { clock, random, log, signal, supervisor } = surroundings;
  mkdirSync(config.dataDir, { recursive: true, mode: 0o750 });
  const receiver = await Receiver.open(
    {
      dataDir: config.dataDir,
      name: config.receiver.name,
      devices: config.receiver.devices,
      otherWitnesses: config.receiver.otherWitnesses,
      shard: config.sync.shard,
      ...(config.receiver.orders === undefined ? {} : { orders: config.receiver.orders }),
      clientId: receiverLogin(config),
      limits: {
        openDatabases: config.receiver.maxOpenDatabases,
        creditBytes: config.receiver.creditBytes,
        queuedBytes: config.receiver.queuedBytes,
        keepFreeBytes: config.receiver.reserveBytes,
      },
    },
    { openLink: brokerLinks(config.sync), clock, random, log },
  );
  const broker = await startBroker(config, log);
  const sharing = sharingOf(config, () => sourcesOf(config, receiver), surroundings);
  const counters = new Counters();
  const control = await ControlServer.listen({
    dataDir: config.dataDir,
    group: config.control.group,
    handlers: { status: statusOf(config, receiver, sharing, counters, clock) },
    log,
    counters,
  });
  receiver.start();
  sharing?.start();
  log.info({ ...receiver.vkeys }, "receiver ready");
  supervisor.ready();
  const ending = new AbortController();
  const watching = supervisor.keepTold(() => receiver.answer(), ending.signal);
  try {
    await untilAsked(receiver, signal);
    supervisor.stopping();
  } finally {
    ending.abort();
    await watching;
    await control.close();
    await sharing?.stop();
    await receiver.stop();
    await broker?.close();
  }
}

/** Throws when the receiver cannot go on: a supervisor starts it again. */
async function untilAsked(receiver: Receiver, signal: AbortSignal): Promise<void> {
  const asked = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
  const failure = await Promise.race([asked, receiver.failed]);
  if (failure !== null) throw new AgentError("receiver-failed", failure.place, { cause: failure });
}

function statusOf(
  config: ReceiverConfig,
  receiver: Receiver,
  sharing: SideWork | null,
  counters: Counters,
  clock: Clock,
) {
  const startedMs = clock.utcMs();
  const loopDelay = loopDelayMeter();
  return async (): Promise<AgentStatus> => {
    const { devices, counts, queuedBytes, linked, fault } = receiver.status();
    const beside = sharing?.status();
    const { bavail, blocks, bsize } = statfsSync(config.dataDir);
    return {
      role: "receiver",
      agent: AGENT_VERSION,
      pid: process.pid,
      started_ms: startedMs,
      ...loopDelay(),
      free_bytes: bavail * bsize,
      total_bytes: blocks * bsize,
      receiver: {
        linked,
        ...(fault === null ? {} : { fault }),
        queued_bytes: queuedBytes,
        devices: config.receiver.devices.length,
        online: devices.filter(({ presence }) => presence === "online").length,
        heard: devices
          .filter(({ lastSeenMs }) => lastSeenMs !== null)
          .sort((a, b) => (b.lastSeenMs as number) - (a.lastSeenMs as number))
          .slice(0, MAX_TOLD)
          .map(toldOf),
      },
      ...beside,
      alarms: [...devices.filter(hasFork).slice(0, MAX_TOLD).map(forkAlarm), ...(beside?.alarms ?? [])],
      counters: { ...counters.snapshot(), ...counts, ...beside?.counters },
    };
  };
}

function sourcesOf({ dataDir }: ReceiverConfig, receiver: Receiver): ShareSource[] {
  return receiver.status().devices.map(({ dev, replica }) => ({
    dev,
    dataDir: join(dataDir, "devices", dev),
    size: replica?.size ?? null,
  }));
}

function toldOf({ dev, presence, lastSeenMs, replica, counts, problems }: DeviceStatus): HeardDevice {
  return {
    dev,
    ...(presence === null ? {} : { presence }),
    last_seen_ms: lastSeenMs as number,
    ...(replica === null ? {} : { size: replica.size, media_missing: replica.missing, forks: replica.forks }),
    refusals: counts,
    problems,
  };
}

function hasFork({ replica }: DeviceStatus): boolean {
  return replica !== null && replica.forks > 0;
}

function forkAlarm({ dev, lastSeenMs }: DeviceStatus): Alarm {
  return { code: "fork", detail: `${dev}: proof kept under devices/${dev}/forks`, since_ms: lastSeenMs ?? 0 };
}
