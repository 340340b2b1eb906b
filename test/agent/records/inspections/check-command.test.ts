import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ControlServer } from "../../../../agent/control/server.ts";
import { Counters } from "../../../../config/base/counters.ts";
import { createLogger } from "../../../../config/base/logger.ts";
import { deviceVkey, formatVkey } from "../../../../crypto/keys/vkey.ts";
import { verifyDirectory } from "../../../../crypto/ledger/verify/verify-directory.ts";
import { readTrust } from "../../../../crypto/proof/trust.ts";
import { assertFitsSchema } from "../../../support/cli-schema.ts";
import { fulltrace } from "../../cli/command-line.ts";
import { HOUR, Office, WITNESS_KEY } from "./office.ts";

test("fulltrace check draws, lists, takes a result and draws again; the ledger stays authentic", async (t) => {
  const office = new Office(t);
  const { dataDir } = office.device;
  const log = createLogger("silent", "test");
  const { handlers } = office;
  const server = await ControlServer.listen({ dataDir, handlers, log, counters: new Counters() });
  t.after(() => server.close());
  const json = async (command: string, ...args: string[]) => {
    const { stdout, stderr } = await fulltrace([...command.split(" "), ...args, "--data", dataDir, "--json"]);
    assert.notEqual(stdout, "", stderr);
    const printed = JSON.parse(stdout);
    assertFitsSchema(command, printed);
    return printed;
  };
  const { fromMs, toMs } = office.month();
  const period = `${new Date(fromMs).toISOString()}..${new Date(toMs).toISOString()}`;
  const early = await fulltrace(["check", "draw", "--period", period, "--rate", "5%", "--data", dataDir]);
  assert.deepEqual([early.exit, /draw-too-early/.test(early.stderr)], [1, true]);
  office.device.clock.advance(HOUR);
  office.cosign();

  const { draw, drawn, candidates } = await json(
    "check draw",
    "--period",
    period,
    "--rate",
    "2.5%",
    "--at-least",
    "2",
  );
  assert.deepEqual([drawn, candidates], [2, 40]);
  const { draws } = await json("check list");
  const [{ item }] = draws[0].items;
  await json(
    "check result",
    draw,
    item.slice(0, 13),
    "--finding",
    "defect",
    "--defect",
    "muted",
    "--by",
    "110007",
  );
  const shown = await json("check show", draw.slice(0, 8));
  assert.deepEqual(
    shown.items.map(({ finding }: { finding: string }) => finding),
    ["defect", "open"],
  );
  const trust = join(dataDir, "trust.toml");
  const [device, witness] = [deviceVkey(office.reader.deviceKey), WITNESS_KEY].map(formatVkey);
  writeFileSync(trust, `quorum = 1\ndevice = ["${device}"]\nwitness = ["${witness}"]\n`);
  const verified = await json("check verify", draw, "--trust", trust);
  assert.deepEqual([verified.holds, verified.sample.length], [true, 2]);
  const zh = await fulltrace(["check", "list", "--data", dataDir, "--lang", "zh"]);
  assert.match(zh.stdout, /录制 .* 待检查/);

  const { problems } = await verifyDirectory({
    dataDir,
    trust: readTrust(trust),
    trustReceipts: false,
    allowPurged: false,
    workers: 1,
  });
  // the recordings of this test have no stop; nothing else is amiss
  assert.deepEqual([...new Set(problems.map(({ code }) => code))], ["recording-open"]);
});
