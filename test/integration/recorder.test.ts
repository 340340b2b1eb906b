import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import { MediaStore } from "../../crypto/media/store.ts";
import { Office } from "../support/agents/office.ts";
import { entriesOf } from "../support/ledger/bodies.ts";

const WAIT_MS = 90_000;
const PLAIN_AGE = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";

test("asked to stop while recording, it finishes the open chunk, closes its ledger and is witnessed to the end", async (t) => {
  const office = await Office.open(t);
  const { recorder, receiver, layout } = office;
  await receiver.start();
  await recorder.start();
  await recorder.waitFor(({ recording }) => (recording?.pre_event_ms ?? 0) > 0, WAIT_MS);
  await recorder.call("record.start", { trigger: "button" });
  await recorder.waitFor(({ recording }) => (recording?.media_ms ?? 0) >= 3000, WAIT_MS);
  const tookMs = await recorder.stop();
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
  const [stop] = entriesOf(layout.recorder, "recording.stop");
  assert.deepEqual([stop?.reason, stop?.recovered], ["shutdown", undefined]);
  assert.equal(entriesOf(layout.recorder, "ledger.close").length, 1);
  assert.equal((await office.verdictOn(layout.recorder)).verdict, "authentic");
});

test("receipted media goes when its days are over: signed first, gone after, and excused only where asked", async (t) => {
  const office = await Office.open(t);
  office.configure("disk", { keep_days: 0 });
  const { recorder, receiver, layout } = office;
  await receiver.start();
  await recorder.start();
  await office.record(2000);
  await office.settle();
  await recorder.stop();
  // purging is the first thing that a start does
  await recorder.start();
  const media = new MediaStore(layout.recorder);
  await recorder.waitFor(() => [...media.files()].length === 0, WAIT_MS);
  await office.settle();
  await recorder.stop();
  const [purge] = entriesOf(layout.recorder, "custody.purge");
  assert.equal(purge?.reason, "keep-days");
  assert.equal((await office.verdictOn(layout.recorder)).verdict, "incomplete");
  assert.equal((await office.verdictOn(layout.recorder, "--allow-purged")).verdict, "authentic");
  assert.equal((await office.verdictOn(layout.replica)).verdict, "authentic");
});

test("without a receipt nothing goes, even with no days to keep and no room left", async (t) => {
  const office = await Office.open(t);
  office.configure("disk", { keep_days: 0, reserve_bytes: 2 ** 50 });
  const { recorder, layout } = office;
  await recorder.start();
  await office.record(2000);
  await recorder.stop();
  await recorder.start();
  await recorder.stop();
  assert.deepEqual(entriesOf(layout.recorder, "custody.purge"), []);
  const files = [...new MediaStore(layout.recorder).files()];
  assert.equal(files.length, entriesOf(layout.recorder, "recording.chunk").length);
});

test("a full disk stops the recording with an alarm and a signed gap, and overwrites nothing", async (t) => {
  const office = await Office.open(t);
  office.configure("disk", { stop_bytes: 2 ** 50, reserve_bytes: 2 ** 50 });
  const { recorder, layout } = office;
  await recorder.start();
  await recorder.waitFor(({ recording }) => (recording?.pre_event_ms ?? 0) > 0, WAIT_MS);
  await recorder.call("record.start", { trigger: "button" }).catch(() => {});
  await recorder.waitFor(({ alarms }) => alarms.some(({ code }) => code === "disk-full"), WAIT_MS);
  await recorder.stop();
  assert.ok(entriesOf(layout.recorder, "device.gap").some(({ reason }) => reason === "disk-full"));
  assert.deepEqual(entriesOf(layout.recorder, "recording.chunk"), []);
});

test("sealed media is what the receiver gets, and it verifies without being opened", async (t) => {
  const office = await Office.open(t);
  office.configure("seal", { recipients: [PLAIN_AGE] });
  const { recorder, receiver, layout } = office;
  await receiver.start();
  await recorder.start();
  await office.record(2000);
  await office.settle();
  await recorder.stop();
  assert.equal((await office.verdictOn(layout.replica)).verdict, "authentic");
  for (const { path } of new MediaStore(layout.replica).files()) {
    assert.match(readFileSync(path, "latin1").slice(0, 30), /^age-encryption\.org\/v1\n/);
  }
});

test("a recorder that is not enrolled is told so, and nothing of it is stored", async (t) => {
  const office = await Office.open(t);
  const stranger = await Office.open(t);
  const { url } = readSync(office.layout.recorderConfig);
  stranger.configure("sync", { url });
  await office.receiver.start();
  await stranger.recorder.start();
  await stranger.recorder.waitFor(
    ({ alarms }) => alarms.some(({ code }) => code === "refused-unknown-device"),
    WAIT_MS,
  );
  await stranger.recorder.stop();
  assert.equal(LedgerReader.open(stranger.layout.recorder).size() > 0, true);
  assert.throws(
    () => LedgerReader.open(office.layout.replica.replace(office.layout.dev, stranger.layout.dev)),
    {
      code: "ledger-missing",
    },
  );
});

function readSync(config: string): { url: string } {
  return { url: /url = "([^"]+)"/.exec(readFileSync(config, "utf8"))?.[1] as string };
}
