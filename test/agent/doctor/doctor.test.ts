import assert from "node:assert/strict";
import { chmodSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Check, ok } from "../../../agent/doctor/check.ts";
import { CHECKS } from "../../../agent/doctor/checks.ts";
import { examine, isAtRisk } from "../../../agent/doctor/examine.ts";
import { repair } from "../../../agent/doctor/repairs.ts";
import { loadConfig } from "../../../config/load.ts";
import { bareMachine, recorderCase } from "../../support/doctor/patient.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "../cli/command-line.ts";

const WORDS = { en: "", zh: "" };
/** Nobody listens there (RFC 1700: port 1, tcpmux). */
const NOBODY = "mqtt://127.0.0.1:1";

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
    const { configFile } = recorderCase(t);
    const patient = {
      config: loadConfig(configFile),
      configFile,
      live: null,
      silence: null,
      machine: bareMachine(t),
      full: false,
      answerMs: 1,
    };
    const told: string[] = [];
    const waiting: number[] = [];
    const found = await examine(
      [
        check("hangs", () => new Promise(() => {}), 1),
        check("throws", () => {
          throw new Error("broken");
        }),
        check("is well", () => ok(WORDS)),
      ],
      patient,
      {
        onFound: ({ check: { id } }) => void told.push(id),
        onWaiting: (left) => void waiting.push(left.length),
      },
    );
    assert.deepEqual(told, ["hangs", "throws", "is well"]);
    assert.deepEqual(waiting, [2, 1, 0], "those that are over are told at once, whatever hangs before them");
    assert.deepEqual(
      found.map(({ finding }) => finding.status),
      ["fail", "fail", "ok"],
    );
    assert.equal(isAtRisk(found), true);
    assert.equal(isAtRisk(found.slice(2)), false);
  });

  test("lists every check, whatever the configuration is", async (t) => {
    const { configFile } = recorderCase(t);
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
    const { dataDir, configFile } = recorderCase(t);
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
    const { configFile } = recorderCase(
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
