import type { ShareConfig } from "../config/schema.ts";
import { brokerLinks } from "../sync/link/broker-link.ts";
import type { AgentStatus, Alarm } from "./control/protocol.ts";
import { Sharer, type ShareSource } from "./records/sharing/live/sharer.ts";
import { mappingOf } from "./records/sharing/view/mapping.ts";
import type { SideWork } from "./side-work.ts";
import type { Surroundings } from "./surroundings.ts";

/** So long a platform may be away, or take nothing, before a person is told. */
const PATIENCE_MS = 600_000;

/** Shares ledgers with a platform; null: the configuration names none. */
export function sharingOf(
  { share, dataDir }: { share?: ShareConfig; dataDir: string },
  sources: () => Iterable<ShareSource>,
  { clock, random, log }: Surroundings,
): SideWork | null {
  if (share?.broker === undefined) return null;
  const { clientId } = share.broker;
  const [mapping, openLink] = [mappingOf(share), brokerLinks(share.broker)];
  const sharer = new Sharer({
    dataDir,
    clientId,
    prefix: share.prefix,
    mapping,
    sources,
    openLink,
    clock,
    random,
    log,
  });
  return {
    start: () => sharer.start(),
    stop: () => sharer.stop(),
    status: () => shareStatus(sharer, clock.utcMs()),
  };
}

/** Its part of the status. */
export function shareStatus(
  sharer: Sharer,
  nowMs: number,
): { share: NonNullable<AgentStatus["share"]>; alarms: Alarm[]; counters: Record<string, number> } {
  const { linked, published, waiting, stalledMs, counters } = sharer.status();
  const detail = linked ? `${waiting} ledgers wait` : "the platform's broker is not reached";
  return {
    share: { linked, published, waiting, ...(stalledMs === null ? {} : { stalled_ms: stalledMs }) },
    alarms:
      stalledMs !== null && stalledMs >= PATIENCE_MS
        ? [{ code: "share-behind", detail, since_ms: nowMs - stalledMs }]
        : [],
    counters: Object.fromEntries(Object.entries(counters).map(([code, count]) => [`share:${code}`, count])),
  };
}
