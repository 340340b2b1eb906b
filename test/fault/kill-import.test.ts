import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import { MediaStore } from "../../crypto/media/store.ts";
import { sha256sum, verdictOf } from "../support/import/import-bench.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

const PROGRAM = fileURLToPath(new URL("../support/import/importing-program.js", import.meta.url));

/** Runs the import and kills it after so many chunks; answers whether it came to its end before. */
async function runUntil(folder: string, chunks: number): Promise<boolean> {
  const child = spawn(process.execPath, [PROGRAM, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let seen = 0;
  let isDone = false;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === "done") isDone = true;
    if (line === "chunk" && ++seen === chunks) child.kill("SIGKILL");
  }
  await exited;
  return isDone;
}

test("killed again and again in the middle of imports, every file is whole in the end and nothing is in doubt", async (t) => {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, "card"));
  const contents = new Map(
    [0, 1, 999, 1000, 7000, 12_345].map((bytes) => [`${bytes}.mp4`, randomBytes(bytes)]),
  );
  for (const [name, content] of contents) writeFileSync(join(folder, "card", name), content);
  for (const chunks of [1, 2, 7, 4, 9]) {
    assert.equal(await runUntil(folder, chunks), false);
    assert.equal((await verdictOf(join(folder, "data"))) === "altered", false);
  }
  assert.equal(await runUntil(folder, Number.POSITIVE_INFINITY), true);
  const reader = LedgerReader.open(join(folder, "data"));
  t.after(() => reader.close());
  const store = new MediaStore(join(folder, "data"));
  for (const [name, content] of contents) {
    const row = reader.imports.whole({ serial: "S-1", path: name, bytes: content.length });
    assert.equal(row?.fileDigest, sha256sum(content), name);
    const chunks = reader.media.of(row?.rec as string);
    assert.deepEqual(Buffer.concat(chunks.map(({ digest }) => readFileSync(store.path(digest)))), content);
  }
  assert.equal(await verdictOf(join(folder, "data")), "authentic-unwitnessed-tail");
  assert.deepEqual(readdirSync(join(folder, "data", "partial")), []);
});
