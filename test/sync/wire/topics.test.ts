import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type Address,
  downFilter,
  downTopic,
  formatSubject,
  parseTopic,
  partTopic,
  readSubject,
  shardFilters,
  stateTopic,
  type UpSubject,
  upTopic,
} from "../../../sync/wire/topics.ts";

fc.configureGlobal({ seed: 42 });

const DEV = "00112233445566778899aabbccddeeff";
const DIGEST = "ab".repeat(32);
const here: Address = { shard: "main", dev: DEV };

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: length, maxLength: length });
const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
const address = fc.record({ shard: word, dev: hex(32) }, { noNullPrototype: true });
const subject: fc.Arbitrary<UpSubject> = fc.oneof(
  fc.constantFrom<UpSubject>({ kind: "hello" }, { kind: "checkpoint" }, { kind: "health" }),
  fc.record({ kind: fc.constant("entries" as const), from: fc.maxSafeNat() }, { noNullPrototype: true }),
  fc.record(
    { kind: fc.constantFrom("media" as const, "want" as const), digest: hex(64), offset: fc.maxSafeNat() },
    { noNullPrototype: true },
  ),
);

test("topics are spelled as the protocol's page spells them", () => {
  assert.equal(upTopic(here, { kind: "hello" }), `fulltrace/v1/main/${DEV}/up/hello`);
  assert.equal(upTopic(here, { kind: "entries", from: 0 }), `fulltrace/v1/main/${DEV}/up/entries/0`);
  assert.equal(
    upTopic(here, { kind: "media", digest: DIGEST, offset: 262144 }),
    `fulltrace/v1/main/${DEV}/up/media/${DIGEST}/262144`,
  );
  assert.equal(downTopic(here, "have"), `fulltrace/v1/main/${DEV}/down/have`);
  assert.equal(stateTopic(here), `fulltrace/v1/main/${DEV}/state`);
  assert.equal(downFilter(here), `fulltrace/v1/main/${DEV}/down/#`);
  assert.deepEqual(shardFilters("main"), ["fulltrace/v1/main/+/up/#", "fulltrace/v1/main/+/state"]);
});

test("every topic is read back as it was written", () => {
  fc.assert(
    fc.property(address, subject, (where, what) => {
      assert.deepEqual(parseTopic(upTopic(where, what)), { ...where, way: "up", subject: what });
      assert.deepEqual(readSubject(formatSubject(what)), what);
    }),
  );
  fc.assert(
    fc.property(
      address,
      fc.constantFrom("have", "receipt", "cosignature", "nack", "order"),
      (where, kind) => {
        assert.deepEqual(parseTopic(downTopic(where, kind)), { ...where, way: "down", kind });
        const topic = partTopic(where, DIGEST, 262144);
        assert.deepEqual(parseTopic(topic), {
          ...where,
          way: "down",
          kind: "part",
          digest: DIGEST,
          offset: 262144,
        });
        assert.deepEqual(parseTopic(stateTopic(where)), { ...where, way: "state" });
      },
    ),
  );
});

test("anything else is refused with bad-topic", async (t) => {
  const own = `fulltrace/v1/main/${DEV}`;
  for (const topic of [
    "",
    "fulltrace",
    `fulltrace/v1/main/${DEV}/down/part`,
    `fulltrace/v1/main/${DEV}/down/part/${DIGEST}`,
    `fulltrace/v1/main/${DEV}/down/part/${DIGEST}/01`,
    `fulltrace/v1/main/${DEV}/down/part/ab/0`,
    `fulltrace/v2/main/${DEV}/state`,
    `fulltrace/v1/ma.in/${DEV}/state`,
    `fulltrace/v1//${DEV}/state`,
    `fulltrace/v1/main/${DEV.toUpperCase()}/state`,
    `fulltrace/v1/main/${DEV.slice(1)}/state`,
    `${own}/state/`,
    `${own}/up`,
    `${own}/up/`,
    `${own}/up/hello/1`,
    `${own}/up/entries`,
    `${own}/up/entries/`,
    `${own}/up/entries/01`,
    `${own}/up/entries/-1`,
    `${own}/up/entries/1e3`,
    `${own}/up/entries/9007199254740992`,
    `${own}/up/entries/1/2`,
    `${own}/up/media/${DIGEST}`,
    `${own}/up/media/${DIGEST.toUpperCase()}/0`,
    `${own}/up/media/../0`,
    `${own}/up/media/${DIGEST}/0\n`,
    `${own}/down/have/1`,
    `${own}/down/hello`,
    `x${own}/state`,
  ]) {
    await t.test(JSON.stringify(topic), () => assert.throws(() => parseTopic(topic), { code: "bad-topic" }));
  }
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((tail) => `${own}/up/${tail}`),
      ),
      (topic) => {
        try {
          const parsed = parseTopic(topic);
          assert.ok(parsed.way !== "up" || upTopic(parsed, parsed.subject) === topic);
        } catch (error) {
          assert.equal((error as { code: string }).code, "bad-topic");
        }
      },
    ),
  );
});

test("no topic is built for a shard or device that brokers would mangle", () => {
  for (const where of [
    { shard: "a.b", dev: DEV },
    { shard: "a/b", dev: DEV },
    { shard: "", dev: DEV },
    { shard: "main", dev: "me" },
  ]) {
    assert.throws(() => stateTopic(where), { code: "bad-topic" });
  }
  assert.throws(() => shardFilters("+"), { code: "bad-topic" });
});
