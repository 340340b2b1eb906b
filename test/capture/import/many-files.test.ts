import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { ImportBench, sha256sum, verdictOf } from "../../support/import/import-bench.ts";
import { SocketRecorder } from "../../support/import/socket-recorder.ts";
import { ManualClock } from "../../support/surroundings.ts";

test("a thread that does not answer is given up: its files get their stops, and another takes its place", async (t) => {
  const clock = new ManualClock();
  const bench = await ImportBench.open(t, { clock, threads: 1 });
  const recorder = await SocketRecorder.plugIn(t, randomBytes(3500));
  const importing = bench.importer.importFile(recorder.order("1"), {
    onProgress: ({ doneBytes }) => {
      recorder.hangs = doneBytes >= 1000;
    },
  });
  while (!recorder.hangs) await new Promise(setImmediate);
  clock.advance(299_000);
  assert.equal(bench.importer.status().active, 1);
  clock.advance(2_000);
  const file = await importing;
  assert.deepEqual([file.reason, file.fileDigest], ["import-stalled", null]);
  recorder.hangs = false;
  const again = await bench.importer.importFile({ ...recorder.order("1"), continues: file.rec });
  assert.equal(again.fileDigest, sha256sum(recorder.content));
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});

test("a file that is preferred does not wait for those that came before it and are not begun", async (t) => {
  const bench = await ImportBench.open(t, { threads: 1, openFiles: 2 });
  const done: string[] = [];
  const importOf = async (serial: string, path: string) => {
    await bench.importer.importFile(bench.file(`${serial}/${path}`, randomBytes(20_000), { serial, path }));
    done.push(`${serial}/${path}`);
  };
  bench.importer.prefer({ serial: "b", path: "marked" });
  const imports = ["a/1", "a/2", "a/3", "b/1", "b/2", "b/marked"].map((name) => {
    const [serial, path] = name.split("/") as [string, string];
    return importOf(serial, path);
  });
  await Promise.all(imports);
  assert.ok(done.indexOf("b/marked") <= 2, done.join());
  assert.equal(done.length, 6);
});

test("one claim is imported once at a time", async (t) => {
  const bench = await ImportBench.open(t);
  const order = bench.file("a.mp4", randomBytes(5000));
  const first = bench.importer.importFile(order);
  await assert.rejects(bench.importer.importFile(order), { code: "import-running" });
  assert.equal((await first).reason, "imported");
});
