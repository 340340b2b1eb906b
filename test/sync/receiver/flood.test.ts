import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createLogger } from "../../../config/base/logger.ts";
import { deviceVkey, formatVkey } from "../../../crypto/keys/vkey.ts";
import { EmbeddedBroker } from "../../../sync/broker/embedded-broker.ts";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import { Receiver } from "../../../sync/receiver/receiver.ts";
import { parseHave, parseNack } from "../../../sync/wire/messages.ts";
import { downFilter, downTopic, upTopic } from "../../../sync/wire/topics.ts";
import { DEVICE } from "../../support/ledger/ledger-maker.ts";
import { DEV, hello } from "../../support/receiver/desk-bench.ts";
import { ManualClock, seededRandom } from "../../support/surroundings.ts";
import { eventually } from "../../support/waiting.ts";

const SHARD = "north";
const ADDRESS = { shard: SHARD, dev: DEV };
const STRANGER = { shard: SHARD, dev: "f".repeat(32) };
const log = createLogger("silent", "test");

/** A receiver behind a real broker, and a way to connect a device to it. */
async function receiving(t: TestContext) {
  const dataDir = mkdtempSync(join(tmpdir(), "fulltrace-test-"));
  const clientId = "receiver-north";
  const broker = await EmbeddedBroker.open({
    host: "127.0.0.1",
    port: 0,
    shard: SHARD,
    receivers: [clientId],
    maxConnections: 8,
    log,
  });
  const open = brokerLinks({ url: `mqtt://127.0.0.1:${broker.port}`, protocol: 4, keepaliveS: 60 });
  const receiver = await Receiver.open(
    {
      dataDir,
      name: "district.example",
      devices: [formatVkey(deviceVkey(DEVICE.publicKey))],
      otherWitnesses: [],
      shard: SHARD,
      clientId,
      limits: { openDatabases: 4, creditBytes: 2 ** 20, queuedBytes: 2 ** 26, keepFreeBytes: 0 },
    },
    { openLink: open, clock: new ManualClock(), random: seededRandom("flood"), log },
  );
  t.after(async () => {
    await receiver.stop();
    await broker.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
  receiver.start();
  await eventually("a link", () => receiver.status().linked);

  const connect = async (address: typeof ADDRESS) => {
    const session = {
      clientId: address.dev,
      subscriptions: [downFilter(address)],
      maxInboundBytes: 300_000,
    };
    const link = await open(session, new AbortController().signal);
    t.after(() => link.close());
    const received: { topic: string; payload: Buffer }[] = [];
    link.deliverTo((message) => void received.push(message));
    return { link, received };
  };
  return { receiver, connect };
}

test("a stranger who floods the receiver gets answers and holds up nobody", async (t) => {
  const { receiver, connect } = await receiving(t);
  const stranger = await connect(STRANGER);
  const device = await connect(ADDRESS);

  const question = { topic: upTopic(STRANGER, { kind: "hello" }), payload: Buffer.from("{}") };
  await Promise.all(Array.from({ length: 300 }, () => stranger.link.publish(question)));
  const { subject, payload } = hello("n1");
  await device.link.publish({ topic: upTopic(ADDRESS, subject), payload });

  await eventually("the device's answer", () => device.received.length > 0);
  const [answer] = device.received;
  assert.equal(answer?.topic, downTopic(ADDRESS, "have"));
  assert.equal(parseHave(answer.payload).re, "n1");
  await eventually("an end of the answers", () => {
    const unsent = receiver.status().counts["refusal-unsent"] ?? 0;
    return stranger.received.length + unsent === 300;
  });
  assert.ok(stranger.received.every(({ payload }) => parseNack(payload).code === "unknown-device"));
});
