import assert from "node:assert/strict";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import { Office } from "../support/agents/office.ts";

test("an old disk put back is noticed: its ledger is set aside, a new one follows it, and recording goes on", async (t) => {
  const office = await Office.open(t);
  const { recorder, receiver, layout } = office;
  await receiver.start();
  await recorder.start();
  await office.record(1000);
  await office.settle();
  await recorder.stop();
  const old = join(layout.root, "old-disk");
  cpSync(layout.recorder, old, { recursive: true });
  await recorder.start();
  await office.record(1000);
  await office.settle();
  await recorder.stop();

  rmSync(layout.recorder, { recursive: true });
  cpSync(old, layout.recorder, { recursive: true });
  await recorder.start();
  const { dev, alarms } = await recorder.waitFor(({ dev: now }) => now !== layout.dev, 30_000);
  assert.ok(alarms.some(({ code }) => code === "ledger-replaced"));
  await office.record(1000);
  await recorder.stop();
  await receiver.stop();

  const successor = LedgerReader.open(layout.recorder);
  const archived = LedgerReader.open(join(layout.recorder, "archive", layout.dev));
  assert.equal(successor.dev, dev);
  const follows = successor.body(0).follows as { dev: string; size: number; root: string };
  assert.deepEqual(follows, {
    dev: layout.dev,
    size: follows.size,
    root: archived.root(follows.size).toString("hex"),
  });
  assert.equal(successor.recordings.all().length, 1);
  // what the receiver had is as good as before, and the rolled-back copy is told from it
  const { verdict } = await office.verdictOn(layout.replica);
  assert.equal(verdict, "authentic");
});
