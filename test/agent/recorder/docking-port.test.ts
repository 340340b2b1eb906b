import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { pino } from "pino";
import { keepDockingPort } from "../../../agent/recorder/docking-port.ts";
import { Counters } from "../../../config/base/counters.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { readKeyFile } from "../../../crypto/keys/key-file.ts";
import { deviceVkey } from "../../../crypto/keys/vkey.ts";
import { openCheckpoint } from "../../../crypto/proof/note.ts";
import { openFulltrace } from "../../../drivers/recorders/fulltrace/fulltrace.ts";
import { type DockingStatus, encodeAsk, parseAnswer } from "../../../drivers/recorders/fulltrace/wire.ts";
import { Office } from "../../support/agents/office.ts";
import { quietStatus } from "../../support/recorders/docking-status.ts";
import { ManualClock } from "../../support/surroundings.ts";
import { eventually } from "../../support/waiting.ts";

const going = () => new AbortController().signal;
const DEV = "0123456789abcdef0123456789abcdef";
const STATUS = quietStatus(DEV);

/** A UDP port that nobody has, as far as can be told. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** A docking port on the loopback interface, and somebody who asks it. */
async function dockingPort(t: TestContext, read: () => DockingStatus | null) {
  const clock = new ManualClock();
  const counters = new Counters();
  const stop = new AbortController();
  const port = await freeUdpPort();
  const log = pino({ enabled: false });
  const listen = `127.0.0.1:${port}`;
  const kept = keepDockingPort({ listen, read, clock, log, counters }, stop.signal);
  const asker = createSocket("udp4").bind(0, "127.0.0.1");
  await once(asker, "listening");
  const answers: Buffer[] = [];
  asker.on("message", (datagram) => answers.push(datagram));
  t.after(async () => {
    stop.abort();
    await kept;
    asker.close();
  });
  const send = (datagram: Uint8Array | string) =>
    new Promise<void>((resolve) => asker.send(datagram, port, "127.0.0.1", () => resolve()));
  return { clock, counters, answers, send };
}

test("a question is answered, and anything else counted and dropped", async (t) => {
  const { send, answers, counters } = await dockingPort(t, () => STATUS);
  const nonce = "a".repeat(32);
  const wrong = [
    "",
    "{}",
    "x".repeat(3000),
    '{"v":1,"ask":"wipe","nonce":"a"}',
    `{"v":1,"ask":"status","nonce":"${nonce}","x":1}`,
  ];
  for (const datagram of wrong) await send(datagram);
  await eventually("counted", () => counters.get("docking-ask-malformed") === wrong.length);
  assert.equal(answers.length, 0);
  await send(encodeAsk(nonce));
  await eventually("answered", () => answers.length === 1);
  assert.deepEqual(parseAnswer(answers[0] as Buffer), { v: 1, nonce, ...STATUS });
});

test("a flood gets twenty answers, and one for each tenth of a second after that", async (t) => {
  const { send, answers, counters, clock } = await dockingPort(t, () => STATUS);
  for (let i = 0; i < 100; i++) await send(encodeAsk("a".repeat(32)));
  await eventually("dropped", () => counters.get("docking-ask-unanswered") === 80);
  await eventually("answered", () => answers.length === 20);
  clock.advance(250);
  for (let i = 0; i < 5; i++) await send(encodeAsk("a".repeat(32)));
  await eventually("dropped again", () => counters.get("docking-ask-unanswered") === 83);
  await eventually("answered again", () => answers.length === 22);
});

test("a running recorder tells its dock how it stands, under its own signature", {
  timeout: 60_000,
}, async (t) => {
  const office = await Office.open(t);
  const port = await freeUdpPort();
  office.configure("docking", { listen: `127.0.0.1:${port}` });
  const { recorder, layout } = office;
  await recorder.start();
  const key = deviceVkey(readKeyFile(join(layout.recorder, "keys", "device.key")).publicKey);
  const options = {
    at: { kind: "address", address: { host: "127.0.0.1", port } },
    random: systemRandom,
    counters: new Counters(),
    timeoutMs: 20_000,
    verifyCheckpoint: (note: string, dev: string) =>
      dev === layout.dev && openCheckpoint(note, key).dev === dev,
  } as const;
  const driver = await openFulltrace(options, going());
  assert.deepEqual((await driver.identify(going())).serial, "DEMO-0001");
  const standing = await driver.standing(going());
  assert.equal(standing.checkpoint.isVerified, true);
  assert.ok(standing.backlogEntries > 0 && standing.freeBytes > 0 && !standing.isRecording);
  assert.ok(!driver.capabilities.has("battery"));
  await driver.close();
  await recorder.stop();
});
