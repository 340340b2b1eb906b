import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DockingBench } from "../../support/docking/docking-bench.ts";
import { eventually } from "../../support/waiting.ts";

const content = (text: string) => ({ content: Buffer.from(text), modifiedMs: 1_700_000_000_000 });

/** A recorder in bay 3 whose card is in the ledger, and one of the same serial for bay 4. */
async function twoOfOneSerial(): Promise<{ first: DockingBench; second: DockingBench }> {
  const first = new DockingBench();
  first.recorder.card = { "a.mp4": content("aaa") };
  void first.insert();
  await first.until("awaiting-receipts");
  const second = new DockingBench({}, first);
  second.recorder.card = { "a.mp4": content("bbb") };
  return { first, second };
}

const codes = ({ alarms }: DockingBench) => alarms.list().map(({ code }) => code);

describe("two recorders of one serial", () => {
  it("the second is refused, signed and told; nothing of it is imported under the first's name", async () => {
    const { first, second } = await twoOfOneSerial();
    const run = second.insert();
    assert.deepEqual(await second.until("refused"), {
      kind: "refused",
      code: "recorder-twice",
      detail: "A000001 is in bay 3",
    });
    assert.deepEqual(codes(first), ["recorder-twice"]);
    const [doubt] = first.writer.of("dock.doubt");
    assert.deepEqual(
      { ...doubt },
      { type: "dock.doubt", bay: "4", serial: "A000001", code: "recorder-twice", other: "3" },
    );
    assert.equal(second.importer.imported.length, 0);
    await second.take();
    await run;
    assert.deepEqual(codes(first), []);
    assert.equal(first.writer.of("dock.attach").length, 1, "the second was never docked");
    await first.take();
  });

  it("nothing is wiped while both are there, and is when one was taken", async () => {
    const { first, second } = await twoOfOneSerial();
    void second.insert();
    await second.until("refused");
    first.memory.allReceipted = true;
    assert.deepEqual(await first.until("kept", 2000), { kind: "kept", reasons: ["recorder-twice"] });
    assert.equal(first.writer.of("dock.wipe").length, 0);
    assert.equal(first.docking.isAlone, false);
    await second.take();
    await first.until("ready", 30_000);
    assert.deepEqual(first.recorder.card, {});
    assert.deepEqual(Object.keys(second.recorder.card), ["a.mp4"]);
    await first.take();
  });

  it("a wipe stops before the next removal when the second is put in", async () => {
    const first = new DockingBench();
    first.recorder.card = { "a.mp4": content("aaa"), "b.mp4": content("bb") };
    first.memory.allReceipted = true;
    const second = new DockingBench({}, first);
    const { digestOf } = first.importer;
    let read = 0;
    first.importer.digestOf = async (source) => {
      // what is read when the ledger has both is read to be wiped
      if (first.docking.state.kind === "clearing" && ++read === 2) {
        void second.insert();
        await second.until("refused");
      }
      return await digestOf.call(first.importer, source);
    };
    void first.insert();
    const kept = await first.until("kept");
    assert.deepEqual(kept.kind === "kept" && kept.reasons, ["recorder-twice", "not-removed"]);
    assert.equal(first.writer.of("dock.wipe").length, 1);
    assert.deepEqual(Object.keys(first.recorder.card), ["b.mp4"]);
    await second.take();
    await first.until("ready", 30_000);
    await first.take();
  });

  it("a recorder that goes from one bay to another is not there twice", async () => {
    const first = new DockingBench();
    void first.insert();
    await first.until("ready");
    const second = new DockingBench({}, first);
    const hold = first.writer.hold();
    const taken = first.take();
    void second.insert();
    await eventually("it is asked who it is", () => second.recorder.calls.includes("identify"));
    hold();
    await taken;
    await second.until("ready");
    assert.equal(first.writer.of("dock.doubt").length, 0);
    await second.take();
  });

  it("afterwards no file of that serial is known by its claims alone", async () => {
    for (const isDoubted of [true, false]) {
      const bench = new DockingBench({ wipe: "never" });
      bench.recorder.card = { "a.mp4": content("bbb") };
      const claim = { serial: "A000001", path: "a.mp4", bytes: 3, modified_ms: 1_700_000_000_000 };
      bench.memory.remember(claim, { rec: "rec-0", fileDigest: "00".repeat(32) });
      if (isDoubted) bench.memory.doubted.add("A000001");
      bench.memory.allReceipted = true;
      void bench.insert();
      await bench.until("kept");
      assert.equal(bench.importer.imported.length, isDoubted ? 1 : 0);
      assert.equal(bench.writer.of("dock.doubt").length, isDoubted ? 1 : 0);
      await bench.take();
    }
  });
});
