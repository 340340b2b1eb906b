import type { TestContext } from "node:test";
import { Sharer } from "../../../agent/records/sharing/live/sharer.ts";
import { mappingOf } from "../../../agent/records/sharing/view/mapping.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { parseConfig } from "../../../config/load.ts";
import type { ReceiverConfig, ShareConfig } from "../../../config/schema.ts";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import type { OpenLink } from "../../../sync/link/link.ts";
import { DEVICE } from "../ledger/ledger-maker.ts";
import { ReplicaBench, sendEntries } from "../receiver/replica-bench.ts";
import { ManualClock, seededRandom, temporaryDirectory } from "../surroundings.ts";
import { eventually } from "../waiting.ts";
import { type Case, makeCase } from "./case-maker.ts";
import type { Platform } from "./platform.ts";

export const DEV = DEVICE.publicKey.deviceId;

export const linksTo = ({ url }: Platform) => brokerLinks({ url, protocol: 4, keepaliveS: 60 });

/** `[share]` of a receiver's configuration with these lines. */
export function shareOf(toml: string): ShareConfig | undefined {
  const text = `role = "receiver"\ndata_dir = "/d"\n[receiver]\nname = "r"\n[sync]\nurl = "mqtt://h"\n${toml}`;
  return (parseConfig(text, "/etc/x.toml") as ReceiverConfig).share;
}

/** A receiver's replica of a case, and what shares it; the clock runs while a test waits. */
export function office(t: TestContext, made: Case = makeCase()) {
  const bench = new ReplicaBench(t);
  const replica = bench.open();
  const dataDir = temporaryDirectory(t);
  const clock = new ManualClock();
  /** Takes over what the device has, and cosigns it if it is to. */
  const receive = (isCosigned = true) => {
    const note = made.maker.checkpoint();
    sendEntries(replica, made.maker.evidence());
    if (isCosigned) replica.offer(note);
  };
  let rounds = 0;
  const sharing = (openLink: OpenLink, share?: ShareConfig) => {
    const sharer = new Sharer({
      dataDir,
      clientId: "share",
      prefix: share?.prefix ?? "cg/330106",
      mapping: mappingOf(share),
      sources: () => {
        rounds++;
        return [{ dev: DEV, dataDir: bench.dataDir, size: replica.size }];
      },
      openLink,
      clock,
      random: seededRandom("share"),
      log: createLogger("silent", "test"),
    });
    sharer.start();
    t.after(() => sharer.stop());
    return sharer;
  };
  const until = (what: string, condition: () => boolean) =>
    eventually(what, () => {
      clock.advance(1000);
      return condition();
    });
  return { made, dataDir, clock, receive, sharing, until, rounds: () => rounds };
}
