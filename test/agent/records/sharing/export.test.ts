import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { exportActivity } from "../../../../agent/records/sharing/export/export-activity.ts";
import { fileNameOf } from "../../../../agent/records/sharing/export/names.ts";
import { mappingOf } from "../../../../agent/records/sharing/view/mapping.ts";
import { sha256 } from "../../../../crypto/bytes/digest.ts";
import { deviceKeyName } from "../../../../crypto/keys/vkey.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { assertFitsSchema } from "../../../support/cli-schema.ts";
import { type Evidence, mediaPath, writeEvidence } from "../../../support/ledger/evidence.ts";
import { DEVICE, STRANGER, WITNESS } from "../../../support/ledger/ledger-maker.ts";
import {
  ACTIVITY,
  finished,
  INIT,
  MINUTES,
  makeCase,
  PHOTO,
  REC,
  SECOND,
} from "../../../support/sharing/case-maker.ts";
import { changedFiles, provenEntry } from "../../../support/sharing/stranger.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace } from "../../cli/command-line.ts";

const device = { name: deviceKeyName(DEVICE.publicKey.deviceId), key: DEVICE.publicKey.bytes };
const witness = { name: WITNESS.name, key: WITNESS.publicKey.bytes };

/** A ledger on disk and a place to export to; the evidence may be tampered with before. */
function office(t: TestContext, evidence: Evidence) {
  const dataDir = temporaryDirectory(t);
  writeEvidence(dataDir, evidence);
  const directory = join(temporaryDirectory(t), "case");
  const elsewhere: [string, string][] = [];
  const give = (withRecordings = false) =>
    visitLedger(dataDir, (reader) =>
      exportActivity(ACTIVITY, directory, {
        reader,
        dataDir,
        mapping: mappingOf(),
        withRecordings,
        onFile: () => {},
        onElsewhere: (rec, dev) => void elsewhere.push([rec, dev]),
      }),
    );
  return { dataDir, directory, give, elsewhere };
}

test("a stranger checks the exported folder: files, entries, the cosigned root, and the recording's pieces", async (t) => {
  const made = makeCase();
  const { dataDir, directory } = office(t, finished(made));
  const args = ["share", "export", "99999999", directory, "--data", dataDir, "--with-recordings", "--json"];
  const { exit, stdout, stderr } = await fulltrace(args);
  assert.equal(exit, 0, stderr);
  const printed = JSON.parse(stdout) as { witnesses: string[]; documents: number; recordings: number };
  assertFitsSchema("share export", printed);
  assert.deepEqual([printed.witnesses, printed.documents, printed.recordings], [[WITNESS.name], 1, 1]);

  assert.deepEqual(changedFiles(directory), []);
  const named = `documents/${made.document}-__笔录.pdf`;
  assert.deepEqual(readFileSync(join(directory, named)), MINUTES);
  const document = provenEntry(directory, made.document, device, witness);
  assert.ok(typeof document !== "string", String(document));
  assert.equal(document["digest"], sha256(MINUTES).toString("hex"));

  const joined = readFileSync(join(directory, "recordings", `${REC}.mp4`));
  assert.deepEqual(joined, Buffer.concat([INIT, SECOND]));
  let at = 0;
  for (const seq of made.chunks) {
    const chunk = provenEntry(directory, seq, device, witness) as { bytes: number; digest: string };
    assert.equal(sha256(joined.subarray(at, at + chunk.bytes)).toString("hex"), chunk.digest);
    at += chunk.bytes;
  }
  assert.deepEqual(readFileSync(join(directory, "recordings", `${REC}-${made.photo}.jpg`)), PHOTO);
  assert.equal(readdirSync(join(directory, "receipts")).length, 1);
  const about = JSON.parse(readFileSync(join(directory, "activity.json"), "utf8"));
  assert.deepEqual(
    [about.activity.state, about.activity.reason, about.documents[0].corrected_by, about.notes[0].text],
    ["closed", "雨", made.note, "应为二楼"],
  );
  assert.match(readFileSync(join(directory, "README.txt"), "utf8"), /sha256sum -c digests/);

  // what the checks must not take
  assert.equal(
    provenEntry(directory, made.document, { ...device, key: STRANGER.publicKey.bytes }, witness),
    "device",
  );
  assert.equal(
    provenEntry(directory, made.document, device, { ...witness, key: STRANGER.publicKey.bytes }),
    "witness",
  );
  const entry = join(directory, "ledger", `${made.document}.json`);
  writeFileSync(entry, readFileSync(entry, "utf8").replace("closing", "opening"));
  assert.equal(provenEntry(directory, made.document, device, witness), "root");
  writeFileSync(join(directory, named), "other");
  assert.deepEqual(changedFiles(directory), [named, `ledger/${made.document}.json`]);
});

test("recordings are told without their bytes unless they are asked for", async (t) => {
  const { directory, give } = office(t, finished(makeCase()));
  await give();
  assert.deepEqual(readdirSync(directory).sort(), [
    "README.txt",
    "activity.json",
    "digests",
    "documents",
    "ledger",
    "receipts",
  ]);
  const [recording] = JSON.parse(readFileSync(join(directory, "activity.json"), "utf8")).recordings;
  assert.deepEqual(
    [recording.rec, recording.duration_ms, recording.chunks, recording.file],
    [REC, 1000, 2, undefined],
  );
});

test("a recording of another ledger is said not to be in the folder, where recordings were asked for", async (t) => {
  const made = makeCase();
  const [rec, dev] = ["22222222-2222-4333-8444-555555555555", "ab".repeat(16)];
  made.maker.add({ type: "activity.link", activity: ACTIVITY, rec, basis: "stated", ledger: { dev } });
  const { directory, give, elsewhere } = office(t, finished(made));
  await give(true);
  assert.deepEqual(elsewhere, [[rec, dev]]);
  assert.equal(readdirSync(join(directory, "recordings")).length, 2);
});

test("what is sealed, missing, damaged or not yet cosigned is refused, and nothing is left of the folder", async (t) => {
  const refuses = async (evidence: Evidence, code: string, spoil: (dataDir: string) => void = () => {}) => {
    const { dataDir, directory, give } = office(t, evidence);
    spoil(dataDir);
    await assert.rejects(give(true), { code });
    assert.deepEqual(readdirSync(join(directory, "..")), []);
  };
  const digest = (content: Buffer) => sha256(content).toString("hex");
  await refuses(finished(makeCase({}, { sealed: true })), "evidence-sealed");
  await refuses(finished(makeCase()), "evidence-missing", (dir) => rmSync(mediaPath(dir, digest(MINUTES))));
  await refuses(finished(makeCase()), "evidence-missing", (dir) => rmSync(mediaPath(dir, digest(SECOND))));
  await refuses(finished(makeCase()), "evidence-damaged", (dir) =>
    writeFileSync(mediaPath(dir, digest(PHOTO)), "jpeX"),
  );
  const { maker } = makeCase();
  maker.checkpoint();
  await refuses(maker.evidence(), "entry-unwitnessed");
  // cosigned, and then more was said
  maker.pass(1000);
  maker.add({ type: "device.heartbeat", free_bytes: 1, recording: false });
  maker.checkpoint(WITNESS);
  maker.add({ type: "activity.note", activity: ACTIVITY, text: "later" });
  await refuses(maker.evidence(), "entry-unwitnessed");
  // another ledger's root under the same signatures would prove nothing
  const cosigned = finished(makeCase());
  const other = finished(
    makeCase({ body: (body) => void (body["kind"] === "inspection" && Object.assign(body, { title: "x" })) }),
  );
  await refuses({ ...cosigned, checkpoints: other.checkpoints }, "proof-contradicted");
});

test("what is there already is not touched", async (t) => {
  const { directory, give } = office(t, finished(makeCase()));
  await give();
  await assert.rejects(give(), { code: "folder-exists" });
  assert.deepEqual(changedFiles(directory), []);
});

test("a document's name leads nowhere else", () => {
  assert.equal(fileNameOf("../../etc/passwd"), "__.._etc_passwd");
  assert.equal(fileNameOf("a\nb\u202e.pdf"), "a_b_.pdf");
  assert.equal(fileNameOf(""), "_");
  // what Windows drops, where a folder is carried to it
  assert.equal(fileNameOf("笔录.pdf "), "笔录.pdf_");
  assert.equal(fileNameOf("笔录. ."), "笔录_");
  assert.equal(fileNameOf(`${"笔".repeat(200)}.docx`), `${"笔".repeat(58)}.docx`);
  assert.ok(Buffer.byteLength(fileNameOf(`a.${"笔".repeat(200)}`)) <= 180);
  assert.ok(Buffer.byteLength(fileNameOf("笔".repeat(200))) <= 180);
});
