import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import { DockingBench } from "../../support/docking/docking-bench.ts";

const content = (text: string) => ({ content: Buffer.from(text), modifiedMs: 1_700_000_000_000 });

describe("a card is wiped", () => {
  it("signs each removal before it happens", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa") };
    bench.memory.allReceipted = true;
    const removed = bench.recorder.remove.bind(bench.recorder);
    let signedBefore = false;
    bench.recorder.remove = async (file) => {
      signedBefore = bench.writer.of("dock.wipe").length === 1;
      await removed(file);
    };
    void bench.insert();
    await bench.until("ready");
    assert.ok(signedBefore);
    await bench.take();
  });

  it("wipes nothing while one file lacks its receipt", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa"), "b.mp4": content("bb") };
    bench.memory.receipted.add("rec-1");
    void bench.insert();
    await bench.until("awaiting-receipts");
    for (let i = 0; i < 5; i++) bench.clock.advance(2000);
    assert.equal(bench.writer.of("dock.wipe").length, 0);
    bench.memory.receipted.add("rec-2");
    await bench.until("ready", 2000);
    assert.equal(bench.writer.of("dock.wipe").length, 2);
    await bench.take();
  });

  it("keeps everything when one file could not be imported, and says why", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa"), "b.mp4": content("bb") };
    bench.memory.allReceipted = true;
    bench.importer.torn.set("b.mp4", "longer-than-claimed");
    void bench.insert();
    assert.deepEqual(await bench.until("kept"), { kind: "kept", reasons: ["not-imported"] });
    assert.equal(Object.keys(bench.recorder.card).length, 2);
    await bench.take();
    assert.deepEqual(bench.writer.of("dock.account")[0]?.skipped, [
      { path: "b.mp4", reason: "longer-than-claimed" },
    ]);
  });

  for (const [reason, arrange] of [
    ["policy", () => new DockingBench({ wipe: "never" })],
    ["on-order", () => new DockingBench({ wipe: "on-order" })],
    [
      "unknown-recorder",
      () => {
        const bench = new DockingBench();
        bench.recorder.identity = { serial: "STRANGER", model: "?" };
        return bench;
      },
    ],
    [
      "cannot-remove",
      () => {
        const bench = new DockingBench();
        bench.recorder.capabilities.delete("remove");
        return bench;
      },
    ],
    [
      "skipped",
      () => {
        const bench = new DockingBench();
        bench.recorder.skipped = [{ kind: "skipped", path: "link", reason: "symlink" }];
        return bench;
      },
    ],
  ] as const) {
    it(`imports and keeps the files of a recorder: ${reason}`, async () => {
      const bench = arrange();
      bench.recorder.card = { "a.mp4": content("aaa") };
      bench.memory.allReceipted = true;
      void bench.insert();
      assert.deepEqual(await bench.until("kept"), { kind: "kept", reasons: [reason] });
      assert.equal(bench.importer.imported.length, 1);
      assert.equal(bench.writer.of("dock.wipe").length, 0);
      await bench.take();
    });
  }

  it("wipes on order what is safe to wipe, and not before", async () => {
    const bench = new DockingBench({ wipe: "on-order" });
    bench.recorder.card = { "a.mp4": content("aaa") };
    bench.memory.allReceipted = true;
    void bench.insert();
    await bench.until("kept");
    bench.docking.orderWipe();
    await bench.until("ready");
    assert.deepEqual(bench.recorder.card, {});
    await bench.take();
  });

  it("imports anew, and keeps, a file whose bytes changed under the same claims", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa") };
    void bench.insert();
    await bench.until("awaiting-receipts");
    bench.recorder.card = { "a.mp4": content("AAA") };
    bench.memory.allReceipted = true;
    const state = await bench.until("kept", 2000);
    assert.deepEqual(state, { kind: "kept", reasons: ["changed-since-import", "not-removed"] });
    assert.equal(bench.importer.imported.length, 2);
    assert.equal(bench.recorder.card["a.mp4"]?.content.toString(), "AAA");
    await bench.take();
  });

  /** A bench whose card has to be made writable, and the spans in which it was. */
  function spannedBench(): { bench: DockingBench; spans: { removed: number; end: string }[] } {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa"), "b.mp4": content("bb") };
    bench.memory.allReceipted = true;
    const spans: { removed: number; end: string }[] = [];
    bench.recorder.withWriting = async (work) => {
      const before = Object.keys(bench.recorder.card).length;
      let end = "done";
      try {
        return await work();
      } catch (error) {
        end = errorCode(error);
        throw error;
      } finally {
        spans.push({ removed: before - Object.keys(bench.recorder.card).length, end });
      }
    };
    return { bench, spans };
  }

  it("in one stretch of writing, which is over before the bay is ready", async () => {
    const { bench, spans } = spannedBench();
    void bench.insert();
    await bench.until("ready");
    assert.deepEqual(spans, [{ removed: 2, end: "done" }]);
    await bench.take();
  });

  it("not beyond its pull: the stretch of writing ends with it", async () => {
    const { bench, spans } = spannedBench();
    bench.recorder.failing("remove", "recorder-gone");
    await bench.insert();
    assert.deepEqual(spans, [{ removed: 0, end: "recorder-gone" }]);
    await bench.take();
  });

  it("not at all when it cannot be written to, and that is no fault", async () => {
    const { bench } = spannedBench();
    bench.recorder.withWriting = async () => {
      throw new AgentError("card-mount-failed", "locked by its switch");
    };
    void bench.insert();
    assert.deepEqual(await bench.until("kept"), { kind: "kept", reasons: ["not-removed"] });
    assert.equal(bench.counters.get("wipe-card-mount-failed"), 1);
    assert.equal(bench.writer.of("dock.wipe").length, 0, "no removal is signed that cannot be");
    await bench.take();
  });
});
