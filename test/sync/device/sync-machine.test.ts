import assert from "node:assert/strict";
import { test } from "node:test";
import { entryLineBytes } from "../../../sync/wire/entries.ts";
import { backlog, content, REC_ACTIVITY, REC_MARKED, REC_PLAIN } from "../../support/sync/backlog.ts";
import { SimulatedExchange } from "../../support/sync/simulated-exchange.ts";

const KIB = 1024;
const MINUTE_MS = 60_000;

/** Runs an exchange until the first part is on its way. */
function untilMedia(exchange: SimulatedExchange): void {
  exchange.connect();
  exchange.runUntil("a part", () => exchange.sentOf("part").length > 0);
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
    const row = reader.media.naming(digest).at(-1);
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
  const plain = firstSeen.slice(-2).map((digest) => reader.media.naming(digest)[0]?.seq ?? 0);
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

test("a receiver that only repeats itself is asked ever more rarely", (t) => {
  const { reader } = backlog(t, [40]);
  const exchange = new SimulatedExchange(reader, (message) => (message.kind === "receipt" ? [] : [5]));
  exchange.connect();
  const take = exchange.receiver.take.bind(exchange.receiver);
  const size = reader.newestCheckpoint()?.size ?? 0;
  exchange.receiver.take = (action) => [...take(action), { kind: "cosignature", size }];
  exchange.runFor(10 * MINUTE_MS);
  const questions = exchange.sentOf("hello").length;
  assert.ok(questions >= 10 && questions <= 20, `${questions} questions in ten minutes`);
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

test("answers to later messages are no reason to wait longer for an earlier one", (t) => {
  const { reader, evidence } = backlog(t);
  let lost = 0;
  const exchange = new SimulatedExchange(reader, (message) =>
    message.kind === "part" && lost++ === 0 ? [] : [20],
  );
  exchange.connect();
  exchange.runUntil("a lost part", () => lost > 0);
  const sentMs = exchange.nowMs;
  const questions = exchange.sentOf("hello").length;
  // a recording goes on: something new is sent and answered all the time
  for (let second = 0; second < 9; second++) {
    evidence.appendMedia({ type: "recording.photo", mime: "image/jpeg" }, [
      content(`later ${second}`, 90_000),
    ]);
    exchange.runFor(1_000);
  }
  assert.equal(exchange.sentOf("hello").length, questions, "not sooner (control)");
  exchange.runUntil("a question", () => exchange.sentOf("hello").length > questions);
  assert.equal(exchange.nowMs - sentMs, 10_000);
  exchange.runUntilSettled();
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
