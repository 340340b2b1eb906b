import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { columns } from "../../../../agent/cli/face/width.ts";
import { callAgent } from "../../../../agent/control/client.ts";
import { ControlServer } from "../../../../agent/control/server.ts";
import { activityHandlers } from "../../../../agent/records/activity/activity-handlers.ts";
import { DocumentIntake } from "../../../../agent/records/activity/document-intake.ts";
import { systemClock } from "../../../../config/base/clock.ts";
import { Counters } from "../../../../config/base/counters.ts";
import { createLogger } from "../../../../config/base/logger.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import { type OwnTemplates, TemplateCatalogue } from "../../../../config/template-catalogue.ts";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { Ledger } from "../../../../crypto/ledger/ledger.ts";
import { Blocks } from "../../../../crypto/media/blocks.ts";
import { MediaStore } from "../../../../crypto/media/store.ts";
import { ledgerOptions, recordInto, TestDevice } from "../../../support/evidence.ts";
import { REPOSITORY } from "../../../support/repository.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace } from "../../cli/command-line.ts";

const REC = "11111111-2222-4333-8444-555555555555";

/** A real ledger behind a real control socket: what the commands say is what is written. */
async function office(t: TestContext, own: OwnTemplates = { replaces: [] }) {
  const dataDir = temporaryDirectory(t);
  const writer = await Ledger.open(ledgerOptions(dataDir), systemClock);
  const reader = LedgerReader.open(dataDir);
  const store = new MediaStore(dataDir);
  const intake = new DocumentIntake({
    store,
    blocks: new Blocks(),
    random: systemRandom,
    keepFreeBytes: 0,
    recipients: [],
  });
  const catalogue = () => TemplateCatalogue.open(own);
  const handlers = activityHandlers({
    writer,
    reader,
    intake,
    random: systemRandom,
    media: store,
    catalogue,
  });
  const log = createLogger("silent", "test");
  const server = await ControlServer.listen({ dataDir, handlers, log, counters: new Counters() });
  t.after(async () => {
    await server.close();
    reader.close();
    await writer.close("test");
    await writer.end();
  });
  const run = async (...args: string[]) => await fulltrace(["activity", ...args, "--data", dataDir]);
  const json = async (...args: string[]) => {
    const { stdout, stderr } = await run(...args, "--json");
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout) as Record<string, never>;
  };
  return { dataDir, writer, reader, store, run, json };
}

/** A recording of one second, with sound and picture. */
async function recordOnce(writer: Ledger): Promise<void> {
  const tracks = [
    { kind: "video", codec: "h264" },
    { kind: "audio", codec: "aac" },
  ];
  const start = { rec: REC, origin: "live", trigger: "button", pre_event_ms: 0, tracks } as const;
  await writer.append({ type: "recording.start", ...start });
  const chunk = { type: "recording.chunk", rec: REC, key: false, longest_us: 0 } as const;
  await writer.appendMedia({ ...chunk, n: 0, from_us: 0, to_us: 0 }, [Buffer.from("init")]);
  await writer.appendMedia({ ...chunk, n: 1, from_us: 0, to_us: 1_000_000 }, [Buffer.from("one second")]);
  await writer.append({ type: "recording.stop", rec: REC, chunks: 2, bytes: 14, reason: "button" });
}

test("a case from its opening to its close: every word and document is an entry, and what lacks is signed", async (t) => {
  const { dataDir, writer, store, run, json } = await office(t);
  const about = ["--kind", "inspection", "--title", "占道经营检查", "--officer", "110042"];
  const { activity } = await json("open", ...about, "--template", "on-site-inspection");
  const id = String(activity).slice(0, 8);
  await recordOnce(writer);

  // three parts, the last of them short
  const minutes = join(dataDir, "笔录.pdf");
  const content = Buffer.concat([Buffer.from("%PDF-1.7\n"), randomBytes(100_000)]);
  writeFileSync(minutes, content);
  const attached = await json("attach", id, minutes, "--stage", "closing", "--answers", "minutes");
  assert.deepEqual(readFileSync(store.path(String(attached.digest))), content);

  const { seq } = await json("note", id, "三楼", "--stage", "inspection");
  await json("note", id, "应为二楼", "--corrects", `${seq}`);
  await json("link", id, REC.slice(0, 6), "--stage", "opening");
  await json("dispute", id, "当事人不认可");

  // what would never count, or says nothing, is not written
  assert.match((await run("note", id, "x", "--stage", "no-stage")).stderr, /stage-unknown: no-stage in/);
  const nobodyAsks = ["--stage", "closing", "--answers", "nothing"];
  assert.match((await run("attach", id, minutes, ...nobodyAsks)).stderr, /stage-unknown: closing\/nothing/);
  const report = join(dataDir, "报告.docx");
  writeFileSync(report, "PK\u0003\u0004 an archive of something else");
  assert.match((await run("attach", id, report, "--stage", "closing")).stderr, /document-kind/);
  writeFileSync(report, "PK\u0003\u0004 … PK\u0001\u0002 … word/document.xml …");
  assert.equal((await run("attach", id, report, "--stage", "closing", "--answers", "minutes")).exit, 0);
  const empty = join(dataDir, "empty.txt");
  writeFileSync(empty, "");
  assert.match((await run("attach", id, empty, "--stage", "closing")).stderr, /file-empty/);
  assert.match((await run("attach", id, dataDir, "--stage", "closing")).stderr, /not-a-file/);
  assert.match((await run("close", id, "done", "--reason", " \t")).stderr, /bad-params: .*reason: blank/);

  const refused = await run("close", id, "done");
  assert.equal(refused.exit, 1);
  assert.match(refused.stderr, /activity-incomplete: inspection\/whole, inspection\/scene/);
  const check = await run("check", id, "--lang", "zh");
  assert.equal(check.exit, 1);
  assert.match(check.stdout, /检查全过程录音录像.*本阶段未关联录像/);
  assert.ok(
    check.stdout.split("\n").every((line) => columns(line) <= 80),
    check.stdout,
  );
  await json("close", id, "done", "--reason", "相机故障");
  assert.match((await run("close", id, "again")).stderr, /activity-closed/);

  const shown = JSON.parse(JSON.stringify(await json("show", id)));
  assert.deepEqual(
    shown.documents.map(({ name, mime, bytes }: never) => [name, mime, bytes]),
    [
      ["笔录.pdf", "application/pdf", content.length],
      ["报告.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 39],
    ],
  );
  assert.deepEqual(
    shown.notes.map(({ text, corrects }: never) => [text, corrects]),
    [
      ["三楼", undefined],
      ["应为二楼", seq],
    ],
  );
  assert.deepEqual(
    shown.recordings.map(({ rec, basis, stages }: never) => [rec, basis, stages]),
    [[REC, "stated", ["opening"]]],
  );
  const missing = ["inspection/whole", "inspection/scene", "inspection/disputed", "closing/disputed"];
  assert.deepEqual([shown.closed.missing, shown.closed.reason], [missing, "相机故障"]);
  assert.match(
    (await run("list")).stdout,
    new RegExp(`${id} .*inspection +2/1 +closed, disputed +占道经营检查`),
  );
});

test("an activity stays held against the template it was opened with, whatever becomes of the file", async (t) => {
  const templates = temporaryDirectory(t);
  const shipped = readFileSync(join(REPOSITORY, "config/templates/on-site-inspection.toml"), "utf8");
  const file = join(templates, "market.toml");
  writeFileSync(file, shipped.replace('id = "on-site-inspection"', 'id = "market"'));
  const { dataDir, reader, store, run, json } = await office(t, { templates, replaces: [] });
  const { activity } = await json("open", "--kind", "k", "--title", "t", "--template", "market");
  const id = String(activity);
  const [openSeq, textSeq] = reader.activities.seqs(id) as [number, number];
  const { template_digest: digest } = reader.body(openSeq);
  assert.deepEqual([reader.body(textSeq).type, reader.body(textSeq).digest], ["activity.template", digest]);
  assert.deepEqual(readFileSync(store.path(String(digest))), readFileSync(file));
  assert.deepEqual(reader.media.kept(0, reader.size(), 10), [], "it is never purged");

  const missing = (await run("close", id, "done")).stderr;
  assert.match(missing, /activity-incomplete: .*inspection\/whole/);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll('id = "whole"', 'id = "nothing"'));
  assert.equal((await run("close", id, "done")).stderr, missing);
  assert.match((await run("check", id)).stdout, /MISSING/);

  // neither stored nor the file of that time: nobody guesses
  rmSync(store.path(String(digest)));
  assert.match((await run("close", id, "done")).stderr, /template-text-missing/);
  writeFileSync(store.path(String(digest)), "id = 1");
  assert.match((await run("check", id)).stderr, /evidence-damaged/);
  writeFileSync(file, "id = ");
  assert.match(
    (await run("open", "--kind", "k", "--title", "t", "--template", "market")).stderr,
    /bad-template/,
  );
  assert.equal((await run("open", "--kind", "k", "--title", "t")).exit, 0, dataDir);
});

test("a recording of the same time is suggested, and linked only by a person's word", async (t) => {
  const { writer, json } = await office(t);
  const { activity } = await json("open", "--kind", "patrol", "--title", "t");
  await recordOnce(writer);
  const before = JSON.parse(JSON.stringify(await json("show", String(activity))));
  assert.deepEqual([before.recordings, before.overlaps.map(({ rec }: never) => rec)], [[], [REC]]);
  await json("link", String(activity), REC, "--overlap");
  const after = JSON.parse(JSON.stringify(await json("show", String(activity))));
  assert.deepEqual([after.recordings[0].basis, after.overlaps], ["overlap", []]);
  await json("unlink", String(activity), REC, "另一现场");
  const last = JSON.parse(JSON.stringify(await json("show", String(activity))));
  assert.deepEqual([last.recordings, last.unlinked[0].reason], [[], "另一现场"]);
});

test("a recording of another device's ledger is linked by its place there, and looked up where that ledger is", async (t) => {
  const { reader, run, json, dataDir } = await office(t);
  const recorder = new TestDevice(t);
  const evidence = recorder.start();
  const { clock } = recorder;
  const rec = recordInto(evidence, clock, 2);
  const other = LedgerReader.open(recorder.dataDir);
  t.after(() => other.close());
  const { dev } = other;
  const also = ["--also", recorder.dataDir];

  const { activity } = await json("open", "--kind", "k", "--title", "t", "--template", "on-site-inspection");
  const id = String(activity);
  const stage = ["--stage", "inspection", "--dev", dev];
  assert.match((await run("link", id, rec.slice(0, 8), ...stage)).stderr, /recording-unknown/);
  const { seq } = await json("link", id, rec.slice(0, 8), ...stage, ...also);
  const { ledger } = reader.body(Number(seq));
  const startSeq = other.recordings.startedAt(rec) ?? -1;
  assert.deepEqual(ledger, { dev, seq: startSeq, leaf: other.node(0, startSeq).toString("hex") });

  const lackOf = async (...args: string[]) => {
    const { stdout } = await run("check", id, "--json", ...args);
    const { findings } = JSON.parse(stdout) as { findings: { requirement: string; lack: string | null }[] };
    return findings.find(({ requirement }) => requirement === "whole")?.lack;
  };
  // the recorder filmed without sound
  assert.equal(await lackOf(...also), "no-sound");
  assert.equal(await lackOf(), "not-at-hand");
  assert.match((await run("close", id, "done")).stderr, /activity-incomplete: .*inspection\/whole/);
  assert.match((await run("show", id)).stdout, new RegExp(`${rec}, linked \\(in the ledger of ${dev}\\)`));

  // the place that a link names must be the recording's
  await json("unlink", id, rec, "falsch");
  const lie = { activity: id, rec, stage: "inspection", basis: "stated" as const };
  await callAgent(
    dataDir,
    "activity.link",
    { ...lie, ledger: { dev, seq: startSeq, leaf: "ab".repeat(32) } },
    { timeoutMs: 9_000 },
  );
  assert.equal(await lackOf(...also), "other-recording");
});

test("what is not there is not written about, and nothing that is no document is taken", async (t) => {
  const { dataDir, reader, run } = await office(t);
  const size = reader.size();
  const unknown = "99999999-2222-4333-8444-555555555555";
  assert.match((await run("note", unknown, "x")).stderr, /activity-unknown/);
  assert.match((await run("link", unknown, REC)).stderr, /recording-unknown/);
  assert.match((await run("show", "9999")).stderr, /activity-unknown/);
  const open = await run("open", "--kind", "k", "--title", "t", "--template", "../x");
  assert.deepEqual([open.exit, /template-unknown/.test(open.stderr)], [2, true]);
  assert.equal(reader.size(), size);
  const { stdout } = await run("open", "--kind", "k", "--title", "t", "--json");
  const { activity } = JSON.parse(stdout) as { activity: string };
  const picture = join(dataDir, "photo.jpg");
  writeFileSync(picture, "no picture");
  const attached = await run("attach", activity, picture, "--stage", "s");
  assert.match(attached.stderr, /document-kind/);
  assert.match((await run("note", activity, "x", "--corrects", "0")).stderr, /entry-missing/);
});
