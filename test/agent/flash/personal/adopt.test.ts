import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { adopt, REQUEST_NAME, type Unit } from "../../../../agent/flash/personal/adopt.ts";
import { isBlank, packPersonal } from "../../../../agent/flash/personal/archive.ts";
import { readEnrolment } from "../../../../agent/flash/personal/enrolment.ts";
import type { PersonalFiles, PersonalName } from "../../../../agent/flash/personal/members.ts";
import { LEAST_REGION_BYTES } from "../../../../agent/flash/personal/region.ts";
import { loadConfig } from "../../../../config/load.ts";
import { SigningKey } from "../../../../crypto/keys/ed25519.ts";
import { readKeyFile } from "../../../../crypto/keys/key-file.ts";
import { COSIGNATURE, formatVkey, PLAIN_NOTE, verifierKey } from "../../../../crypto/keys/vkey.ts";
import { killedAtCall } from "../../../support/dying-disk.ts";
import { seededRandom, temporaryDirectory } from "../../../support/surroundings.ts";

const CODE = "7K2M-Q4XR-91";
const pair = SigningKey.generate(seededRandom("receiver")).publicKey;
const WITNESS = formatVkey(verifierKey("office/witness", COSIGNATURE, pair));
const CUSTODY = formatVkey(verifierKey("office/custody", PLAIN_NOTE, pair));

interface TestUnit extends Unit {
  dataDir: string;
  toml: string;
}

/** A unit that has never started; its configuration has a comment. */
function unitIn(folder: string): TestUnit {
  const etc = join(folder, "etc");
  const dataDir = join(folder, "data");
  mkdirSync(etc);
  writeFileSync(join(folder, "personal"), Buffer.alloc(LEAST_REGION_BYTES));
  const toml = [
    "# of the office",
    'role = "recorder"',
    `data_dir = "${dataDir}"`,
    '[device]\nmodel = "BWC-1"\nserial = "0"',
    '[camera]\nsource = "testsrc"',
    `[sync]\nurl = "mqtt://broker"\nusername = "unit"\nwitness = ["${WITNESS}"]\n`,
  ].join("\n");
  const owner = process.getuid?.() === 0 ? { account: 12_345, group: 23_456 } : null;
  return { region: join(folder, "personal"), etc, owner, random: seededRandom("trng"), dataDir, toml };
}

function personalise(unit: TestUnit, files: Partial<Record<PersonalName, string>>): void {
  const given = Object.entries(files).map(
    ([name, text]) => [name as PersonalName, Buffer.from(text)] as const,
  );
  const region = Buffer.alloc(LEAST_REGION_BYTES);
  packPersonal(new Map(given) as PersonalFiles).copy(region);
  writeFileSync(unit.region, region);
}

function everything(unit: TestUnit): Partial<Record<PersonalName, string>> {
  return {
    serial: "A000123",
    "config.toml": unit.toml,
    "receiver-keys": `${WITNESS}\n${CUSTODY}\n`,
    "broker-password": "very secret\n",
    "enrolment-code": CODE,
    "data-key": "of the data partition, by chance.",
  };
}

/** What lies below a folder: each file's content, mode and owner. */
function stateOf(folder: string): Record<string, unknown> {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .sort()
      .map((name) => {
        const stats = statSync(join(folder, name));
        const content = stats.isFile() ? readFileSync(join(folder, name), "utf8") : null;
        return [name, [content, stats.mode & 0o777, stats.uid, stats.gid]];
      }),
  );
}

const configOf = ({ etc }: Unit) => {
  const config = loadConfig(join(etc, "recorder.toml"));
  assert.ok(config.role === "recorder");
  return config;
};

test("a unit takes up its own, makes its key, asks for enrolment, and wipes the card", (t) => {
  const unit = unitIn(temporaryDirectory(t));
  personalise(unit, everything(unit));
  const { outcome, request } = adopt(unit);
  assert.equal(outcome, "adopted");
  const { device, sync } = configOf(unit);
  assert.deepEqual(device, { model: "BWC-1", serial: "A000123" });
  assert.deepEqual([sync?.witness, sync?.custody], [[WITNESS], [CUSTODY]]);
  assert.equal(sync?.passwordFile, join(unit.etc, "broker-password"));
  assert.equal(readFileSync(sync.passwordFile, "utf8"), "very secret\n");
  const key = readKeyFile(join(unit.dataDir, "keys/device.key"));
  const read = readEnrolment(request ?? "", "request", CODE);
  assert.equal(read.vkey.split("+")[0], `fulltrace/${key.publicKey.deviceId}`);
  assert.deepEqual([read.model, read.serial], ["BWC-1", "A000123"]);
  assert.equal(readFileSync(join(unit.dataDir, REQUEST_NAME), "utf8"), request);
  assert.ok(isBlank(readFileSync(unit.region)));
  assert.equal(readFileSync(unit.region).length, LEAST_REGION_BYTES);

  const { owner } = unit;
  const uid = process.getuid?.() ?? 0;
  for (const path of [join(unit.etc, "recorder.toml"), join(unit.etc, "broker-password")]) {
    const stats = statSync(path);
    assert.equal(stats.mode & 0o777, 0o640);
    assert.deepEqual([stats.uid, stats.gid], owner === null ? [uid, stats.gid] : [0, owner.group]);
  }
  for (const path of ["", "keys", "keys/device.key"]) {
    const stats = statSync(join(unit.dataDir, path));
    assert.equal(stats.uid, owner?.account ?? uid);
    assert.equal(stats.mode & 0o007, 0);
  }
});

test("at every later start there is nothing, and the same request", (t) => {
  const unit = unitIn(temporaryDirectory(t));
  assert.deepEqual(adopt(unit), { outcome: "nothing", request: null });
  personalise(unit, everything(unit));
  const { request } = adopt(unit);
  const state = stateOf(unit.etc);
  assert.deepEqual(adopt(unit), { outcome: "nothing", request });
  assert.deepEqual(stateOf(unit.etc), state);
});

test("a configuration that nothing changes stays letter for letter, and is changed where it lies already", (t) => {
  const unit = unitIn(temporaryDirectory(t));
  personalise(unit, { "config.toml": unit.toml });
  adopt(unit);
  assert.equal(readFileSync(join(unit.etc, "recorder.toml"), "utf8"), unit.toml);
  personalise(unit, { serial: "B7" });
  assert.equal(adopt(unit).outcome, "adopted");
  assert.equal(configOf(unit).device.serial, "B7");
  assert.deepEqual(configOf(unit).sync?.witness, [WITNESS]);
});

test("a key that is there is never replaced", (t) => {
  const unit = unitIn(temporaryDirectory(t));
  personalise(unit, { "config.toml": unit.toml });
  adopt(unit);
  const before = readFileSync(join(unit.dataDir, "keys/device.key"), "utf8");
  personalise(unit, { ...everything(unit), serial: "C9" });
  assert.equal(readEnrolment(adopt(unit).request ?? "", "request", CODE).serial, "C9");
  assert.equal(readFileSync(join(unit.dataDir, "keys/device.key"), "utf8"), before);
});

test("cut off at every call that changes the disk, the next start ends as if nothing had happened", async (t) => {
  const folder = temporaryDirectory(t);
  const fresh = () => {
    const place = join(folder, "unit");
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place);
    const unit = unitIn(place);
    personalise(unit, everything(unit));
    return unit;
  };
  const whole = fresh();
  adopt(whole);
  const [etc, data] = [stateOf(whole.etc), stateOf(whole.dataDir)];
  let cuts = 0;
  const outcomes = new Set<string>();
  for (let call = 0; ; call++) {
    const unit = fresh();
    const isCut = await killedAtCall(call, async () => void adopt(unit));
    if (!isCut) break;
    cuts++;
    const { outcome, request } = adopt({ ...unit, random: seededRandom("trng") });
    outcomes.add(outcome);
    assert.equal(readEnrolment(request ?? "", `cut ${call}`, CODE).serial, "A000123");
    const left = (state: Record<string, unknown>) =>
      Object.keys(state).filter((name) => !name.endsWith(".new"));
    assert.deepEqual(left(stateOf(unit.etc)), left(etc), `cut ${call}`);
    assert.deepEqual(left(stateOf(unit.dataDir)), left(data), `cut ${call}`);
    assert.equal(
      readFileSync(join(unit.etc, "recorder.toml"), "utf8"),
      (etc["recorder.toml"] as string[])[0],
    );
    assert.ok(isBlank(readFileSync(unit.region)), `cut ${call}`);
  }
  assert.ok(cuts > 20, `${cuts}`);
  assert.deepEqual([...outcomes].sort(), ["adopted", "nothing", "wiped"]);
});

test("a wiping that was cut anywhere is ended; the same damage before any adoption is an error", (t) => {
  const unit = unitIn(temporaryDirectory(t));
  personalise(unit, everything(unit));
  const region = readFileSync(unit.region);
  adopt(unit);
  const state = stateOf(unit.etc);
  for (const wiped of [1, 512, 700, 4096]) {
    writeFileSync(unit.region, Buffer.from(region).fill(0, 0, wiped));
    assert.equal(adopt(unit).outcome, "wiped", `${wiped}`);
    assert.ok(isBlank(readFileSync(unit.region)));
    assert.deepEqual(stateOf(unit.etc), state);
  }
  rmSync(join(unit.etc, ".adopted"));
  writeFileSync(unit.region, Buffer.from(region).fill(0, 0, 512));
  assert.throws(() => adopt(unit), { code: "personal-damaged" });
  assert.ok(!isBlank(readFileSync(unit.region)));
});

test("what cannot be used changes nothing, and is not wiped", (t) => {
  const cases: [Partial<Record<PersonalName, string>>, string, RegExp][] = [
    [{ serial: "A" }, "personal-unfit", /^config.toml: /],
    [{ serial: "a\u0007b" }, "personal-unfit", /^serial: /],
    [{ "config.toml": "role = 1" }, "bad-config", /role/],
    [{ "config.toml": "]" }, "config-syntax", /recorder.toml:1/],
    [{ "receiver-keys": "nonsense\n" }, "personal-unfit", /^receiver-keys: /],
    [{ "broker-password": "\n" }, "personal-unfit", /^broker-password: /],
    [{ "broker-ca.pem": "nonsense" }, "personal-unfit", /^broker-ca.pem: /],
    [{ "broker-key.pem": "nonsense" }, "personal-unfit", /^broker-key.pem: /],
    [{ "enrolment-code": "short" }, "personal-unfit", /^enrolment-code: /],
  ];
  for (const [files, code, place] of cases) {
    const unit = unitIn(temporaryDirectory(t));
    personalise(unit, files);
    const before = readFileSync(unit.region);
    assert.throws(() => adopt(unit), { code, place }, JSON.stringify(files));
    assert.deepEqual(readdirSync(unit.etc), []);
    assert.ok(!existsSync(unit.dataDir));
    assert.ok(readFileSync(unit.region).equals(before));
  }
});

test("no region, one too short and one too long are no personal partition", (t) => {
  const unit = unitIn(temporaryDirectory(t));
  for (const bytes of [0, LEAST_REGION_BYTES - 1, 16 * 2 ** 20 + 1]) {
    writeFileSync(unit.region, Buffer.alloc(bytes));
    assert.throws(() => adopt(unit), { code: "personal-missing" });
  }
  rmSync(unit.region);
  assert.throws(() => adopt(unit), { code: "personal-missing" });
});

test("a request that is altered, unsigned, long or of another code is refused", (t) => {
  const unit = unitIn(temporaryDirectory(t));
  personalise(unit, everything(unit));
  const text = adopt(unit).request ?? "";
  const request = JSON.parse(text);
  assert.equal(readEnrolment(text, "r", null).serial, "A000123");
  assert.throws(() => readEnrolment(text, "r", "7K2M-Q4XR-92"), { code: "enrolment-code-wrong" });
  const { code_mac: _, ...uncoded } = request;
  const other = formatVkey(verifierKey("fulltrace/other", PLAIN_NOTE, pair));
  for (const change of [
    { ...request, serial: "A000124" },
    { ...request, vkey: other },
    { ...request, sig: "0".repeat(128) },
    { ...request, v: 2 },
    { ...request, more: 1 },
    uncoded,
  ])
    assert.throws(() => readEnrolment(JSON.stringify(change), "r", null), { code: "enrolment-damaged" });
  for (const junk of ["", "null", "[]", text.slice(1), " ".repeat(5000)])
    assert.throws(() => readEnrolment(junk, "r", null), { code: "enrolment-damaged" });
});
