import assert from "node:assert/strict";
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { Counters } from "../../../../config/base/counters.ts";
import { openFulltrace } from "../../../../drivers/recorders/fulltrace/fulltrace.ts";
import { usbNetwork } from "../../../../drivers/recorders/fulltrace/usb-network.ts";
import {
  type DockingStatus,
  encodeAnswer,
  encodeAsk,
  MAX_DATAGRAM_BYTES,
  parseAnswer,
  parseAsk,
} from "../../../../drivers/recorders/fulltrace/wire.ts";
import { seededRandom, temporaryDirectory } from "../../../support/surroundings.ts";

const DEV = "0123456789abcdef0123456789abcdef";
const NOTE = `fulltrace/${DEV}\n42\n${Buffer.alloc(32).toString("base64")}\n\n— fulltrace/${DEV} ${Buffer.alloc(68).toString("base64")}\n`;
const STATUS: DockingStatus = {
  dev: DEV,
  serial: "0000042",
  model: "BWC-1",
  agent: "fulltrace/0.1.0",
  checkpoint: NOTE,
  battery_pct: 81,
  charging: true,
  recording: false,
  backlog_entries: 12,
  backlog_bytes: 34_000,
  oldest_ms: 5_000,
  free_bytes: 1_000_000,
  alarms: ["disk-full"],
  utc_ms: 1_795_000_000_000,
  clock_src: "ntp",
};

type Reply = (socket: Socket, nonce: string, from: RemoteInfo, asked: number) => void;

const honest: Reply = (socket, nonce, from) =>
  socket.send(encodeAnswer(nonce, STATUS), from.port, from.address);

/** A recorder on the loopback interface that answers as `reply` does. */
async function recorder(t: TestContext, reply: Reply) {
  const socket = createSocket("udp4");
  let asked = 0;
  socket.on("message", (datagram, from) => {
    const nonce = parseAsk(datagram);
    assert.ok(nonce !== null);
    reply(socket, nonce, from, ++asked);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  t.after(() => socket.close());
  const counters = new Counters();
  const options = {
    at: { kind: "address", address: { host: "127.0.0.1", port: socket.address().port } },
    random: seededRandom("docking"),
    counters,
    repeatMs: 20,
    timeoutMs: 400,
  } as const;
  return { options, counters, asked: () => asked };
}

const going = () => new AbortController().signal;

describe("a recorder of our own in a dock", () => {
  test("tells who it is, how it stands and how full its battery is", async (t) => {
    const { options } = await recorder(t, honest);
    const driver = await openFulltrace(options, going());
    assert.deepEqual(await driver.identify(going()), {
      serial: "0000042",
      model: "BWC-1",
      firmware: STATUS.agent,
    });
    assert.deepEqual(await driver.battery(going()), { percent: 81, charging: true });
    assert.equal(await driver.readClock(going()), STATUS.utc_ms);
    const standing = await driver.standing(going());
    assert.deepEqual(
      [standing.backlogEntries, standing.backlogBytes, standing.oldestMs, standing.checkpoint],
      [12, 34_000, 5_000, { note: NOTE, size: 42, isVerified: false }],
    );
    await driver.close();
    await assert.rejects(driver.standing(going()), { code: "recorder-gone" });
  });

  test("is asked again when a datagram is lost", async (t) => {
    const { options, asked } = await recorder(t, (socket, nonce, from, count) => {
      if (count >= 3) honest(socket, nonce, from, count);
    });
    await openFulltrace(options, going());
    assert.equal(asked(), 3);
  });

  test("is silent when nothing comes, and the caller may go before", async (t) => {
    const { options } = await recorder(t, () => {});
    await assert.rejects(openFulltrace(options, going()), { code: "recorder-silent" });
    const reason = new Error("called off");
    await assert.rejects(openFulltrace(options, AbortSignal.abort(reason)), reason);
  });

  test("is not believed where the verifier says no, and is where it says yes", async (t) => {
    const { options, counters } = await recorder(t, honest);
    const throws = () => {
      throw new Error("bad-note");
    };
    for (const verifyCheckpoint of [() => false, throws]) {
      const refusing = openFulltrace({ ...options, verifyCheckpoint }, going());
      await assert.rejects(refusing, { code: "recorder-answer" });
    }
    assert.ok(counters.get("docking-answer-unbelieved") > 0);
    const driver = await openFulltrace(
      { ...options, verifyCheckpoint: (note, dev) => note === NOTE && dev === DEV },
      going(),
    );
    assert.equal((await driver.standing(going())).checkpoint.isVerified, true);
  });

  test("stays the one that answered first", async (t) => {
    const other = "f".repeat(32);
    const { options } = await recorder(t, (socket, nonce, from, count) => {
      const dev = count === 1 ? DEV : other;
      const status = { ...STATUS, dev, checkpoint: NOTE.replaceAll(DEV, dev) };
      socket.send(encodeAnswer(nonce, status), from.port, from.address);
    });
    const driver = await openFulltrace(options, going());
    await assert.rejects(driver.identify(going()), { code: "recorder-answer" });
  });

  const text = (nonce: string, change: object) => JSON.stringify({ v: 1, nonce, ...STATUS, ...change });
  const wrong: [string, (nonce: string) => Buffer | string][] = [
    ["oversized", (nonce) => text(nonce, { padding: "x".repeat(MAX_DATAGRAM_BYTES) })],
    ["for another question", () => text("0".repeat(32), {})],
    ["without a number", (nonce) => text(nonce, { backlog_bytes: "many" })],
    ["below nothing", (nonce) => text(nonce, { free_bytes: -1 })],
    ["with a checkpoint of another device", (nonce) => text(nonce, { dev: "f".repeat(32) })],
    ["with control characters", (nonce) => text(nonce, { model: "a\u001b[2J" })],
    ["of another version", (nonce) => text(nonce, { v: 2 })],
    ["no JSON", () => Buffer.from([0xff, 0xfe, 0])],
    ["empty", () => ""],
  ];
  for (const [what, datagram] of wrong) {
    test(`an answer that is ${what} is counted, and a right one after it taken`, async (t) => {
      const bad = await recorder(t, (socket, nonce, from) =>
        socket.send(datagram(nonce), from.port, from.address),
      );
      await assert.rejects(openFulltrace(bad.options, going()), { code: "recorder-answer" });
      const counts = Object.values(bad.counters.snapshot()).reduce((sum, count) => sum + count, 0);
      assert.ok(counts > 0);
      const mixed = await recorder(t, (socket, nonce, from, count) => {
        socket.send(datagram(nonce), from.port, from.address, () => honest(socket, nonce, from, count));
      });
      await openFulltrace(mixed.options, going());
    });
  }

  test("a flood of wrong answers ends the asking", async (t) => {
    const { options, counters } = await recorder(t, (socket, _, from) => {
      for (let i = 0; i < 300; i++) socket.send(`{"v":1,"flood":${i}}`, from.port, from.address);
    });
    await assert.rejects(openFulltrace({ ...options, timeoutMs: 5_000 }, going()), {
      code: "recorder-answer",
    });
    assert.equal(counters.get("docking-answer-malformed") <= 1000, true);
  });

  test("is gone without a network interface, which is looked for below its USB port only", async (t) => {
    const root = temporaryDirectory(t);
    mkdirSync(join(root, "hub/1-1/1-1:1.0/net/usb7"), { recursive: true });
    mkdirSync(join(root, "hub/1-1/1-1.2/1-1.2:1.0/net/usb8"), { recursive: true });
    mkdirSync(join(root, "hub/1-3/1-3:1.0"), { recursive: true });
    mkdirSync(join(root, "devices"));
    for (const port of ["1-1", "1-3"]) symlinkSync(join(root, "hub", port), join(root, "devices", port));
    const usbDevices = join(root, "devices");
    assert.equal(usbNetwork("1-1", usbDevices), "usb7");
    for (const port of ["1-3", "1-9", "../hub/1-1"]) assert.equal(usbNetwork(port, usbDevices), null);
    const { options } = await recorder(t, honest);
    const pulled = openFulltrace({ ...options, at: { kind: "usb", port: "1-3", usbDevices } }, going());
    await assert.rejects(pulled, { code: "recorder-gone" });
  });
});

test("an answer always fits: cosignatures go first, then alarms", () => {
  const nonce = "0".repeat(32);
  const cosigned = NOTE + "— district.example/witness AAAA\n".repeat(30);
  const alarms = Array.from({ length: 40 }, (_, i) => `alarm-${i}-${"x".repeat(50)}`);
  const datagram = encodeAnswer(nonce, { ...STATUS, checkpoint: cosigned, alarms });
  assert.ok(datagram.length <= MAX_DATAGRAM_BYTES);
  const answer = parseAnswer(datagram);
  assert.equal(answer?.checkpoint, NOTE);
  assert.deepEqual(answer?.alarms, alarms.slice(0, answer?.alarms.length));
  assert.ok((answer?.alarms.length ?? 0) > 0);
});

test("only our question is one", () => {
  assert.equal(parseAsk(encodeAsk("a".repeat(32))), "a".repeat(32));
  for (const text of ["", "{}", '{"v":1,"ask":"wipe","nonce":"aa"}', "[".repeat(1000)])
    assert.equal(parseAsk(Buffer.from(text)), null);
});
