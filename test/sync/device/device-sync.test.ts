import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { Ledger } from "../../../crypto/ledger/ledger.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { DeviceSync, type DeviceSyncOptions } from "../../../sync/device/device-sync.ts";
import type { SyncEvent } from "../../../sync/device/exchange/actions.ts";
import { USUAL_ORDER } from "../../../sync/device/outbox/wanted.ts";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import type { OpenLink } from "../../../sync/link/link.ts";
import { parseHealth } from "../../../sync/wire/messages.ts";
import { downTopic } from "../../../sync/wire/topics.ts";
import { ledgerOptions } from "../../support/evidence.ts";
import { Mosquitto } from "../../support/mosquitto.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { content } from "../../support/sync/backlog.ts";
import { memoryLinks } from "../../support/sync/memory-link.ts";
import { pinnedCustody, pinnedVkeys, pinnedWitness, WireReceiver } from "../../support/sync/wire-receiver.ts";
import { eventually } from "../../support/waiting.ts";

const log = createLogger("silent", "test");

/** A device with some media in its ledger, and a receiver that waits for it over `open`. */
async function deviceAndReceiver(t: TestContext, open: OpenLink, photos: number) {
  const dataDir = temporaryDirectory(t);
  const ledger = await Ledger.open(ledgerOptions(dataDir, pinnedVkeys), systemClock);
  const reader = LedgerReader.open(dataDir);
  const media = new MediaStore(dataDir);
  const takePhoto = (name: string) =>
    ledger.appendMedia({ type: "recording.photo", mime: "image/jpeg" }, [content(name, 700_000)]);
  for (let i = 0; i < photos; i++) await takePhoto(`photo ${i}`);
  const events: SyncEvent[] = [];
  const orders: string[] = [];
  const options: DeviceSyncOptions = {
    ledger,
    reader,
    media,
    open,
    shard: "main",
    agent: "fulltrace/test",
    order: USUAL_ORDER,
    networks: [],
    keepaliveS: 60,
    healthMs: 50,
    custody: [pinnedCustody],
    witnesses: [pinnedWitness],
    health: () => ({ recording: false, freeBytes: 1_000_000, alarms: ["disk-low"] }),
    onEvent: (event) => events.push(event),
    takeOrder: async (envelope) => void orders.push(envelope),
    clock: systemClock,
    random: systemRandom,
    log,
  };
  const receiver = new WireReceiver(reader);
  await receiver.connect(t, open);
  let sync: DeviceSync | null = null;
  t.after(async () => {
    await sync?.stop();
    await receiver.disconnect();
    await ledger.end();
    reader.close();
  });
  const start = (other: Partial<DeviceSyncOptions> = {}) => {
    sync = DeviceSync.start({ ...options, ...other });
    return sync;
  };
  return { ledger, reader, media, receiver, events, orders, takePhoto, start };
}

test("a device hands over everything and has it signed for, though the broker dies in the middle", async (t) => {
  const broker = await Mosquitto.start(t);
  const open = brokerLinks({ url: broker.url, protocol: 4, keepaliveS: 60 });
  const { ledger, reader, receiver, start } = await deviceAndReceiver(t, open, 30);
  const sync = start();
  const parts = () => receiver.received.filter(({ topic }) => topic.includes("/up/media/")).length;

  await eventually("some media", () => parts() > 10);
  await broker.kill();
  broker.wipe();
  await eventually("the loss", () => !sync.status().linked);
  await eventually("the reason", () => sync.status().fault?.code === "broker-unreachable");
  await broker.restart();
  await receiver.connect(t, open);

  await sync.flush(AbortSignal.timeout(60_000));
  assert.ok(receiver.model.holdsEverything());
  const { traffic, alarms, backlogBytes, backlogEntries, fault } = sync.status();
  assert.deepEqual(
    { alarms, backlogBytes, backlogEntries, fault },
    { alarms: [], backlogBytes: 0, backlogEntries: 0, fault: null },
  );
  const { bytes } = reader.media.totals();
  assert.ok(
    traffic.total.mediaBytes <= bytes + 2 * 1024 * 1024,
    `${traffic.total.mediaBytes} sent of ${bytes}`,
  );
  assert.equal(traffic.total.mediaBytes - traffic.total.resentMediaBytes, bytes);

  await t.test("and closes its ledger with the last checkpoint cosigned", async () => {
    const closing = await ledger.close("test over");
    await sync.flush(AbortSignal.timeout(60_000));
    assert.equal(reader.newestCosigned()?.size, closing.size);
    await sync.stop();
    const state = receiver.received.filter(({ topic }) => topic.endsWith("/state")).at(-1);
    await eventually("offline", () => String(receiver.received.at(-1)?.payload) === "offline");
    assert.notEqual(String(state?.payload), "");
  });
});

test("health says what is left to do, and why", async (t) => {
  const broker = await Mosquitto.start(t);
  const open = brokerLinks({ url: broker.url, protocol: 5, keepaliveS: 60 });
  const { receiver, start } = await deviceAndReceiver(t, open, 1);
  receiver.model.credit = 0;
  start();
  const healths = () =>
    receiver.received
      .filter(({ topic }) => topic.endsWith("/up/health"))
      .map(({ payload }) => parseHealth(payload));
  await eventually("health with entries held", () => healths().at(-1)?.backlogEntries === 0);
  const last = healths().at(-1);
  assert.deepEqual([last?.backlogBytes, last?.alarms, last?.recording], [700_000, ["disk-low"], false]);
});

test("a state of health that cannot be read is counted, and everything is handed over all the same", async (t) => {
  const broker = await Mosquitto.start(t);
  const open = brokerLinks({ url: broker.url, protocol: 5, keepaliveS: 60 });
  const { receiver, start } = await deviceAndReceiver(t, open, 1);
  const health = () => {
    throw Object.assign(new Error("EIO: i/o error, statfs"), { code: "EIO" });
  };
  const sync = start({ health });
  await eventually("two attempts", () => (sync.status().counters["EIO"] ?? 0) >= 2);
  await sync.flush(AbortSignal.timeout(60_000));
  assert.ok(receiver.model.holdsEverything());
  await sync.stop();
});

test("a file that is gone raises an alarm and does not hold up the others", async (t) => {
  const broker = await Mosquitto.start(t);
  const open = brokerLinks({ url: broker.url, protocol: 4, keepaliveS: 60 });
  const { reader, media, events, start } = await deviceAndReceiver(t, open, 3);
  const [first] = reader.media.within(0, reader.size(), "oldest", 1);
  assert.ok(first !== undefined && existsSync(media.path(first.digest)));
  rmSync(media.path(first.digest));
  const sync = start();
  await eventually("the others", () => sync.status().backlogBytes === first.bytes);
  assert.deepEqual(events, [{ kind: "alarm", code: "media-damaged", detail: first.digest }]);
  await assert.rejects(sync.flush(AbortSignal.timeout(50)), { name: "TimeoutError" });
});

test("what does not belong to the protocol is counted, and nothing else happens", async (t) => {
  const broker = await Mosquitto.start(t);
  const open = brokerLinks({ url: broker.url, protocol: 4, keepaliveS: 60 });
  const { reader, receiver, takePhoto, start } = await deviceAndReceiver(t, open, 1);
  const sync = start();
  const session = { clientId: "mischief", subscriptions: [], maxInboundBytes: 1_000_000 };
  const mischief = await open(session, new AbortController().signal);
  t.after(() => mischief.close());
  const down = `fulltrace/v1/main/${reader.dev}/down`;
  await eventually("an answer", () => sync.status().receiver !== null);
  for (const [topic, payload] of [
    [`${down}/have`, "{"],
    [`${down}/have/more`, "{}"],
    [`${down}/receipt`, '{"payload":"e30="}'],
    [`${down}/cosignature`, '{"size":1,"lines":["— stranger AAAAAAAA"]}'],
    [`${down}/nack`, '{"v":2}'],
  ] as const) {
    await mischief.publish({ topic, payload: Buffer.from(payload) });
  }
  await eventually(
    "five refusals",
    () => Object.values(sync.status().counters).reduce((a, b) => a + b, 0) >= 5,
  );
  assert.deepEqual(sync.status().counters, {
    "bad-message": 1,
    "bad-receipt": 1,
    "bad-topic": 1,
    "unknown-witness": 1,
    unsupported: 1,
  });
  await takePhoto("afterwards");
  await eventually(
    "everything all the same",
    () => receiver.model.holdsEverything() && receiver.model.size > 0,
    20_000,
  );
});

test("an order that the receiver hands over is taken as it came, and one that is refused is counted", async (t) => {
  const { open, links } = memoryLinks();
  const { start, orders, ledger } = await deviceAndReceiver(t, open, 0);
  const refuse = async (envelope: string) => {
    orders.push(envelope);
    throw new AgentError("order-expired", "x");
  };
  const sync = start({ takeOrder: refuse });
  const device = () => links.find(({ session }) => session.clientId === ledger.dev);
  await eventually("a link", () => device() !== undefined);
  await device()?.deliver(downTopic({ shard: "main", dev: ledger.dev }, "order"), "an envelope");
  await eventually("the order", () => orders.length === 1);
  await eventually("its refusal", () => sync.status().counters["order-expired"] === 1);
  assert.deepEqual(orders, ["an envelope"]);
  await device()?.deliver(downTopic({ shard: "main", dev: ledger.dev }, "order"), "x".repeat(5_000));
  await eventually("what is too long", () => sync.status().counters["bad-message"] === 1);
  assert.equal(orders.length, 1);
});
