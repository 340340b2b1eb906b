import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Counters } from "../../../config/base/counters.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { keepLinked, type LinkFault } from "../../../sync/link/keep-linked.ts";
import type { Link, OpenLink } from "../../../sync/link/link.ts";
import { ManualClock, seededRandom } from "../../support/surroundings.ts";
import { eventually } from "../../support/waiting.ts";

/** A link that ends when told, or closed. */
class ScriptedLink implements Link {
  readonly maxPayloadBytes = 1000;
  readonly ended: Promise<AgentError>;
  end: (reason: AgentError) => void = () => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.end = resolve;
    });
  }

  deliverTo(): void {}

  publish(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async close(): Promise<void> {
    this.end(new AgentError("link-closed", "test"));
  }
}

/** Keeps links from `open`; `tries` holds the time of each try. */
function keeping(open: () => Link) {
  const clock = new ManualClock();
  const startUs = clock.monoUs();
  const tries: number[] = [];
  const used: Link[] = [];
  const faults: LinkFault[] = [];
  const counters = new Counters();
  const stop = new AbortController();
  const opening: OpenLink = async () => {
    tries.push((clock.monoUs() - startUs) / 1000);
    return open();
  };
  const session = { clientId: "device", subscriptions: [], maxInboundBytes: 1000 };
  const log = createLogger("silent", "test");
  const onAway = (fault: LinkFault) => faults.push(fault);
  const surroundings = { clock, random: seededRandom("waits"), log, counters, onAway };
  const finished = keepLinked(
    { open: opening, session, ...surroundings },
    (link) => used.push(link),
    stop.signal,
  );
  return { clock, tries, used, faults, counters, stop, finished };
}

/** Lets simulated time pass, at most an hour, until `condition` holds. */
async function passTime(clock: ManualClock, condition: () => boolean): Promise<void> {
  for (let steps = 0; !condition(); steps++) {
    assert.ok(steps < 36_000, "not within an hour");
    clock.advance(100);
    await setImmediate();
  }
}

test("a broker that cannot be reached is tried ever more rarely, never in step and at least once a minute", async () => {
  const { clock, tries, faults, counters, stop, finished } = keeping(() => {
    throw new AgentError("broker-unreachable", "test");
  });
  await passTime(clock, () => tries.length >= 12);
  const waits = tries.slice(1).map((atMs, i) => atMs - (tries[i] as number));
  for (const [i, wait] of waits.entries()) {
    const step = Math.min(1000 * 2 ** i, 60_000);
    assert.ok(wait >= step / 2 && wait <= step + 100, `wait ${i}: ${wait} ms`);
  }
  stop.abort();
  await finished;
  assert.equal(counters.get("broker-unreachable"), tries.length);
  assert.deepEqual(
    faults,
    tries.map(() => ({ code: "broker-unreachable", place: "test" })),
    "each says why",
  );
});

test("after a good link the first wait is short again; stopping closes the link", async () => {
  const links: ScriptedLink[] = [];
  const { clock, tries, used, faults, counters, stop, finished } = keeping(() => {
    const link = new ScriptedLink();
    links.push(link);
    return link;
  });
  for (let i = 0; i < 4; i++) {
    await eventually("a link", () => used.length === i + 1);
    clock.advance(40_000);
    links[i]?.end(new AgentError("link-lost", "test"));
    const tried = tries.length;
    await passTime(clock, () => tries.length > tried);
    const lostMs = 40_000 + (tries[i] as number);
    assert.ok((tries[i + 1] as number) - lostMs <= 1_500, "within the first wait");
  }
  stop.abort();
  await finished;
  assert.deepEqual(counters.snapshot(), { "link-closed": 1, "link-lost": 4 });
  assert.deepEqual(faults.slice(0, 4), Array(4).fill({ code: "link-lost", place: "test" }));
});
