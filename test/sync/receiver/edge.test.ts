import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Arrival, readArrival } from "../../../sync/receiver/edge.ts";
import { encodeHealth } from "../../../sync/wire/messages.ts";

const DEV = "0123456789abcdef0123456789abcdef";
const STRANGER = "f".repeat(32);
const DIGEST = "ab".repeat(32);
const HEALTH = {
  utcMs: 1,
  recording: true,
  freeBytes: 2,
  backlogBytes: 3,
  backlogEntries: 4,
  oldestMs: 5,
  alarms: [],
};

function arrive(topic: string, payload: Buffer | string = "", retained = false): Arrival {
  const incoming = { topic, payload: Buffer.from(payload), retained };
  return readArrival(incoming, "north", (dev) => dev === DEV);
}

test("messages of known devices are passed on with their subject", () => {
  const cases = [
    ["hello", { kind: "hello" }],
    ["checkpoint", { kind: "checkpoint" }],
    ["entries/7", { kind: "entries", from: 7 }],
    [`media/${DIGEST}/65536`, { kind: "media", digest: DIGEST, offset: 65536 }],
  ] as const;
  for (const [subject, expected] of cases) {
    const arrival = arrive(`fulltrace/v1/north/${DEV}/up/${subject}`, "bytes");
    assert.ok(arrival.kind === "message");
    assert.deepEqual([arrival.dev, arrival.message.subject], [DEV, expected]);
  }
});

test("health and presence of known devices are read at once", () => {
  assert.deepEqual(arrive(`fulltrace/v1/north/${DEV}/up/health`, encodeHealth(HEALTH)), {
    kind: "health",
    dev: DEV,
    health: HEALTH,
  });
  assert.deepEqual(arrive(`fulltrace/v1/north/${DEV}/state`, "offline"), {
    kind: "presence",
    dev: DEV,
    presence: "offline",
  });
});

test("of what a broker kept only the state counts", () => {
  for (const subject of ["hello", "entries/0", "health"]) {
    assert.deepEqual(arrive(`fulltrace/v1/north/${DEV}/up/${subject}`, "bytes", true), {
      kind: "stray",
      code: "retained",
    });
  }
  assert.equal(arrive(`fulltrace/v1/north/${DEV}/state`, "online", true).kind, "presence");
});

test("a device that is not listed is told so, about anything that asks for an answer", () => {
  for (const subject of ["hello", "entries/0", `media/${DIGEST}/0`, "nonsense/at/all"]) {
    const arrival = arrive(`fulltrace/v1/north/${STRANGER}/up/${subject}`, "bytes");
    assert.ok(arrival.kind === "refused");
    assert.deepEqual([arrival.dev, arrival.code, arrival.about], [STRANGER, "unknown-device", subject]);
  }
  for (const rest of ["up/health", "state"]) {
    assert.deepEqual(arrive(`fulltrace/v1/north/${STRANGER}/${rest}`), {
      kind: "stray",
      code: "unknown-device",
    });
  }
});

test("malformed subjects, empty parts and what is too large are refused by name", () => {
  const mib = 1024 * 1024;
  const cases = [
    ["entries/007", "bytes", "bad-entry"],
    ["media/xyz/0", "bytes", "bad-entry"],
    ["secrets", "bytes", "bad-entry"],
    ["health", "{", "bad-entry"],
    ["health", '{"v":9}', "unsupported"],
    [`media/${DIGEST}/0`, "", "bad-entry"],
    [`media/${DIGEST}/0`, Buffer.alloc(mib + 1), "too-large"],
    ["entries/0", Buffer.alloc(mib / 4 + 1), "too-large"],
  ] as const;
  for (const [subject, payload, code] of cases) {
    const arrival = arrive(`fulltrace/v1/north/${DEV}/up/${subject}`, payload as Buffer);
    assert.ok(arrival.kind === "refused", subject);
    assert.deepEqual([arrival.code, arrival.about], [code, subject]);
  }
  // control: the largest part is taken
  assert.equal(arrive(`fulltrace/v1/north/${DEV}/up/media/${DIGEST}/0`, Buffer.alloc(mib)).kind, "message");
});

test("nobody is answered about other topics", () => {
  for (const topic of [
    "",
    `fulltrace/v1/south/${DEV}/up/hello`,
    `fulltrace/v2/north/${DEV}/up/hello`,
    `fulltrace/v1/north/${DEV}/down/have`,
    "fulltrace/v1/north/not-a-device/up/hello",
    `fulltrace/v1/north/${DEV}/state/more`,
  ]) {
    assert.equal(arrive(topic).kind, "stray", topic);
  }
});

test("no bytes and no topic make it throw", () => {
  const words = fc.constantFrom(
    "fulltrace",
    "v1",
    "north",
    DEV,
    STRANGER,
    "up",
    "down",
    "state",
    "hello",
    "health",
    "7",
    "",
  );
  const topics = fc.array(fc.oneof(words, fc.string()), { maxLength: 8 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(topics, fc.uint8Array({ maxLength: 40 }), (topic, payload) => {
      assert.ok(arrive(topic, Buffer.from(payload)).kind.length > 0);
    }),
  );
});
