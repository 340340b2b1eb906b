import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import { SigningKey } from "../../../crypto/keys/ed25519.ts";
import { readKeyFile } from "../../../crypto/keys/key-file.ts";
import { signCheckpoint } from "../../../crypto/proof/note.ts";
import { entryLineBytes } from "../../../sync/wire/entries.ts";
import type { NackCode } from "../../../sync/wire/messages.ts";
import { seededRandom } from "../../support/surroundings.ts";
import { type Backlog, backlog, REC_ACTIVITY, REC_MARKED, REC_PLAIN } from "../../support/sync/backlog.ts";
import { SimulatedExchange } from "../../support/sync/simulated-exchange.ts";

const KIB = 1024;
const MINUTE_MS = 60_000;

/** Runs an exchange until the first part is on its way. */
function untilMedia(exchange: SimulatedExchange): void {
  exchange.connect();
  exchange.runUntil("a part", () => exchange.sentOf("part").length > 0);
}

/** Has the receiver refuse the first message of `kind`, once. */
function refuseOnce(
  exchange: SimulatedExchange,
  kind: "hello" | "entries" | "part",
  code: NackCode,
  retryAfterMs?: number,
) {
  const take = exchange.receiver.take.bind(exchange.receiver);
  let isDone = false;
  exchange.receiver.take = (action) => {
    if (isDone || action.kind !== kind) return take(action);
    isDone = true;
    const about =
      action.kind === "part"
        ? `media/${action.part.digest}/${action.part.offset}`
        : action.kind === "entries"
          ? `entries/${action.batch.from}`
          : "hello";
    return [{ kind: "nack", nack: { code, about, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } }];
  };
}

test("on every connection the device asks first, and says nothing else before the answer", (t) => {
  const { reader } = backlog(t);
  const exchange = new SimulatedExchange(reader, () => [300]);
  exchange.connect();
  exchange.runFor(590);
  assert.deepEqual(
    exchange.sent.map(({ kind }) => kind),
    ["hello"],
  );
  exchange.runFor(100);
  assert.ok(exchange.sent.length > 1, "the answer lets it go on (control)");
  exchange.disconnect();
  const before = exchange.sent.length;
  exchange.connect();
  exchange.runFor(590);
  assert.deepEqual(
    exchange.sent.slice(before).map(({ kind }) => kind),
    ["hello"],
  );
});

test("entries go first, in order, at most 256 KiB a message and four messages unanswered", (t) => {
  const { reader, evidence } = backlog(t, [40]);
  const activity = "00000000-0000-4000-8000-0000000000aa";
  for (let i = 0; i < 110; i++)
    evidence.append({ type: "activity.note", activity, text: "记".repeat(5_000) });
  const exchange = new SimulatedExchange(reader, () => [100]);
  exchange.connect();
  exchange.runFor(250);
  const first = exchange.sentOf("entries");
  assert.equal(first.length, 4);
  exchange.runUntilSettled();
  let next = 0;
  for (const { batch } of exchange.sentOf("entries")) {
    assert.equal(batch.from, next);
    next += batch.entries.length;
    const bytes = batch.entries.reduce((sum, entry) => sum + entryLineBytes(entry), 0);
    assert.ok(bytes <= 256 * KIB && (bytes > 200 * KIB || next === reader.size()), `${bytes} bytes`);
  }
  assert.equal(next, reader.size());
  const firstPart = exchange.sent.findIndex(({ kind }) => kind === "part");
  assert.ok(exchange.sent.slice(firstPart).every(({ kind }) => kind !== "entries"));
});

test("media goes by preference: documents, marked, of open activities, newest", (t) => {
  const { reader } = backlog(t, [40, 50_000, 60_000]);
  const exchange = new SimulatedExchange(reader);
  exchange.connect();
  exchange.runUntilSettled();
  const firstSeen = [...new Set(exchange.sentOf("part").map(({ part }) => part.digest))];
  const what = firstSeen.map((digest) => {
    const row = reader.mediaNaming(digest).at(-1);
    return row?.rec ?? row?.type;
  });
  const documents = ["recording.photo", "activity.document"];
  // the shared initialisation segment goes with the first recording that needs it
  assert.deepEqual(what, [
    ...documents,
    REC_MARKED,
    REC_MARKED,
    REC_MARKED,
    REC_ACTIVITY,
    REC_ACTIVITY,
    REC_PLAIN,
    REC_PLAIN,
  ]);
  const plain = firstSeen.slice(-2).map((digest) => reader.mediaNaming(digest)[0]?.seq ?? 0);
  assert.ok((plain[0] as number) > (plain[1] as number), "newest first");
});

test("a file that the receiver has not listed begins with one small part whose answer is awaited", (t) => {
  const { reader } = backlog(t, [40, 1_000_000]);
  const exchange = new SimulatedExchange(reader, () => [300]);
  untilMedia(exchange);
  exchange.runFor(590);
  for (const { part } of exchange.sentOf("part")) {
    assert.ok(part.offset === 0 && part.bytes <= 64 * KIB, `${part.offset} ${part.bytes}`);
  }
  exchange.runUntilSettled();
  assert.ok(exchange.sentOf("part").some(({ part }) => part.bytes === 256 * KIB));
  assert.ok(exchange.maxPartsInFlight > 3, "several parts under way at once");
});

test("a receipt that was lost is asked for again, which costs no media", (t) => {
  const { reader, mediaBytes } = backlog(t);
  const exchange = new SimulatedExchange(reader, (message) => (message.kind === "receipt" ? [] : [5]));
  exchange.connect();
  exchange.runFor(30_000);
  assert.ok(exchange.receiver.holdsEverything());
  assert.equal(exchange.machine.isSettled(exchange.nowMs), false);
  exchange.fate = () => [5];
  exchange.runUntilSettled();
  assert.equal(exchange.machine.outbox.traffic.total.mediaBytes, mediaBytes);
});

test("without an answer the device asks, and sends again only what the answer leaves out", (t) => {
  const { reader, mediaBytes } = backlog(t);
  let lost = 0;
  const exchange = new SimulatedExchange(reader, (message) => {
    if (message.kind !== "part" || lost === 3) return [20];
    lost += 1;
    return [];
  });
  exchange.connect();
  exchange.runUntil("three lost", () => lost === 3);
  const [first] = exchange.sentOf("part");
  const sentMs = exchange.nowMs;
  exchange.runUntilSettled();
  const { traffic } = exchange.machine.outbox;
  const lostBytes = exchange
    .sentOf("part")
    .slice(0, 3)
    .reduce((sum, { part }) => sum + part.bytes, 0);
  assert.equal(traffic.total.resentMediaBytes, lostBytes);
  assert.equal(traffic.total.mediaBytes, mediaBytes + lostBytes);
  const again = exchange.sentOf("part").filter(({ part }) => part.digest === first?.part.digest);
  assert.ok(again.length >= 2 && exchange.nowMs - sentMs >= 10_000, "after the answer timeout");
});

test("without credit no media goes; the device asks once a minute, and goes on when credit comes", (t) => {
  const { reader } = backlog(t);
  const exchange = new SimulatedExchange(reader);
  exchange.receiver.credit = 0;
  exchange.connect();
  exchange.runFor(5 * MINUTE_MS);
  assert.equal(exchange.sentOf("part").length, 0);
  const questions = exchange.sentOf("hello").length;
  assert.ok(questions >= 3 && questions <= 7, `${questions} questions in five minutes`);
  exchange.receiver.credit = 8 * 1024 * KIB;
  exchange.say(exchange.receiver.have({}));
  exchange.runFor(1_000);
  assert.ok(exchange.sentOf("part").length > 0);
});

test("an unknown receiver is not answered with evidence", (t) => {
  const { reader } = backlog(t);
  const exchange = new SimulatedExchange(reader, undefined, { custodyNames: ["county.example/custody"] });
  exchange.connect();
  exchange.runFor(MINUTE_MS);
  assert.ok(exchange.sent.every(({ kind }) => kind === "hello"));
  assert.deepEqual(exchange.machine.alarms.codes, ["receiver-unknown"]);
});

test("slow-down and disk-full pause entries and media for as long as the receiver says", async (t) => {
  const { reader } = backlog(t);
  for (const [code, retryAfterMs, least, most] of [
    ["slow-down", 5_000, 5_000, 6_000],
    ["disk-full", undefined, 60_000, 61_000],
    ["slow-down", 99 * MINUTE_MS, 10 * MINUTE_MS, 10 * MINUTE_MS + 1_000],
  ] as const) {
    await t.test(`${code}, retry after ${retryAfterMs} ms`, () => {
      const exchange = new SimulatedExchange(reader);
      refuseOnce(exchange, "entries", code, retryAfterMs);
      exchange.connect();
      exchange.runUntil("refused", () => exchange.counters.get(`nack-${code}`) === 1);
      const before = exchange.sentOf("entries").length;
      const refusedMs = exchange.nowMs;
      assert.deepEqual(exchange.machine.alarms.codes, code === "disk-full" ? ["receiver-full"] : []);
      exchange.runUntil("sent again", () => exchange.sentOf("entries").length > before, 30 * MINUTE_MS);
      const pausedMs = exchange.nowMs - refusedMs;
      assert.ok(pausedMs >= least && pausedMs <= most, `${pausedMs} ms`);
      exchange.runUntilSettled();
      assert.deepEqual(exchange.machine.alarms.codes, []);
    });
  }
});

test("a refusal that time alone does not mend holds everything back for ten minutes, with an alarm", async (t) => {
  const { reader } = backlog(t);
  for (const code of [
    "bad-entry",
    "fork",
    "unknown-device",
    "unauthorized",
    "too-large",
    "unsupported",
  ] as const) {
    await t.test(code, () => {
      const exchange = new SimulatedExchange(reader);
      refuseOnce(exchange, "entries", code);
      exchange.connect();
      exchange.runUntil("refused", () => exchange.counters.get(`nack-${code}`) === 1);
      const before = exchange.sent.length;
      exchange.runFor(9.9 * MINUTE_MS);
      assert.equal(exchange.sent.length, before);
      assert.deepEqual(exchange.machine.alarms.codes, [`refused-${code}`]);
      exchange.runUntilSettled();
      assert.deepEqual(exchange.machine.alarms.codes, []);
    });
  }
  await t.test("though a device that is enrolled meanwhile goes on at its next hello", () => {
    const exchange = new SimulatedExchange(reader);
    refuseOnce(exchange, "hello", "unknown-device");
    exchange.connect();
    exchange.runFor(MINUTE_MS);
    assert.deepEqual(
      exchange.sent.map(({ kind }) => kind),
      ["hello"],
    );
    exchange.disconnect();
    exchange.connect();
    exchange.runFor(1_000);
    assert.ok(exchange.sentOf("part").length > 0);
  });
});

test("unannounced: media waits for the next have", (t) => {
  const { reader } = backlog(t);
  const exchange = new SimulatedExchange(reader);
  refuseOnce(exchange, "part", "unannounced");
  exchange.connect();
  exchange.runUntilSettled();
  assert.ok(exchange.receiver.holdsEverything());
});

test("bad-hash: the own copy is read again and sent once more; refused again, it rests ten minutes", (t) => {
  const { reader } = backlog(t, [40]);
  const [row] = reader.documentsWithin(0, reader.size(), 1);
  assert.ok(row !== undefined);
  const about = `media/${row.digest}/0`;
  const refuse = (exchange: SimulatedExchange) => {
    exchange.receiver.drop(row.digest);
    exchange.say({ kind: "nack", nack: { code: "bad-hash", about } });
  };
  const exchange = new SimulatedExchange(reader);
  const times = () => exchange.sentOf("part").filter(({ part }) => part.digest === row.digest).length;
  const take = exchange.receiver.take.bind(exchange.receiver);
  let refusals = 0;
  exchange.receiver.take = (action) => {
    if (action.kind !== "part" || action.part.digest !== row.digest || refusals === 2) return take(action);
    refusals++;
    refuse(exchange);
    return [];
  };
  exchange.connect();
  exchange.runUntil("refused twice", () => exchange.machine.alarms.codes.includes("media-refused"));
  assert.equal(times(), 2);
  assert.deepEqual(
    exchange.sentOf("check-file").map(({ digest }) => digest),
    [row.digest, row.digest],
  );
  const restedMs = exchange.nowMs;
  exchange.runUntil("sent a third time", () => times() === 3);
  assert.ok(exchange.nowMs - restedMs >= 10 * MINUTE_MS);
  exchange.runUntilSettled();
});

test("bad-hash with a damaged own copy: alarm, and the rest goes on", (t) => {
  const { reader } = backlog(t, [40]);
  const exchange = new SimulatedExchange(reader);
  const [row] = reader.documentsWithin(0, reader.size(), 1);
  assert.ok(row !== undefined);
  exchange.machine.checkedOwnCopy(row.digest, false, 0);
  exchange.connect();
  exchange.runFor(MINUTE_MS);
  const sent = new Set(exchange.sentOf("part").map(({ part }) => part.digest));
  assert.ok(!sent.has(row.digest) && sent.size === reader.mediaTotals().files - 1);
  assert.deepEqual(exchange.machine.alarms.codes, ["media-damaged"]);
});

test("a receiver that has lost data is given it again, and its receipts are doubted", (t) => {
  const { reader } = backlog(t);
  const covered = RangeSet.of([[0, reader.size()]]);
  const exchange = new SimulatedExchange(reader, undefined, { covered, receiptedSize: reader.size() });
  exchange.connect();
  exchange.runUntil("everything there again", () => exchange.receiver.holdsEverything());
  assert.ok(exchange.events.some((event) => event.kind === "receipts-suspended" && event.size === 0));
  assert.deepEqual(exchange.machine.alarms.codes, ["receiver-lost-data"]);
});

/** What a receiver says that holds `size` entries with some other root, showing `note`. */
function contradict(exchange: SimulatedExchange, size: number, note?: string) {
  const checkpoint = note === undefined ? {} : { checkpoint: note };
  exchange.say(exchange.receiver.have({ size, root: Buffer.alloc(32, 7), ...checkpoint }));
}

test("rollback and fork are believed on the device's own signature only", async (t) => {
  const { reader, dataDir }: Backlog = backlog(t, [40]);
  const own = readKeyFile(join(dataDir, "keys", "device.key"));
  const stranger = SigningKey.generate(seededRandom("stranger"));
  const root = Buffer.alloc(32, 7);
  const cases = [
    ["rolled-back", signCheckpoint({ dev: reader.dev, size: reader.size() + 5, root }, own)],
    ["forked", signCheckpoint({ dev: reader.dev, size: 3, root }, own)],
  ] as const;
  for (const [how, note] of cases) {
    await t.test(how, () => {
      const exchange = new SimulatedExchange(reader);
      exchange.connect();
      exchange.runFor(1_000);
      contradict(exchange, 3, note);
      exchange.runUntil("noticed", () => exchange.events.some(({ kind }) => kind === "contradicted"));
      assert.deepEqual(exchange.events.at(-1), { kind: "contradicted", how, note });
      assert.deepEqual(exchange.machine.alarms.codes, [`ledger-${how}`]);
      const before = exchange.sent.length;
      exchange.runFor(MINUTE_MS);
      assert.equal(exchange.sent.length, before, "nothing more is sent from this ledger");
    });
  }
  for (const [what, note] of [
    ["no note", undefined],
    ["a note of another key", signCheckpoint({ dev: reader.dev, size: reader.size() + 5, root }, stranger)],
    ["a note that agrees with the ledger", reader.newestCheckpoint()?.note],
  ] as const) {
    await t.test(`${what} proves nothing: only checkpoints go until the receiver agrees again`, () => {
      const exchange = new SimulatedExchange(reader);
      exchange.connect();
      exchange.runFor(20);
      contradict(exchange, reader.size() + 5, note);
      exchange.runFor(20);
      assert.deepEqual(exchange.machine.alarms.codes, ["ledger-mismatch"]);
      const before = exchange.sent.length;
      exchange.runFor(MINUTE_MS);
      assert.ok(exchange.sent.slice(before).every(({ kind }) => kind === "checkpoint"));
      exchange.runUntilSettled();
      assert.deepEqual(exchange.machine.alarms.codes, []);
    });
  }
});

test("the backlog tells what the receiver does not hold yet", (t) => {
  const { reader, evidence } = backlog(t);
  const exchange = new SimulatedExchange(reader);
  assert.equal(exchange.machine.outbox.backlog().entries, reader.size());
  exchange.connect();
  exchange.runUntilSettled();
  assert.deepEqual(exchange.machine.outbox.backlog(), { entries: 0, bytes: 0, firstSeq: null });
  const { seq, bytes } = evidence.appendMedia({ type: "recording.photo", mime: "image/jpeg" }, [
    Buffer.from("new"),
  ]);
  assert.deepEqual(exchange.machine.outbox.backlog(), { entries: 1, bytes, firstSeq: seq });
});
