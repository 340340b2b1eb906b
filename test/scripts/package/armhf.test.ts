import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { AgentProcess, interpreter } from "../../../scripts/demo/agent-process.ts";
import { assemble } from "../../../scripts/package/assemble.ts";
import { targetOf } from "../../../scripts/package/target.ts";
import { Office } from "../../support/agents/office.ts";
import { cannotEmulate, EmulatedArm } from "../../support/armhf/emulated-arm.ts";
import { REPOSITORY } from "../../support/repository.ts";

const skip = cannotEmulate();
const WAIT_MS = 120_000;

/** What each native module is asked, and what it answers when it works. */
const USES: Record<string, { script: string; answers: RegExp }> = {
  "better-sqlite3": {
    script: `const Database = require("better-sqlite3");
      const db = new Database(":memory:");
      db.exec("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (40), (2)");
      console.log(db.prepare("SELECT sum(n) AS sum FROM t").get().sum)`,
    answers: /^42$/,
  },
  serialport: {
    // what the system answers comes through the module
    script: `const { SerialPort } = require("serialport");
      new SerialPort({ path: "/nowhere", baudRate: 9600 }, (error) => console.log(error.message))`,
    answers: /^Error: No such file or directory, cannot open \/nowhere$/,
  },
  usb: {
    // an emulated process is given no bus; that libusb itself says so is the proof that it runs
    script: `const { usb, getDeviceList } = require("usb");
      let listed;
      try { listed = Array.isArray(getDeviceList()); } catch (error) { listed = error.message; }
      console.log(usb.LIBUSB_TRANSFER_TYPE_BULK, listed)`,
    answers: /^2 (?:true|LIBUSB_ERROR_\\w+|LIBUSB_\\w+)$/,
  },
};

describe("the package for armhf", () => {
  const work = mkdtempSync(join(tmpdir(), "fulltrace-armhf-test-"));
  const installed = join(work, "fulltrace");
  const programs = join(installed, "programs");
  let arm: EmulatedArm;
  after(() => rmSync(work, { recursive: true }));

  before(async () => {
    if (skip !== false) return;
    arm = await EmulatedArm.prepare();
    await assemble(REPOSITORY, installed, targetOf("armhf"));
  });

  /** How one of its programs is run. */
  const commandOf = (name: string) => [
    "env",
    ...interpreter(join(programs, name), arm.node),
    join(programs, name),
  ];

  /** Runs one of them; answers exit code and output. */
  const program = (name: string, ...args: string[]) => {
    const [env = "", ...words] = commandOf(name);
    return spawnSync(env, [...words, ...args], { encoding: "utf8" });
  };

  for (const [name, { script, answers }] of Object.entries(USES)) {
    it(`has a module of ${name} that works`, { skip }, async () => {
      assert.match(await arm.evaluate(script, installed), answers);
    });
  }

  it("has SQLite's module for Node 20 and Node 22, each for this processor", { skip }, () => {
    const folder = join(installed, "node_modules/better-sqlite3/lib/binding");
    assert.deepEqual(readdirSync(folder).sort(), ["node-v115-linux-arm", "node-v127-linux-arm"]);
    for (const abi of [115, 127]) {
      const file = join(folder, `node-v${abi}-linux-arm`, "better_sqlite3.node");
      const read = execFileSync("readelf", ["--wide", "-h", "--dyn-syms", file], { encoding: "utf8" });
      assert.match(read, /Machine:\s+ARM/);
      assert.match(read, /hard-float ABI/);
      assert.match(read, new RegExp(`node_register_module_v${abi}\\b`));
    }
  });

  it("has no module of another processor", { skip }, () => {
    const modules = readdirSync(installed, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith(".node"),
    );
    assert.ok(modules.length >= 4);
    for (const path of modules) {
      const header = execFileSync("readelf", ["-h", join(installed, path)], { encoding: "utf8" });
      assert.match(header, /Machine:\s+ARM/, path);
    }
  });

  it("runs: the command tells its version, a service without a configuration ends with 2", { skip }, () => {
    const { version } = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
    assert.match(program("fulltrace.cjs", "--version").stdout, new RegExp(version));
    const refused = program("recorder.cjs");
    assert.equal(refused.status, 2, refused.stderr.slice(-1000));
    assert.match(refused.stderr, /--config/);
  });

  it("records, signs and hands over, and is found authentic", { skip }, async (t) => {
    const office = await Office.open(t);
    const { recorderConfig, recorder: dataDir, root } = office.layout;
    // it starts this machine's ffmpeg
    const command = commandOf("recorder.cjs");
    const recorder = new AgentProcess(recorderConfig, dataDir, join(root, "arm.log"), command);
    t.after(() => recorder.abandon());
    await Promise.all([office.receiver.start(), recorder.start(WAIT_MS)]);
    await recorder.waitFor(({ recording }) => (recording?.pre_event_ms ?? 0) > 0, WAIT_MS);
    await recorder.call("record.start", { trigger: "button" });
    await recorder.waitFor(({ recording }) => (recording?.media_ms ?? 0) >= 4000, WAIT_MS);
    await recorder.call("record.stop", { reason: "button" });
    assert.ok((await recorder.call("sync.flush", { timeout_ms: WAIT_MS })).receipted);
    await recorder.stop(WAIT_MS);
    assert.match((await office.verdictOn(dataDir)).verdict, /^authentic/);
  });
});
