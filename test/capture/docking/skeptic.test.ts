import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Listed } from "../../../drivers/recorders/recorder-driver.ts";
import { DockingBench } from "../../support/docking/docking-bench.ts";
import { eventually } from "../../support/waiting.ts";

const content = (text: string) => ({ content: Buffer.from(text), modifiedMs: 1_700_000_000_000 });

/** A bench whose recorder is ready, its card wiped. */
async function readyBench(): Promise<DockingBench> {
  const bench = new DockingBench();
  bench.recorder.card = { "a.mp4": content("aaa") };
  bench.memory.allReceipted = true;
  void bench.insert();
  await bench.until("ready");
  return bench;
}

describe("a docking, whatever the recorder does", () => {
  it("imports what is recorded in the bay after the card was empty, before it is ready again", async () => {
    const bench = await readyBench();
    bench.memory.allReceipted = false;
    bench.recorder.card["late.mp4"] = content("late");
    await bench.until("awaiting-receipts", 30_000);
    assert.deepEqual(
      bench.importer.imported.map(({ claim }) => claim.path),
      ["a.mp4", "late.mp4"],
    );
    bench.memory.allReceipted = true;
    await bench.until("ready", 2000);
    assert.deepEqual(bench.recorder.card, {});
    await bench.take();
    assert.equal(bench.writer.of("dock.account")[0]?.wiped, 2);
  });

  it("looks at the bytes of a file that comes again under the claims of one that was wiped", async () => {
    const bench = await readyBench();
    bench.recorder.card["a.mp4"] = content("bbb");
    const kept = await bench.until("kept", 30_000);
    assert.deepEqual(kept.kind === "kept" && kept.reasons, ["changed-since-import", "not-removed"]);
    assert.equal(bench.importer.imported.length, 2, "other bytes are another file");
    assert.equal(bench.recorder.card["a.mp4"]?.content.toString(), "bbb");
    await bench.take();
  });

  it("wipes nothing of a card on which a file appeared while receipts were awaited, before that is imported", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa") };
    void bench.insert();
    await bench.until("awaiting-receipts");
    bench.recorder.card["late.mp4"] = content("late");
    bench.memory.receipted.add("rec-1");
    await eventually("the late file is imported", () => {
      bench.clock.advance(2000);
      return bench.importer.imported.length === 2;
    });
    assert.deepEqual(Object.keys(bench.recorder.card), ["a.mp4", "late.mp4"]);
    bench.memory.receipted.add("rec-2");
    await bench.until("ready", 2000);
    await bench.take();
  });

  it("imports both of two files with the same claims, and never takes one for the other", async () => {
    const bench = new DockingBench({ wipe: "never" });
    bench.recorder.card = { one: content("111"), two: content("222") };
    bench.memory.allReceipted = true;
    bench.recorder.list = async function* (): AsyncGenerator<Listed> {
      for (const handle of ["one", "two"])
        yield { kind: "file", file: { handle, path: "a.mp4", bytes: 3, modifiedMs: 1 } };
    };
    void bench.insert();
    await bench.until("kept");
    assert.equal(bench.importer.imported.length, 2);
    await bench.take();
    const digests = [...bench.docking.book.files()].map(({ fate }) =>
      fate.kind === "imported" ? fate.fileDigest : fate.kind,
    );
    assert.equal(new Set(digests).size, 2);
    assert.equal(bench.writer.of("dock.account")[0]?.files, 2);
  });

  it("waits for the bay that a recorder came from to let go of its file", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa") };
    bench.importer.faults.set(
      "a.mp4",
      Array.from({ length: 20 }, () => "import-running"),
    );
    void bench.insert();
    await bench.until("awaiting-receipts", 500);
    assert.equal(bench.importer.imported.length, 1);
    await bench.take();
  });

  it("waits for room to sign who was put in, instead of leaving it until somebody looks", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa") };
    bench.writer.full = true;
    void bench.insert();
    await bench.until("identifying");
    await eventually("the recorder is asked", () => bench.recorder.calls.includes("battery"));
    bench.clock.advance(10_000);
    bench.writer.full = false;
    await bench.until("awaiting-receipts", 10_000);
    await bench.take();
    assert.equal(bench.writer.of("dock.attach").length, 1);
  });

  it("stays ready when the recorder will not be told its next wearer", async () => {
    const bench = await readyBench();
    bench.recorder.capabilities.add("wearer-write");
    bench.recorder.failing("writeWearer", "recorder-refused");
    bench.docking.handOut("110099");
    await eventually("it was tried", () => bench.recorder.calls.includes("writeWearer"));
    await bench.until("ready", 30_000);
    await bench.take();
    assert.equal(bench.writer.of("dock.detach")[0]?.wearer, "110099");
  });

  it("ends a listing with more names than memory is meant for", async () => {
    const bench = new DockingBench();
    const path = `${"x".repeat(1000)}/`;
    bench.recorder.list = async function* (): AsyncGenerator<Listed> {
      for (let i = 0; ; i++) yield { kind: "file", file: { handle: `${i}`, path: path + i, bytes: 1 } };
    };
    void bench.insert();
    const fault = await bench.until("fault");
    assert.equal(fault.kind === "fault" && fault.code, "recorder-listing");
    await bench.take();
  });

  it("ends a listing that tells nothing and never ends, or a little for ever; the next bay goes on", async () => {
    const slowly = async function* (this: void): AsyncGenerator<Listed> {
      for (let i = 0; ; i++) {
        await bench.clock.sleep(5000);
        yield { kind: "file", file: { handle: `${i}`, path: `${i}`, bytes: 1 } };
      }
    };
    const never = async function* (signal: AbortSignal): AsyncGenerator<Listed> {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      yield* [];
    };
    let bench = new DockingBench();
    for (const list of [slowly, never]) {
      bench = new DockingBench();
      bench.recorder.list = list;
      void bench.insert();
      await bench.until("inventory");
      const good = new DockingBench({}, bench);
      good.recorder.identity = { serial: "GOOD", model: "BWC-9" };
      void good.insert();
      await good.until("ready");
      const beganMs = bench.clock.utcMs();
      const fault = await bench.until("fault", 5000);
      assert.equal(fault.kind === "fault" && fault.code, "recorder-listing");
      const tookMs = bench.clock.utcMs() - beganMs;
      assert.ok(tookMs >= 600_000 && tookMs < 700_000, `${tookMs} ms`);
      assert.equal(good.docking.state.kind, "ready");
      await Promise.all([bench.take(), good.take()]);
    }
  });

  it("takes a card of 50,000 files, and no larger one", async () => {
    for (const [files, kind] of [
      [50_000, "kept"],
      [50_001, "fault"],
    ] as const) {
      const bench = new DockingBench({ wipe: "never" });
      bench.recorder.list = async function* (): AsyncGenerator<Listed> {
        for (let i = 0; i < files; i++)
          yield { kind: "file", file: { handle: `${i}`, path: `${i}`, bytes: 1 } };
      };
      bench.memory.importOf = () => ({ rec: "rec-1", fileDigest: "00" });
      bench.memory.allReceipted = true;
      void bench.insert();
      const end = await bench.until(kind);
      if (end.kind === "fault") assert.equal(end.code, "recorder-listing");
      await bench.take();
    }
  });

  it("does not hold up the other bays over a card of 20,000 known files", async () => {
    const bench = new DockingBench({ wipe: "never" });
    const names = Array.from({ length: 20_000 }, (_, i) => `DCIM/${i}.mp4`);
    bench.recorder.list = async function* (): AsyncGenerator<Listed> {
      for (const path of names) yield { kind: "file", file: { handle: path, path, bytes: 3 } };
    };
    bench.memory.importOf = () => ({ rec: "rec-1", fileDigest: "00" });
    bench.memory.allReceipted = true;
    let turns = 0;
    const count = () => {
      turns++;
      if (bench.docking.state.kind !== "kept") setImmediate(count);
    };
    count();
    void bench.insert();
    await bench.until("kept");
    assert.equal(bench.docking.book.totals().imported, 20_000);
    assert.ok(turns > 500, `${turns} turns of the event loop`);
    await bench.take();
  });
});
