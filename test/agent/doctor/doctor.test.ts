import assert from "node:assert/strict";
import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import Database from "better-sqlite3";
import type { AgentStatus } from "../../../agent/control/protocol.ts";
import { type Check, type CheckStatus, ok } from "../../../agent/doctor/check.ts";
import { CHECKS } from "../../../agent/doctor/checks.ts";
import { examine, isAtRisk } from "../../../agent/doctor/examine.ts";
import { repair } from "../../../agent/doctor/repairs.ts";
import { loadConfig } from "../../../config/load.ts";
import type { Config } from "../../../config/schema.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { recordInto, TestDevice } from "../../support/evidence.ts";
import { recorderConfig } from "../../support/recorder-config.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "../cli/command-line.ts";

const WORDS = { en: "", zh: "" };
/** Nobody listens there (RFC 1700: port 1, tcpmux). */
const NOBODY = "mqtt://127.0.0.1:1";

interface Case {
  dataDir: string;
  configFile: string;
  /** What one check finds now. */
  status: (id: string) => Promise<CheckStatus>;
  seen: (id: string) => Promise<string>;
}

/** A recorder with six seconds of footage and no agent running. */
function recorder(t: TestContext, more = ""): Case {
  const device = new TestDevice(t);
  const evidence = device.start();
  recordInto(evidence, device.clock, 6);
  const { dataDir } = device;
  const configFile = recorderConfig(t, dataDir, { more });
  const find = async (id: string) => {
    const config = loadConfig(configFile);
    const checks = CHECKS.filter((check) => check.id === id);
    const patient = { config, configFile, live: null, silence: null, full: true, answerMs: 200 };
    const [found] = await examine(checks, patient, () => undefined);
    assert.ok(found !== undefined, id);
    return found.finding;
  };
  return {
    dataDir,
    configFile,
    status: async (id) => (await find(id)).status,
    seen: async (id) => {
      const { seen, values } = await find(id);
      return `${seen.en} ${JSON.stringify(values ?? {})}`;
    },
  };
}

function alter(dataDir: string, sql: string): void {
  const db = new Database(join(dataDir, "ledger.db"));
  db.exec(`DROP TRIGGER entries_never_change; ${sql}`);
  db.close();
}

describe("each check finds what is planted, and nothing where all is well", () => {
  test("keys: missing, and readable by others", async (t) => {
    const { dataDir, status } = recorder(t);
    const key = join(dataDir, "keys", "device.key");
    assert.equal(await status("keys"), "ok");
    chmodSync(key, 0o644);
    assert.equal(await status("keys"), "fail");
    rmSync(key);
    assert.equal(await status("keys"), "fail");
  });

  test("secrets: a password that others may read", async (t) => {
    const file = join(temporaryDirectory(t), "password");
    writeFileSync(file, "secret\n", { mode: 0o600 });
    const { status } = recorder(
      t,
      `[sync]\nurl = "${NOBODY}"\nusername = "u"\npassword_file = ${JSON.stringify(file)}`,
    );
    assert.equal(await status("secrets"), "ok");
    chmodSync(file, 0o604);
    assert.equal(await status("secrets"), "fail");
  });

  test("ledger: an entry that does not follow the one before, and an edit that only reading everything shows", async (t) => {
    const { dataDir, status } = recorder(t);
    assert.equal(await status("ledger"), "ok");
    assert.equal(await status("ledger-full"), "ok");
    alter(dataDir, "UPDATE entries SET sigs = replace(sigs, 'a', 'b') WHERE seq = 3");
    assert.equal(await status("ledger"), "ok", "the quick look reads no signature");
    assert.equal(await status("ledger-full"), "fail");
    const db = new Database(join(dataDir, "ledger.db"));
    db.exec("UPDATE entries SET leaf = zeroblob(32) WHERE seq = 3");
    db.close();
    assert.equal(await status("ledger"), "fail");
  });

  test("media: a file that is gone, and one that is cut short", async (t) => {
    const { dataDir, status, seen } = recorder(t);
    assert.equal(await status("media"), "ok");
    const reader = LedgerReader.open(dataDir);
    const [first] = reader.media.within(0, reader.size(), "newest", 1);
    reader.close();
    const path = new MediaStore(dataDir).path(first?.digest ?? "");
    writeFileSync(path, "x");
    assert.equal(await status("media"), "fail");
    rmSync(path);
    assert.match(await seen("media"), /"missing":1/);
  });

  test("disk: what is below the limits of the configuration", async (t) => {
    assert.equal(await recorder(t).status("disk-space"), "ok");
    const huge = 2 ** 50;
    const full = `disk = { reserve_bytes = ${huge}, stop_bytes = ${huge} }`;
    assert.equal(await recorder(t, full).status("disk-space"), "fail");
    const nearly = `disk = { reserve_bytes = ${huge} }`;
    assert.equal(await recorder(t, nearly).status("disk-space"), "warn");
  });

  test("disk speed: measured in the data directory, and nothing stays there", async (t) => {
    const { dataDir, status } = recorder(t);
    const before = readdirSync(dataDir);
    assert.notEqual(await status("disk-speed"), "fail");
    assert.deepEqual(readdirSync(dataDir), before);
  });

  test("clock: behind the ledger's last entry", async (t) => {
    const { dataDir, status } = recorder(t);
    const reader = LedgerReader.open(dataDir);
    const { utc_ms: lastMs } = reader.body(reader.size() - 1).t as { utc_ms: number };
    reader.close();
    assert.equal(await status("clock"), lastMs > Date.now() ? "fail" : "ok");
    t.mock.timers.enable({ apis: ["Date"], now: lastMs - 60_000 });
    assert.equal(await status("clock"), "fail");
    t.mock.timers.setTime(lastMs + 60_000);
    assert.equal(await status("clock"), "ok");
  });

  test("network: nobody listens, no such name, and a receiver that is not asked", async (t) => {
    const { status } = recorder(t, `[sync]\nurl = "${NOBODY}"`);
    for (const id of ["tcp", "mqtt", "receiver", "acl"]) assert.equal(await status(id), "fail", id);
    assert.equal(await status("dns"), "ok");
    const unnamed = recorder(t, '[sync]\nurl = "mqtt://nowhere.invalid:1883"');
    assert.equal(await unnamed.status("dns"), "fail");
    for (const id of ["tcp", "tls", "receiver"]) assert.equal(await recorder(t).status(id), "skipped", id);
  });

  test("wires: a camera and serial lines that are configured and not there", async (t) => {
    const { status } = recorder(
      t,
      'board = { device = "/dev/no-board" }\ngnss = { device = "/dev/no-gnss" }',
    );
    assert.equal(await status("serial-ports"), "fail");
    assert.equal(await status("board"), "fail");
    assert.equal(await recorder(t).status("serial-ports"), "ok");
    assert.equal(await recorder(t).status("board"), "skipped");
  });
});

describe("what only a running agent knows", () => {
  const ask = async (t: TestContext, id: string, more: Partial<AgentStatus>, role?: Config) => {
    const { configFile } = recorder(t);
    const config = role ?? loadConfig(configFile);
    const live = {
      role: config.role,
      agent: "0",
      pid: 1,
      started_ms: 0,
      free_bytes: 1,
      alarms: [],
      counters: {},
      ...more,
    };
    const patient = { config, configFile, live, silence: null, full: false, answerMs: 1 };
    const checks = CHECKS.filter((one) => one.id === id);
    const [found] = await examine(checks, patient, () => undefined);
    return found?.finding.status;
  };
  const sync = {
    connected: true,
    receiver: "r",
    backlog_entries: 0,
    backlog_bytes: 0,
    oldest_ms: 0,
    connections: 1,
    sent_bytes: 0,
    resent_bytes: 0,
    policy: { network: "any", media: "all" as const },
  };

  test("a backlog is media too, and an old one is told", async (t) => {
    assert.equal(await ask(t, "backlog", { sync }), "ok");
    const old = { ...sync, backlog_bytes: 5e11, oldest_ms: 9 * 86_400_000 };
    assert.equal(await ask(t, "backlog", { sync: old }), "warn");
  });

  test("alarms, a lost broker and a receiver that does not answer are risks", async (t) => {
    assert.equal(await ask(t, "alarms", {}), "ok");
    const alarms = [{ code: "camera-lost", detail: "", since_ms: 0 }];
    assert.equal(await ask(t, "alarms", { alarms }), "fail");
    assert.equal(await ask(t, "mqtt", { sync }), "skipped", "no broker is configured");
  });

  test("a receiver that is not linked is a risk", async (t) => {
    const file = join(temporaryDirectory(t), "receiver.toml");
    writeFileSync(
      file,
      `role = "receiver"\ndata_dir = "."\nreceiver = { name = "r" }\nsync = { url = "${NOBODY}" }`,
    );
    const config = loadConfig(file);
    const receiver = { linked: true, queued_bytes: 0, devices: 0, online: 0, heard: [] };
    assert.equal(await ask(t, "mqtt", { receiver }, config), "ok");
    assert.equal(await ask(t, "mqtt", { receiver: { ...receiver, linked: false } }, config), "fail");
  });
});

describe("an examination", () => {
  const check = (id: string, run: Check["run"], limitMs = 60_000): Check => ({
    id,
    name: WORDS,
    why: WORDS,
    next: WORDS,
    limitMs,
    run,
  });

  test("outlasts checks that throw and checks that hang, and tells each in order", async (t) => {
    const { configFile } = recorder(t);
    const patient = {
      config: loadConfig(configFile),
      configFile,
      live: null,
      silence: null,
      full: false,
      answerMs: 1,
    };
    const told: string[] = [];
    const found = await examine(
      [
        check("hangs", () => new Promise(() => {}), 1),
        check("throws", () => {
          throw new Error("broken");
        }),
        check("is well", () => ok(WORDS)),
      ],
      patient,
      (one) => told.push(one.check.id),
    );
    assert.deepEqual(told, ["hangs", "throws", "is well"]);
    assert.deepEqual(
      found.map(({ finding }) => finding.status),
      ["fail", "fail", "ok"],
    );
    assert.equal(isAtRisk(found), true);
    assert.equal(isAtRisk(found.slice(2)), false);
  });

  test("lists every check, whatever the configuration is", async (t) => {
    const { configFile } = recorder(t);
    const ids = CHECKS.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    writeFileSync(configFile, "role = 1");
    const { exit, stdout } = await fulltrace(["doctor", "--config", configFile, "--json"]);
    const { checks, at_risk } = JSON.parse(stdout);
    assert.deepEqual(
      checks.map(({ id }: { id: string }) => id),
      ids,
    );
    assert.deepEqual([exit, at_risk], [1, true]);
    assert.equal((await fulltrace(["doctor", "--config", `${configFile}.none`])).exit, 2);
  });
});

describe("a repair", () => {
  test("closes secret files and makes directories, says so, and touches nothing else", async (t) => {
    const { dataDir, configFile } = recorder(t);
    const key = join(dataDir, "keys", "device.key");
    chmodSync(key, 0o644);
    const before = statSync(join(dataDir, "ledger.db")).mtimeMs;
    const did = repair(loadConfig(configFile));
    assert.deepEqual(
      did.map(({ values }) => values),
      [{ path: key, mode: "644", left: "600" }],
    );
    assert.equal(statSync(key).mode & 0o777, 0o600);
    assert.equal(statSync(join(dataDir, "ledger.db")).mtimeMs, before);
    assert.deepEqual(repair(loadConfig(configFile)), [], "a second time there is nothing to do");
  });

  test("leaves a secret to its group", (t) => {
    const file = join(temporaryDirectory(t), "password");
    writeFileSync(file, "secret\n");
    const { configFile } = recorder(
      t,
      `[sync]\nurl = "${NOBODY}"\nusername = "u"\npassword_file = ${JSON.stringify(file)}`,
    );
    chmodSync(file, 0o640);
    assert.deepEqual(repair(loadConfig(configFile)), []);
    chmodSync(file, 0o644);
    repair(loadConfig(configFile));
    assert.equal(statSync(file).mode & 0o777, 0o640);
  });
});
