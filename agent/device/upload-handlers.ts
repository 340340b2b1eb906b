import { AgentError } from "../../config/base/errors.ts";
import type { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import type { DeviceSync } from "../../sync/device/device-sync.ts";
import type { PolicyView } from "../../sync/device/policy/upload-policy.ts";
import type { QueueItem } from "../../sync/device/policy/upload-queue.ts";
import type { QueuedRecording, ToldPolicy } from "../control/methods/upload-methods.ts";
import type { ControlHandlers } from "../control/protocol.ts";

/** Orders about what is sent when. Without sync each throws `not-synced`. */
export function uploadHandlers(sync: DeviceSync | null, reader: LedgerReader): ControlHandlers {
  const synced = (): DeviceSync => {
    if (sync === null) throw new AgentError("not-synced", "[sync]");
    return sync;
  };
  return {
    "sync.queue": async ({ limit }) => {
      const { items, more } = synced().queue(limit);
      return { policy: toldPolicy(synced().policy.view()), queue: items.map(toldItem), more };
    },
    "sync.now": async ({ minutes }) => ({ until_ms: synced().policy.now(minutes) }),
    "sync.pause": async ({ minutes }) => ({ until_ms: synced().policy.pause(minutes) }),
    "sync.resume": async () => {
      synced().policy.resume();
      return { resumed: true };
    },
    "sync.first": async ({ rec }) => {
      const { policy } = synced();
      if (reader.recordings.startedAt(rec) === null) throw new AgentError("recording-unknown", rec);
      policy.first(rec);
      return { rec };
    },
  };
}

export function toldPolicy(view: PolicyView): ToldPolicy {
  const { network, media, held, pausedUntilMs, nowUntilMs, rateBytesS, dailyBytes, sentToday } = view;
  return {
    network,
    media,
    ...(held === null ? {} : { held }),
    ...(pausedUntilMs === null ? {} : { paused_until_ms: pausedUntilMs }),
    ...(nowUntilMs === null ? {} : { now_until_ms: nowUntilMs }),
    ...(rateBytesS === 0 ? {} : { rate_bytes_s: rateBytesS }),
    ...(dailyBytes === 0 ? {} : { daily_bytes: dailyBytes, sent_today: sentToday }),
  };
}

function toldItem({ rec, files, bytes, first, held, etaMs }: QueueItem): QueuedRecording {
  return {
    ...(rec === null ? {} : { rec }),
    files,
    bytes,
    first,
    ...(held === null ? {} : { held }),
    ...(etaMs === null ? {} : { eta_ms: etaMs }),
  };
}
