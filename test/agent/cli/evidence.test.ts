import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import Database from "better-sqlite3";
import { deviceVkey, formatVkey } from "../../../crypto/keys/vkey.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { recordInto, TestDevice } from "../../support/evidence.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "./command-line.ts";

interface Sample {
  dataDir: string;
  /** A recording of six seconds that was stopped, and one that was not. */
  stopped: string;
  open: string;
  trust: string;
  /** Where things may be written. */
  folder: string;
}

/** The directory of a recorder that was killed while it recorded. */
function killedRecorder(t: TestContext): Sample {
  const device = new TestDevice(t);
  const evidence = device.start();
  const stopped = recordInto(evidence, device.clock, 6);
  const open = recordInto(evidence, device.clock, 4, false);
  const folder = temporaryDirectory(t);
  const trust = join(folder, "trust.toml");
  const reader = LedgerReader.open(device.dataDir);
  writeFileSync(trust, `quorum = 0\ndevice = ["${formatVkey(deviceVkey(reader.deviceKey))}"]\n`);
  reader.close();
  return { dataDir: device.dataDir, stopped, open, trust, folder };
}

/** Path of the file of a recording's chunk. */
function chunkFile({ dataDir }: Sample, rec: string, n: number): string {
  const reader = LedgerReader.open(dataDir);
  try {
    return new MediaStore(dataDir).path(reader.media.of(rec)[n]?.digest ?? "");
  } finally {
    reader.close();
  }
}

function joined(rec: string, froms: readonly number[]): string {
  return `init${froms.map((from) => `${rec} from ${from * 1e6}`).join("")}`;
}

describe("recording list", () => {
  test("tells what is complete and what is not", async (t) => {
    const sample = killedRecorder(t);
    rmSync(chunkFile(sample, sample.stopped, 2));
    const { exit, stdout } = await fulltrace(["recording", "list", sample.dataDir, "--json"]);
    assert.equal(exit, 0);
    const [first, second, ...others] = JSON.parse(stdout).recordings;
    assert.equal(others.length, 0);
    assert.deepEqual(
      [first.rec, first.chunks, first.duration_ms, first.missing, first.open],
      [sample.stopped, 4, 6000, 1, false],
    );
    assert.deepEqual([second.rec, second.chunks, second.missing, second.open], [sample.open, 3, 0, true]);

    const forPeople = await fulltrace(["recording", "list", "--data", sample.dataDir, "--lang", "zh"]);
    assert.match(forPeople.stdout, /缺 1 段/);
    assert.match(forPeople.stdout, /未结束/);
    assert.ok(!forPeople.stdout.includes("\u001b"), "no colours into a pipe");
  });

  test("writes nothing beside the evidence", async (t) => {
    const { dataDir } = killedRecorder(t);
    const before = readdirSync(dataDir).sort();
    chmodSync(dataDir, 0o500);
    const { exit } = await fulltrace(["recording", "list", dataDir]);
    chmodSync(dataDir, 0o700);
    assert.equal(exit, 0);
    assert.deepEqual(readdirSync(dataDir).sort(), before);
  });
});

describe("recording save", () => {
  test("joins the chunks in order", async (t) => {
    const { dataDir, stopped, folder } = killedRecorder(t);
    const file = join(folder, "out.mp4");
    const { exit, stdout } = await fulltrace([
      "recording",
      "save",
      stopped,
      file,
      "--data",
      dataDir,
      "--json",
    ]);
    assert.equal(exit, 0);
    assert.equal(readFileSync(file, "utf8"), joined(stopped, [0, 2, 4]));
    const answer = JSON.parse(stdout);
    assert.deepEqual([answer.chunks, answer.bytes, answer.left_out], [4, statSync(file).size, []]);
  });

  test("takes the beginning of an id when it is the only one", async (t) => {
    const { dataDir, open, folder } = killedRecorder(t);
    const file = join(folder, "out.mp4");
    const { exit, stdout } = await fulltrace([
      "recording",
      "save",
      open.slice(0, 8),
      file,
      "--data",
      dataDir,
    ]);
    assert.equal(exit, 0);
    assert.match(stdout, /has no stop/);
    const both = await fulltrace(["recording", "save", "", join(folder, "b"), "--data", dataDir]);
    assert.equal(both.exit, 2);
    assert.match(both.stderr, /recording-ambiguous/);
    const none = await fulltrace(["recording", "save", "zz", join(folder, "c"), "--data", dataDir]);
    assert.equal(none.exit, 1);
    assert.match(none.stderr, /recording-unknown/);
  });

  test("replaces no file unless told to", async (t) => {
    const { dataDir, stopped, folder } = killedRecorder(t);
    const file = join(folder, "out.mp4");
    writeFileSync(file, "mine");
    const save = ["recording", "save", stopped, file, "--data", dataDir];
    const { exit, stderr } = await fulltrace(save);
    assert.equal(exit, 2);
    assert.match(stderr, /file-exists/);
    assert.equal(readFileSync(file, "utf8"), "mine");
    assert.equal((await fulltrace([...save, "--force"])).exit, 0);
    assert.equal(readFileSync(file, "utf8"), joined(stopped, [0, 2, 4]));
  });

  for (const [fault, spoil] of [
    ["missing", (path: string) => rmSync(path)],
    ["damaged", (path: string) => writeFileSync(path, "other bytes")],
  ] as const) {
    test(`writes nothing when a chunk is ${fault}, or what is there when told to`, async (t) => {
      const sample = killedRecorder(t);
      const { dataDir, stopped, folder } = sample;
      const path = chunkFile(sample, stopped, 2);
      chmodSync(path, 0o600);
      spoil(path);
      const file = join(folder, "out.mp4");
      const save = ["recording", "save", stopped, file, "--data", dataDir];
      const refused = await fulltrace(save);
      assert.equal(refused.exit, 1);
      assert.match(refused.stderr, new RegExp(`recording-incomplete: .*chunk 2 ${fault}`));
      assert.deepEqual(readdirSync(folder), ["trust.toml"], "no half file stays");

      const partial = await fulltrace([...save, "--partial", "--json"]);
      assert.equal(partial.exit, 0);
      assert.deepEqual(JSON.parse(partial.stdout).left_out, [{ n: 2, reason: fault }]);
      assert.equal(readFileSync(file, "utf8"), joined(stopped, [0, 4]));
    });
  }

  test("writes nothing without the first chunk, whatever is told", async (t) => {
    const sample = killedRecorder(t);
    rmSync(chunkFile(sample, sample.stopped, 0));
    const file = join(sample.folder, "out.mp4");
    const { exit } = await fulltrace([
      "recording",
      "save",
      sample.stopped,
      file,
      "--data",
      sample.dataDir,
      "--partial",
    ]);
    assert.equal(exit, 1);
    assert.equal(existsSync(file), false);
  });
});

test("a sealed recording is not joined, since its bytes would not play", async (t) => {
  const recipient = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
  const device = new TestDevice(t, { recipients: [recipient] });
  const rec = recordInto(device.start(), device.clock, 2);
  const folder = temporaryDirectory(t);
  const { exit, stderr } = await fulltrace([
    "recording",
    "save",
    rec,
    join(folder, "a"),
    "--data",
    device.dataDir,
  ]);
  assert.equal(exit, 1);
  assert.match(stderr, /recording-sealed/);
  assert.deepEqual(readdirSync(folder), []);
});

describe("verify", () => {
  test("prints exactly one object, and no for a recording without a stop", async (t) => {
    const { dataDir, trust, open } = killedRecorder(t);
    const { exit, stdout, stderr } = await fulltrace(["verify", dataDir, "--trust", trust, "--json"]);
    assert.equal(exit, 1);
    assert.equal(stderr, "");
    const report = JSON.parse(stdout);
    assert.equal(report.verdict, "incomplete");
    assert.equal(report.latest_unknown, true);
    assert.ok(
      report.problems.some(({ code, detail }: { code: string; detail: string }) => {
        return code === "recording-open" && detail.includes(open);
      }),
    );
  });

  test("explains to people what is known, what is not, and each problem", async (t) => {
    const sample = killedRecorder(t);
    const path = chunkFile(sample, sample.stopped, 1);
    chmodSync(path, 0o600);
    writeFileSync(path, readFileSync(path, "utf8").replace("from", "form"));
    const args = ["verify", sample.dataDir, "--trust", sample.trust];
    const { exit, stdout } = await fulltrace(args);
    assert.equal(exit, 1);
    assert.match(stdout, /^altered\n/);
    assert.match(stdout, /complete as of +unknown: no quorum/);
    assert.match(stdout, /key +fulltrace\/.* \(trusted\)/);
    assert.match(stdout, /What this check cannot know:\n- whether a newer copy exists/);
    assert.match(
      stdout,
      /media-altered \(1\): a media file does not have the digest of its entry\n {2}entry 4: /,
    );
    const inChinese = await fulltrace([...args, "--lang", "zh"]);
    assert.match(inChinese.stdout, /本次检验无法得知：/);
    assert.match(inChinese.stdout, /媒体文件与条目摘要不符/);
  });

  test("says yes to a recorder that closed its ledger", async (t) => {
    const device = new TestDevice(t);
    const evidence = device.start();
    recordInto(evidence, device.clock, 4);
    evidence.close("shutdown");
    const trust = join(temporaryDirectory(t), "trust.toml");
    const reader = LedgerReader.open(device.dataDir);
    writeFileSync(trust, `quorum = 0\ndevice = ["${formatVkey(deviceVkey(reader.deviceKey))}"]\n`);
    reader.close();
    const { exit, stdout } = await fulltrace(["verify", device.dataDir, "--trust", trust]);
    assert.match(stdout, /^authentic/);
    assert.equal(exit, 0);
  });

  test("is misused with a trust file or directory that is none, or a note that is none", async (t) => {
    const { dataDir, trust, folder } = killedRecorder(t);
    for (const [args, code] of [
      [[dataDir, "--trust", join(folder, "none")], "bad-trust"],
      [[join(folder, "none"), "--trust", trust], "directory-missing"],
      [[dataDir, "--trust", trust, "--note", join(folder, "none")], "file-unreadable"],
      [[dataDir, "--trust", trust, "--note", trust], "bad-note"],
    ] as const) {
      const { exit, stdout, stderr } = await fulltrace(["verify", ...args, "--json"]);
      assert.equal(exit, 2, code);
      assert.equal(stdout, "");
      assert.equal(JSON.parse(stderr).error.code, code);
    }
  });

  test("finds a folder without a ledger unreadable", async (t) => {
    const { trust, folder } = killedRecorder(t);
    const { exit, stdout } = await fulltrace(["verify", folder, "--trust", trust, "--json"]);
    assert.equal(exit, 1);
    assert.equal(JSON.parse(stdout).verdict, "unreadable");
  });
});

describe("status without an agent", () => {
  test("answers no, and tells what the directory holds", async (t) => {
    const { dataDir, open } = killedRecorder(t);
    const { exit, stdout } = await fulltrace(["status", "--data", dataDir, "--json"]);
    assert.equal(exit, 1);
    const answer = JSON.parse(stdout);
    assert.equal(answer.running, false);
    assert.deepEqual(answer.open_recordings, [open]);
    assert.match((await fulltrace(["status", "--data", dataDir])).stdout, /running +no\n/);
  });

  test("reads a ledger that another program wrote, without our indexes", async (t) => {
    const { dataDir, open } = killedRecorder(t);
    const db = new Database(join(dataDir, "ledger.db"));
    db.exec("DROP TABLE recordings; PRAGMA user_version = 0");
    db.close();
    const { exit, stdout } = await fulltrace(["status", "--data", dataDir, "--json"]);
    assert.equal(exit, 1);
    assert.deepEqual(JSON.parse(stdout).open_recordings, [open]);
  });

  test("answers no where there is not even a ledger", async (t) => {
    const { exit, stderr } = await fulltrace(["status", "--data", temporaryDirectory(t)]);
    assert.equal(exit, 1);
    assert.match(stderr, /agent-not-running/);
  });
});
