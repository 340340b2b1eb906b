import assert from "node:assert/strict";
import { join } from "node:path";
import { it, type TestContext } from "node:test";
import Database from "better-sqlite3";
import { deviceVkey } from "../../../crypto/keys/vkey.ts";
import { verifyDirectory } from "../../../crypto/ledger/verify/verify-directory.ts";
import { openEvidence } from "../../../scripts/bench/ledger/evidence.ts";
import { LedgerMaker } from "../../../scripts/bench/ledger/make-ledger.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

function madeLedger(t: TestContext): LedgerMaker {
  const maker = LedgerMaker.begin(join(temporaryDirectory(t), "ledger"));
  maker.growTo(1500);
  return maker;
}

async function verify({ dataDir, deviceKey }: LedgerMaker) {
  const trust = { quorum: 0, devices: [deviceVkey(deviceKey.publicKey)], witnesses: [], custody: [] };
  const { verdict, size, problems } = await verifyDirectory({ dataDir, trust });
  return { verdict, size, codes: problems.map(({ code }) => code) };
}

it("a ledger made for the benchmark is a good one", async (t) => {
  assert.deepEqual(await verify(madeLedger(t)), {
    verdict: "authentic-unwitnessed-tail",
    size: 1500,
    codes: [],
  });
});

it("the real writer goes on with it", async (t) => {
  const maker = madeLedger(t);
  const evidence = openEvidence(maker.dataDir);
  evidence.append({ type: "device.heartbeat", free_bytes: 1, recording: false });
  evidence.close("test");
  evidence.end();
  // boot epoch, device.boot, the heartbeat and ledger.close
  assert.deepEqual(await verify(maker), { verdict: "authentic-unwitnessed-tail", size: 1504, codes: [] });
});

it("a signature changed in it is found", async (t) => {
  const maker = madeLedger(t);
  const db = new Database(join(maker.dataDir, "ledger.db"));
  db.exec("DROP TRIGGER entries_never_change");
  db.exec("UPDATE entries SET sigs = (SELECT sigs FROM entries WHERE seq = 700) WHERE seq = 701");
  db.close();
  const { verdict, codes } = await verify(maker);
  assert.equal(verdict, "altered");
  assert.ok(codes.length === 1, codes.join());
});
