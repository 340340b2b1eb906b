import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { callAgent } from "../../../agent/control/client.ts";
import { AGENT_VERSION } from "../../../agent/version.ts";
import { LedgerReader } from "../../../crypto/ledger/db/reader.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

const PROGRAM = fileURLToPath(new URL("../../../agent/service/recorder.js", import.meta.url));
const CONFIG = `
role = "recorder"
data_dir = "data"
log_level = "fatal"
[device]
model = "BWC-1"
serial = "7"
[camera]
source = "testsrc"
`;

/** The program of a recorder's service, as systemd starts it, until it is told to end. */
async function started(t: TestContext, folder: string) {
  const env = { ...process.env, STATE_DIRECTORY: folder };
  const child = spawn(process.execPath, [PROGRAM, "--config", join(folder, "recorder.toml")], { env });
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "close");
  const status = () => callAgent(join(folder, "data"), "status", {}, { timeoutMs: 5_000 });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the recorder ended with ${child.exitCode}`);
    if (await status().catch(() => null)) break;
    await sleep(100);
  }
  return {
    status,
    end: async () => {
      child.kill("SIGTERM");
      assert.deepEqual((await ended)[0], 0);
    },
  };
}

test("a version that the unit falls back to goes on with the ledger, and with its own configuration", async (t) => {
  const folder = temporaryDirectory(t);
  const file = join(folder, "recorder.toml");
  writeFileSync(file, CONFIG);
  const before = await started(t, folder);
  assert.deepEqual(
    (await before.status()).alarms.map(({ code }) => code),
    [],
  );
  const { dev } = await before.status();
  await before.end();
  // as a newer version leaves it: started with keys that this one does not know
  writeFileSync(join(folder, "configs/last-started"), "999.0.0");
  writeFileSync(file, `${CONFIG}\n[of_next_spring]\nkey = 1\n`);
  const again = await started(t, folder);
  const { alarms, dev: same } = await again.status();
  assert.deepEqual(
    alarms.map(({ code }) => code),
    ["config-kept"],
  );
  assert.match(alarms[0]?.detail ?? "", /of_next_spring/);
  assert.equal(same, dev);
  await again.end();
  assert.equal(readFileSync(join(folder, `configs/${AGENT_VERSION}.toml`), "utf8"), CONFIG);
  const reader = LedgerReader.open(join(folder, "data"));
  t.after(() => reader.close());
  const types = reader.entries(0, reader.size(), 2 ** 30).map(({ body }) => JSON.parse(`${body}`).type);
  assert.equal(types.filter((type) => type === "device.boot").length, 1, "after the first start");
});
