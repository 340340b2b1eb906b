import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { redact } from "../../../agent/doctor/bundle/redact.ts";
import { TestDevice } from "../../support/evidence.ts";
import { recorderConfig } from "../../support/recorder-config.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "../cli/command-line.ts";

/** One of each kind that must not leave the house; long enough to occur nowhere by chance. */
const CANARIES = {
  password: "canary-password-hunter2",
  user: "canary-user-wang",
  serial: "canary-serial-0042",
  model: "canary-model",
  wearer: "canary-wearer-110042",
  officer: "canary-officer-7",
  title: "canary 标题 夜市占道",
  place: "canary 地点 朝阳路",
  caseNo: "canary-case-2026-18",
  note: "canary note: the owner objected",
  document: "canary-document.pdf",
  footage: "canary-footage-bytes",
  latitude: 399_042_111,
  longitude: 1_164_074_222,
};

/** A recorder whose configuration, ledger and media hold every canary. */
function recorder(t: TestContext): { configFile: string; dataDir: string } {
  const device = new TestDevice(t);
  const evidence = device.start();
  const activity = "11111111-2222-4333-8444-555555555555";
  const { title, place, caseNo, officer, note, document, wearer } = CANARIES;
  evidence.append({
    type: "activity.open",
    activity,
    kind: "inspection",
    title,
    place,
    officers: [officer],
    case_no: caseNo,
  });
  evidence.append({ type: "activity.note", activity, text: note });
  const rec = "99999999-2222-4333-8444-555555555555";
  const tracks = [{ kind: "video", codec: "h264" }];
  evidence.append({
    type: "recording.start",
    rec,
    origin: "live",
    trigger: "button",
    wearer,
    activity,
    pre_event_ms: 0,
    tracks,
  });
  evidence.append({
    type: "recording.chunk",
    rec,
    n: 1,
    digest: "ab".repeat(32),
    bytes: 20,
    sealed: false,
    from_us: 0,
    to_us: 1,
    key: true,
    longest_us: 1,
    gnss: { lat_e7: CANARIES.latitude, lon_e7: CANARIES.longitude, age_ms: 0 },
  });
  evidence.end();
  const { dataDir } = device;
  mkdirSync(join(dataDir, "media", "00"), { recursive: true });
  writeFileSync(join(dataDir, "media", "00", document), CANARIES.footage);
  const password = join(temporaryDirectory(t), "secret");
  writeFileSync(password, `${CANARIES.password}\n`, { mode: 0o600 });
  const { model, serial, user } = CANARIES;
  const more = `[sync]
     url = "mqtt://127.0.0.1:1"
     username = "${user}"
     password_file = ${JSON.stringify(password)}`;
  const configFile = recorderConfig(t, dataDir, { model, serial, more });
  return { configFile, dataDir };
}

/** The ways in which something may stand in a file of text. */
function spellings(canary: string | number): string[] {
  const bytes = Buffer.from(String(canary));
  return [
    String(canary),
    JSON.stringify(canary).slice(1, -1),
    bytes.toString("hex"),
    bytes.toString("base64").slice(0, -4),
    encodeURIComponent(String(canary)),
  ];
}

function leaks(texts: readonly string[], canaries: readonly (string | number)[]): (string | number)[] {
  return canaries.filter((canary) =>
    spellings(canary).some((spelling) => texts.some((text) => text.includes(spelling))),
  );
}

test("a support bundle holds no footage, keys, positions, names or texts", async (t) => {
  const { configFile, dataDir } = recorder(t);
  const folder = temporaryDirectory(t);
  const bundle = join(folder, "support.tar.gz");
  const { exit } = await fulltrace(["doctor", "--config", configFile, "--bundle", bundle, "--json"]);
  assert.equal(exit, 1, "the broker is not there");
  execFileSync("tar", ["-xzf", bundle, "-C", folder]);
  const names = ["checks", "config", "ledger", "status", "versions"].map((name) => `${name}.json`);
  const texts = names.map((name) => readFileSync(join(folder, name), "utf8"));
  const key = readFileSync(join(dataDir, "keys", "device.key"), "utf8").split("\n")[1] ?? "";
  const canaries = [...Object.values(CANARIES), key, dataDir, configFile];
  assert.deepEqual(leaks(texts, canaries), []);
  assert.deepEqual(leaks([JSON.stringify(CANARIES)], Object.values(CANARIES)), Object.values(CANARIES));
  const [checks = "", config = "", ledger = ""] = texts;
  assert.ok(JSON.parse(checks).length >= 25, "and yet it is of use");
  assert.equal(JSON.parse(config).role, "recorder");
  assert.equal(JSON.parse(ledger).open_recordings, 1);
  const again = await fulltrace(["doctor", "--config", configFile, "--bundle", bundle, "--json"]);
  assert.match(again.stderr, /file-exists/);
});

test("only words of ours pass, under keys that hold nothing else", () => {
  assert.deepEqual(
    redact({
      role: "dock",
      code: "Wang Wei 王伟",
      url: "mqtt://x",
      units: { 王伟: "a" },
      list: ["a", 1, true, null],
    }),
    {
      role: "dock",
      code: "text of 11",
      url: "text of 8",
      units: { "key 0": "text of 1" },
      list: ["text of 1", 1, true, null],
    },
  );
});
