import assert from "node:assert/strict";
import { closeSync, openSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { visitLedger } from "../../../crypto/ledger/visit.ts";
import { writeEvidence } from "../../support/ledger/evidence.ts";
import { finished, makeCase } from "../../support/sharing/case-maker.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

test("of several ledgers, the error names the one that is damaged", async (t) => {
  const dataDir = temporaryDirectory(t);
  const file = join(dataDir, "ledger.db");
  const readAll = () => visitLedger(dataDir, (reader) => reader.entries(0, 1_000, 2 ** 30).length);
  writeEvidence(dataDir, finished(makeCase()));
  assert.ok((await readAll()) > 0);

  const fd = openSync(file, "r+");
  writeSync(fd, Buffer.alloc(statSync(file).size - 4096, 0xa5), 0, null, 4096);
  closeSync(fd);
  const named = { code: "database-damaged", message: new RegExp(dataDir) };
  await assert.rejects(readAll, named);
  writeFileSync(file, "no database");
  await assert.rejects(readAll, named);
});
