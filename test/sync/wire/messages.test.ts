import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import {
  encodeCosignature,
  encodeHave,
  encodeHealth,
  encodeHello,
  encodeNack,
  type Have,
  parseCheckpoint,
  parseCosignature,
  parseHave,
  parseHealth,
  parseHello,
  parseNack,
  parsePresence,
  parseReceipt,
} from "../../../sync/wire/messages.ts";

fc.configureGlobal({ seed: 42 });

const DIGEST = "ab".repeat(32);
const have: Have = {
  re: "n1",
  receiver: "district.example/custody",
  size: 7,
  root: Buffer.alloc(32, 5),
  done: RangeSet.of([[0, 7]]),
  parts: new Map([[DIGEST, RangeSet.of([[0, 65536]])]]),
  credit: 2097152,
};

test("messages are spelled as the protocol's page spells them", () => {
  assert.equal(
    String(encodeHello({ nonce: "n1", agent: "fulltrace/0.1.0", size: 3 })),
    '{"v":1,"nonce":"n1","agent":"fulltrace/0.1.0","size":3}',
  );
  assert.equal(
    String(encodeHave(have)),
    `{"v":1,"re":"n1","receiver":"district.example/custody","size":7,"root":"${"05".repeat(32)}","done":[[0,7]],"parts":{"${DIGEST}":[[0,65536]]},"credit":2097152}`,
  );
  assert.equal(
    String(encodeNack({ code: "slow-down", about: "entries/3", retryAfterMs: 5000, detail: "busy" })),
    '{"v":1,"code":"slow-down","about":"entries/3","retry_after_ms":5000,"detail":"busy"}',
  );
  assert.equal(
    String(encodeCosignature({ size: 3, lines: ["— w AA=="] })),
    '{"size":3,"lines":["— w AA=="]}',
  );
});

const text = fc.string({ unit: "grapheme", maxLength: 40 }).filter((value) => value.isWellFormed());
const ranges = fc
  .array(fc.tuple(fc.nat(10_000), fc.integer({ min: 1, max: 500 })), { maxLength: 20 })
  .map((list) => RangeSet.of(list.map(([from, length]) => [from, from + length] as const)));
const count = fc.maxSafeNat();

test("every message is read back as it was written", () => {
  const digest = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 64, maxLength: 64 });
  const haves: fc.Arbitrary<Have> = fc.record(
    {
      re: text,
      receiver: text,
      size: count,
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes)),
      checkpoint: text,
      done: ranges,
      parts: fc.array(fc.tuple(digest, ranges), { maxLength: 5 }).map((list) => new Map(list)),
      credit: count,
    },
    { requiredKeys: ["receiver", "size", "root", "done", "parts", "credit"], noNullPrototype: true },
  );
  fc.assert(fc.property(haves, (message) => assert.deepEqual(parseHave(encodeHave(message)), message)));
  const hellos = fc.record(
    { nonce: text, agent: text, size: count, checkpoint: text },
    { requiredKeys: ["nonce", "agent", "size"], noNullPrototype: true },
  );
  fc.assert(fc.property(hellos, (message) => assert.deepEqual(parseHello(encodeHello(message)), message)));
  const healths = fc.record(
    {
      utcMs: count,
      recording: fc.boolean(),
      batteryPct: fc.nat(100),
      freeBytes: count,
      backlogBytes: count,
      backlogEntries: count,
      oldestMs: count,
      alarms: fc.array(text, { maxLength: 5 }),
    },
    {
      requiredKeys: [
        "utcMs",
        "recording",
        "freeBytes",
        "backlogBytes",
        "backlogEntries",
        "oldestMs",
        "alarms",
      ],
      noNullPrototype: true,
    },
  );
  fc.assert(fc.property(healths, (message) => assert.deepEqual(parseHealth(encodeHealth(message)), message)));
  const nacks = fc.record(
    {
      code: fc.constantFrom("fork" as const, "bad-hash" as const),
      about: text,
      retryAfterMs: count,
      detail: text,
    },
    { requiredKeys: ["code", "about"], noNullPrototype: true },
  );
  fc.assert(fc.property(nacks, (message) => assert.deepEqual(parseNack(encodeNack(message)), message)));
});

const READERS = {
  parseHello,
  parseHave,
  parseHealth,
  parseNack,
  parseCosignature,
  parseCheckpoint,
  parseReceipt,
  parsePresence,
};

test("no payload does more harm than a coded error", () => {
  const json = fc.json({ maxDepth: 4 }).map((value) => Buffer.from(value));
  const nearly = fc
    .tuple(fc.constantFrom(...Object.keys(JSON.parse(String(encodeHave(have))))), fc.jsonValue())
    .map(([key, value]) =>
      Buffer.from(JSON.stringify({ ...JSON.parse(String(encodeHave(have))), [key]: value })),
    );
  const bytes = fc.uint8Array({ maxLength: 200 }).map((value) => Buffer.from(value));
  for (const read of Object.values(READERS)) {
    fc.assert(
      fc.property(fc.oneof(bytes, json, nearly), (payload) => {
        try {
          read(payload);
        } catch (error) {
          assert.match((error as { code: string }).code, /^(bad-message|unsupported)$/);
        }
      }),
    );
  }
});

test("what is malformed or beyond the limits is refused", async (t) => {
  const haveWith = (changes: object) =>
    Buffer.from(JSON.stringify({ ...JSON.parse(String(encodeHave(have))), ...changes }));
  const manyRanges = Array.from({ length: 1001 }, (_, i) => [2 * i, 2 * i + 1]);
  const manyFiles = Object.fromEntries(
    Array.from({ length: 65 }, (_, i) => [i.toString(16).padStart(64, "0"), []]),
  );
  const cases: [string, () => unknown][] = [
    ["a have that is not JSON", () => parseHave(Buffer.from("{"))],
    ["a have that is a list", () => parseHave(Buffer.from("[]"))],
    ["bytes that are not UTF-8", () => parseHave(Buffer.from([0x22, 0xff, 0x22]))],
    ["a negative size", () => parseHave(haveWith({ size: -1 }))],
    ["a fractional credit", () => parseHave(haveWith({ credit: 0.5 }))],
    ["a root of 31 bytes", () => parseHave(haveWith({ root: "05".repeat(31) }))],
    [
      "ranges that overlap",
      () =>
        parseHave(
          haveWith({
            done: [
              [0, 5],
              [4, 6],
            ],
          }),
        ),
    ],
    [
      "ranges that touch",
      () =>
        parseHave(
          haveWith({
            done: [
              [0, 5],
              [5, 6],
            ],
          }),
        ),
    ],
    ["an empty range", () => parseHave(haveWith({ done: [[3, 3]] }))],
    ["a negative range", () => parseHave(haveWith({ done: [[-1, 3]] }))],
    ["1,001 ranges", () => parseHave(haveWith({ done: manyRanges }))],
    ["65 unfinished files", () => parseHave(haveWith({ parts: manyFiles }))],
    ["a part under no digest", () => parseHave(haveWith({ parts: { __proto: [] } }))],
    ["a have over 256 KiB", () => parseHave(haveWith({ pad: "x".repeat(256 * 1024) }))],
    ["an unknown nack", () => parseNack(Buffer.from('{"v":1,"code":"no","about":"hello"}'))],
    ["a cosignature line with LF", () => parseCosignature(encodeCosignature({ size: 1, lines: ["a\nb"] }))],
    [
      "33 cosignature lines",
      () => parseCosignature(encodeCosignature({ size: 1, lines: Array(33).fill("x") })),
    ],
    ["another state", () => parsePresence(Buffer.from("Online"))],
    ["a checkpoint over 16 KiB", () => parseCheckpoint(Buffer.alloc(16 * 1024 + 1, 0x61))],
  ];
  for (const [what, read] of cases) {
    await t.test(what, () => assert.throws(read, { code: "bad-message" }));
  }
  await t.test("a later version", () => {
    assert.throws(() => parseHave(haveWith({ v: 2 })), { code: "unsupported" });
    assert.throws(() => parseHello(Buffer.from("{}")), { code: "unsupported" });
  });
  await t.test("but not a message with a field more (control)", () => {
    assert.deepEqual(parseHave(haveWith({ later: true })), have);
    assert.equal(parseHave(haveWith({ done: manyRanges.slice(1) })).done.count, 1000);
    assert.equal(parsePresence(Buffer.from("online")), "online");
  });
});
