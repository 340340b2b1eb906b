import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { callAgent } from "../../../agent/control/client.ts";
import type { ControlMethod, ControlRequest } from "../../../agent/control/protocol.ts";
import { ControlServer } from "../../../agent/control/server.ts";
import { Device } from "../../../agent/device/device.ts";
import { uploadHandlers } from "../../../agent/device/upload-handlers.ts";
import { UNSUPERVISED } from "../../../agent/supervision/supervisor.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { loadConfig } from "../../../config/load.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import { parseTopic } from "../../../sync/wire/topics.ts";
import { dock } from "../../config/sample-config.ts";
import { Mosquitto } from "../../support/mosquitto.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { content } from "../../support/sync/backlog.ts";
import { pinnedVkeys, WireReceiver } from "../../support/sync/wire-receiver.ts";
import { eventually } from "../../support/waiting.ts";

const log = createLogger("silent", "test");
const MINUTE_MS = 60_000;
const CHUNK_BYTES = 300_000;
const TIMEOUT = { timeoutMs: 60_000 };
const { signal } = new AbortController();
const surroundings = { clock: systemClock, random: systemRandom, log, signal, supervisor: UNSUPERVISED };

/** A dock's ledger on a network where no media may go, as its agent runs it but for its bays. */
async function dockOnMobile(t: TestContext, sync: string) {
  const root = temporaryDirectory(t);
  const file = join(root, "dock.toml");
  writeFileSync(file, `${dock}${sync}`);
  const config = loadConfig(file);
  assert.ok(config.role === "dock");
  const { dataDir } = config;
  let running: { device: Device; control: ControlServer } | null = null;
  const start = async () => {
    // often enough that a test may wait for the next
    const often = config.sync === undefined ? {} : { sync: { ...config.sync, healthMs: 50 } };
    const device = await Device.open({ ...config, ...often }, surroundings, null);
    const handlers = uploadHandlers(device.sync, device.reader);
    const control = await ControlServer.listen({ dataDir, handlers, log, counters: device.counters });
    running = { device, control };
    return device;
  };
  const stop = async () => {
    await running?.control.close();
    await running?.device.close("shutdown", { time: false });
    running = null;
  };
  t.after(stop);
  const order = <Method extends ControlMethod>(method: Method, params: ControlRequest<Method>) =>
    callAgent(dataDir, method, params, TIMEOUT);
  return { dataDir, start, stop, order };
}

/** One recording of two chunks; answers its id. */
async function record({ ledger }: Device): Promise<string> {
  const rec = randomUUID();
  const tracks = [{ kind: "video" as const, codec: "h264" }];
  await ledger.append({
    type: "recording.start",
    rec,
    origin: "live",
    trigger: "button",
    pre_event_ms: 0,
    tracks,
  });
  for (const n of [0, 1]) {
    const time = { from_us: 0, to_us: n * 2e6, key: n > 0, longest_us: n > 0 ? 40_000 : 0 };
    await ledger.appendMedia({ type: "recording.chunk", rec, n, ...time }, [
      content(`${rec} ${n}`, CHUNK_BYTES),
    ]);
  }
  await ledger.append({ type: "recording.stop", rec, chunks: 2, bytes: 2 * CHUNK_BYTES, reason: "button" });
  return rec;
}

/** The same with a receiver behind a broker. */
async function syncedDock(t: TestContext) {
  const broker = await Mosquitto.start(t);
  const [witness, custody] = [pinnedVkeys.witnesses, pinnedVkeys.custody].map((keys) => JSON.stringify(keys));
  const rig = await dockOnMobile(
    t,
    `[sync]\nurl = "${broker.url}"\nwitness = ${witness}\ncustody = ${custody}\n` +
      `[[sync.network]]\nname = "mobile"\nmedia = "none"\n`,
  );
  const device = await rig.start();
  const reader = LedgerReader.open(rig.dataDir);
  t.after(() => reader.close());
  const receiver = new WireReceiver(reader);
  await receiver.connect(t, brokerLinks({ url: broker.url, protocol: 4, keepaliveS: 60 }));
  const received = (kind: string) =>
    receiver.received.flatMap(({ topic }) => {
      const parsed = parseTopic(topic);
      return parsed.way === "up" && parsed.subject.kind === kind ? [parsed.subject] : [];
    });
  /** Recordings of which media arrived, in that order. */
  const arrived = () => [
    ...new Set(
      received("media").map((subject) => {
        assert.ok(subject.kind === "media");
        return reader.media.naming(subject.digest)[0]?.rec;
      }),
    ),
  ];
  /** Until it spoke twice more: whatever it was going to send first, it had its turn. */
  const twoMoreHealths = async () => {
    const before = received("health").length;
    await eventually("two more snapshots", () => received("health").length >= before + 2);
  };
  return { ...rig, device, received, arrived, twoMoreHealths };
}

test("what is first, now and resume: a recording overtakes, everything goes for a while, then the rule holds again", async (t) => {
  const { device, order, received, arrived, twoMoreHealths } = await syncedDock(t);
  const recs = [await record(device), await record(device), await record(device)];
  const [oldest = "", middle, newest] = recs;
  await eventually("every entry", () => device.status().sync?.backlog_entries === 0);

  const before = await order("sync.queue", {});
  assert.deepEqual(
    [before.policy.network, before.policy.media, before.policy.held],
    ["mobile", "none", "network"],
  );
  const told = (queue: typeof before.queue) => queue.map(({ rec, first, held }) => [rec, first, held]);
  assert.deepEqual(told(before.queue), [
    [newest, false, "network"],
    [middle, false, "network"],
    [oldest, false, "network"],
  ]);
  assert.deepEqual(before.queue[0], {
    rec: newest,
    files: 2,
    bytes: 2 * CHUNK_BYTES,
    first: false,
    held: "network",
  });
  const two = await order("sync.queue", { limit: 2 });
  assert.deepEqual([two.queue.length, two.more, before.more], [2, true, false]);

  assert.deepEqual(await order("sync.first", { rec: oldest }), { rec: oldest });
  assert.deepEqual(told((await order("sync.queue", {})).queue), [
    [oldest, true, "network"],
    [newest, false, "network"],
    [middle, false, "network"],
  ]);
  await twoMoreHealths();
  assert.deepEqual(
    received("media"),
    [],
    "a network for entries alone takes no recording, the first neither",
  );

  const askedMs = systemClock.utcMs();
  const { until_ms: until } = await order("sync.now", { minutes: 5 });
  assert.ok(until >= askedMs + 5 * MINUTE_MS && until <= systemClock.utcMs() + 5 * MINUTE_MS);
  assert.ok(await device.flush(AbortSignal.timeout(60_000)));
  assert.deepEqual(arrived(), [oldest, newest, middle]);
  const after = await order("sync.queue", {});
  assert.deepEqual([after.queue, after.policy.held, after.policy.now_until_ms], [[], undefined, until]);

  assert.deepEqual(await order("sync.resume", {}), { resumed: true });
  const later = await record(device);
  await eventually("its entries", () => device.status().sync?.backlog_entries === 0);
  await twoMoreHealths();
  assert.ok(!arrived().includes(later));
  assert.equal((await order("sync.queue", {})).policy.held, "network");
});

test("a pause holds back entries too, over a restart, until it is resumed", async (t) => {
  const { device, start, stop, order, received, twoMoreHealths } = await syncedDock(t);
  await eventually("the first entries", () => device.status().sync?.backlog_entries === 0);
  const { until_ms: until } = await order("sync.pause", { minutes: 30 });
  await record(device);
  const sent = received("entries").length;
  await twoMoreHealths();
  assert.equal(received("entries").length, sent);
  await stop();

  const again = await start();
  await eventually("the connection", () => again.status().sync?.receiver !== undefined);
  const { policy, queue } = await order("sync.queue", {});
  assert.deepEqual([policy.held, policy.paused_until_ms, queue[0]?.held], ["paused", until, "paused"]);
  await twoMoreHealths();
  assert.equal(received("entries").length, sent);
  assert.ok((again.status().sync?.backlog_entries ?? 0) > 0);

  await order("sync.resume", {});
  await eventually("the rest", () => again.status().sync?.backlog_entries === 0);
  assert.ok(received("entries").length > sent);
});

test("what cannot be done is told by its code, and changes nothing", async (t) => {
  const { start, stop, order, dataDir } = await dockOnMobile(t, '[sync]\nurl = "mqtt://127.0.0.1:9"\n');
  await start();
  const stranger = randomUUID();
  await assert.rejects(order("sync.first", { rec: stranger }), {
    code: "recording-unknown",
    place: stranger,
  });
  await assert.rejects(order("sync.first", { rec: "3" }), { code: "bad-params" });
  for (const minutes of [0, 1441, 1.5]) {
    await assert.rejects(order("sync.pause", { minutes }), { code: "bad-params" });
    await assert.rejects(order("sync.now", { minutes }), { code: "bad-params" });
  }
  await assert.rejects(order("sync.queue", { limit: 0 }), { code: "bad-params" });
  const { policy } = await order("sync.queue", {});
  assert.deepEqual(policy, { network: "any", media: "all" });
  await stop();
  await assert.rejects(callAgent(dataDir, "sync.queue", {}, TIMEOUT), { code: "agent-not-running" });

  const alone = await dockOnMobile(t, "");
  await alone.start();
  const orders = [
    ["sync.queue", {}],
    ["sync.now", {}],
    ["sync.pause", {}],
    ["sync.resume", {}],
    ["sync.first", { rec: stranger }],
  ] as const;
  for (const [method, params] of orders)
    await assert.rejects(alone.order(method, params), { code: "not-synced" }, method);
});
