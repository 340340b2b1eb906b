import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../config/base/clock.ts";
import { systemRandom } from "../../config/base/random.ts";
import { EvidenceStore } from "../../crypto/ledger/writer/evidence-store.ts";
import { MediaStore } from "../../crypto/media/store.ts";
import type { IncomingMessage } from "../../sync/link/link.ts";
import { Office } from "../support/agents/office.ts";
import { type Meddle, Relay } from "../support/agents/relay.ts";
import { ledgerOptions } from "../support/evidence.ts";
import { Mosquitto } from "../support/mosquitto.ts";
import { eventually } from "../support/waiting.ts";

const WAIT_MS = 60_000;
const FILE_BYTES = 1_000_000;
const FILES = 12;
const DATA_BYTES = FILES * FILE_BYTES;
/** What may be in flight when a connection ends (sync-protocol, "Exchange" 4). */
const WINDOW_BYTES = 2 * 2 ** 20;
/** The most that is sent of a file of which the receiver has said nothing. */
const PROBE_BYTES = 64 * 1024;

/** An office whose recorder comes home with 12 MB that nobody has yet. */
async function backlog(t: TestContext): Promise<Office> {
  const office = await Office.open(t);
  const evidence = EvidenceStore.open(ledgerOptions(office.layout.recorder), {
    clock: systemClock,
    random: systemRandom,
  });
  for (let i = 0; i < FILES; i++) {
    evidence.appendMedia({ type: "recording.photo", mime: "image/jpeg" }, [randomBytes(FILE_BYTES)]);
  }
  evidence.close("full shift");
  evidence.end();
  return office;
}

/** Everything has arrived once: same bytes, one file each, nothing left over, both copies sound. */
async function assertArrivedOnce(office: Office): Promise<void> {
  const { layout } = office;
  await office.recorder.stop();
  await office.receiver.stop();
  const sent = [...new MediaStore(layout.recorder).files()];
  const held = [...new MediaStore(layout.replica).files()];
  assert.deepEqual(
    held.map(({ name }) => name),
    sent.map(({ name }) => name),
  );
  for (const [i, { path }] of held.entries()) {
    assert.ok(readFileSync(path).equals(readFileSync(sent[i]?.path as string)), path);
  }
  const partial = join(layout.replica, "partial");
  assert.deepEqual(existsSync(partial) ? readdirSync(partial) : [], []);
  for (const copy of [layout.recorder, layout.replica]) {
    assert.equal((await office.verdictOn(copy)).verdict, "authentic");
  }
}

/** Waits until some, but not all, of the media is at the receiver. */
async function untilHalfway({ recorder }: Office): Promise<void> {
  await recorder.waitFor(({ sync }) => {
    const left = sync?.backlog_bytes ?? DATA_BYTES;
    return left < DATA_BYTES - 2 * FILE_BYTES;
  }, WAIT_MS);
}

test("the broker is killed in the middle and comes back with its state wiped", async (t) => {
  const office = await backlog(t);
  const broker = await Mosquitto.start(t);
  office.useBrokers(broker.url, broker.url);
  await office.receiver.start();
  await office.recorder.start();
  await untilHalfway(office);
  await broker.kill();
  broker.wipe();
  await broker.restart();
  await office.settle();
  const { sync } = await office.recorder.call("status", {});
  const disconnects = (sync?.connections ?? 0) - 1;
  assert.ok(disconnects >= 1, "the kill was noticed");
  assert.ok(
    (sync?.sent_bytes ?? Infinity) <= DATA_BYTES + disconnects * WINDOW_BYTES,
    `${sync?.sent_bytes} bytes sent`,
  );
  await assertArrivedOnce(office);
});

/** An office whose recorder and receiver talk through a relay that counts and meddles. */
async function relayedBacklog(t: TestContext): Promise<{ office: Office; relay: Relay }> {
  const office = await backlog(t);
  const near = await Mosquitto.start(t);
  const far = await Mosquitto.start(t);
  office.useBrokers(near.url, far.url);
  const relay = await Relay.start(t, near.url, far.url);
  return { office, relay };
}

const isDown = (message: IncomingMessage, kind: string) => message.topic.endsWith(`/down/${kind}`);
const isMedia = (message: IncomingMessage) => message.topic.includes("/up/media/");

test("the receiver is killed when it holds a file and has not signed for it", async (t) => {
  const { office, relay } = await relayedBacklog(t);
  let killed: Promise<void> | null = null;
  relay.down = (message) => {
    const isHeld = isDown(message, "have") && (JSON.parse(message.payload.toString()).done ?? []).length > 0;
    // the first `have` after media: the file is durable, its receipt is not made
    if (killed === null && isHeld && relay.mediaBytes > 0) killed = office.receiver.kill();
    return [message];
  };
  await office.receiver.start();
  await office.recorder.start();
  await eventually("the receiver is killed", () => killed !== null, WAIT_MS);
  await killed;
  await office.receiver.start();
  await office.settle();
  assert.ok(relay.mediaBytes <= DATA_BYTES + WINDOW_BYTES, `${relay.mediaBytes} bytes on the wire`);
  await assertArrivedOnce(office);
});

test("a receipt that is lost is asked for again, and costs no media byte", async (t) => {
  const { office, relay } = await relayedBacklog(t);
  let lost = 0;
  relay.down = (message) => {
    if (!isDown(message, "receipt") || lost === 2) return [message];
    lost++;
    return [];
  };
  await office.receiver.start();
  await office.recorder.start();
  await office.settle();
  assert.equal(lost, 2);
  assert.equal(relay.mediaBytes, DATA_BYTES);
  await assertArrivedOnce(office);
});

/** Holds back a part until the next, then passes them on twice each, the last first. */
function shuffler(): Meddle {
  let held: IncomingMessage[] = [];
  return (message) => {
    const isPart = isMedia(message);
    if (isPart) held.push(message);
    // a device that awaits an answer sends no second part: it probes with a small one, or asks
    if (isPart && held.length < 2 && message.payload.length > PROBE_BYTES) return [];
    const out = [...held, ...held].reverse();
    held = [];
    return isPart ? out : [...out, message];
  };
}

test("parts that arrive twice and in any order make the same files, stored once", async (t) => {
  const { office, relay } = await relayedBacklog(t);
  relay.up = shuffler();
  await office.receiver.start();
  await office.recorder.start();
  await office.settle();
  await assertArrivedOnce(office);
});
