import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { columns } from "../../../../agent/cli/face/width.ts";
import { REPOSITORY } from "../../../support/repository.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { office, REC, recordOnce } from "./office.ts";

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
  const afterwards = (await run("check", id)).stdout;
  assert.match(afterwards, /Incomplete: 4 missing\.\nClosed by entry \d+, 4 missing then/);

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
