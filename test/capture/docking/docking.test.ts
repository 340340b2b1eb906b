import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DockingBench } from "../../support/docking/docking-bench.ts";
import { eventually } from "../../support/waiting.ts";

const content = (text: string) => ({ content: Buffer.from(text), modifiedMs: 1_700_000_000_000 });

describe("a docking", () => {
  it("leads a known recorder to ready: on time, imported, receipted, wiped, charged", async () => {
    const bench = new DockingBench();
    bench.recorder.offsetMs = -3_600_000;
    bench.recorder.card = { "DCIM/a.mp4": content("aaa"), "DCIM/b.mp4": content("bbbb") };
    const run = bench.insert();
    await bench.until("awaiting-receipts");
    assert.equal(Object.keys(bench.recorder.card).length, 2, "nothing goes before its receipt");
    bench.memory.allReceipted = true;
    await bench.until("ready", 2000);
    assert.deepEqual(bench.recorder.card, {});
    assert.deepEqual(bench.kinds(), [
      "identifying",
      "recognised",
      "setting-clock",
      "inventory",
      "importing",
      "verifying",
      "awaiting-receipts",
      "clearing",
      "ready",
    ]);
    await bench.take();
    assert.deepEqual(await run, { kind: "taken" });
    assert.deepEqual(
      bench.writer.entries.map(({ type }) => type),
      [
        "dock.attach",
        "dock.clock",
        "dock.inventory",
        "dock.wipe",
        "dock.wipe",
        "dock.inventory",
        "dock.account",
        "dock.detach",
      ],
    );
    const [clock] = bench.writer.of("dock.clock");
    assert.deepEqual([clock?.offset_ms, clock?.on_time], [-3_600_000, true]);
    const [account] = bench.writer.of("dock.account");
    assert.deepEqual(
      [account?.files, account?.bytes, account?.imported, account?.fresh, account?.wiped, account?.skipped],
      [2, 7, 2, 2, 2, []],
    );
    const inventory = JSON.parse(String(bench.writer.media.get(account?.inventory ?? "")));
    assert.deepEqual(
      inventory.files.map(({ path, state }: { path: string; state: string }) => [path, state]),
      [
        ["DCIM/a.mp4", "wiped"],
        ["DCIM/b.mp4", "wiped"],
      ],
    );
    assert.equal(bench.recorder.lamps.at(-1), "ready");
  });

  it("knows files of an earlier docking and reads them only to wipe them", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa") };
    void bench.insert();
    await bench.until("awaiting-receipts");
    await bench.take();
    const second = new DockingBench();
    second.recorder.card = bench.recorder.card;
    for (const [claim, known] of bench.memory.imports) second.memory.imports.set(claim, known);
    second.memory.allReceipted = true;
    void second.insert();
    await second.until("ready");
    assert.equal(second.importer.imported.length, 0);
    await second.take();
    assert.deepEqual(
      [second.writer.of("dock.account")[0]?.imported, second.writer.of("dock.account")[0]?.fresh],
      [1, 0],
    );
  });

  it("imports what appears on the card while it is being emptied", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa") };
    const importFile = bench.importer.importFile.bind(bench.importer);
    bench.importer.importFile = async (wish) => {
      bench.recorder.card["late.mp4"] = content("late");
      return await importFile(wish);
    };
    void bench.insert();
    await bench.until("awaiting-receipts");
    assert.deepEqual(
      bench.importer.imported.map(({ claim }) => claim.path),
      ["a.mp4", "late.mp4"],
    );
    await bench.take();
  });

  it("takes preferred files first, then the wearer's important ones, then the newest", async () => {
    const bench = new DockingBench();
    const at = (modifiedMs: number) => ({ content: Buffer.from(`${modifiedMs}`), modifiedMs });
    bench.recorder.card = {
      "old.mp4": at(1),
      "new.mp4": at(9),
      "DCAM_C1_110042_20261123_080000_IMP.mp4": at(2),
      "wanted.mp4": at(3),
    };
    bench.preferred.add("wanted.mp4");
    void bench.insert();
    await bench.until("awaiting-receipts");
    assert.deepEqual(
      bench.importer.imported.map(({ claim }) => claim.path),
      ["wanted.mp4", "DCAM_C1_110042_20261123_080000_IMP.mp4", "new.mp4", "old.mp4"],
    );
    assert.deepEqual(
      bench.importer.imported.map(({ important }) => important),
      [undefined, true, undefined, undefined],
    );
    await bench.take();
  });

  it("is not ready before it is charged, and is then", async () => {
    const bench = new DockingBench();
    bench.recorder.level = { percent: 40 };
    void bench.insert();
    assert.deepEqual(await bench.until("cleared"), { kind: "cleared", wants: ["battery"] });
    bench.recorder.level = { percent: 80 };
    await bench.until("ready", 30_000);
    await bench.take();
  });

  it("is not ready with a clock that cannot be set, and says so", async () => {
    const bench = new DockingBench();
    bench.recorder.failing("setClock", "recorder-refused");
    bench.recorder.offsetMs = 10_000;
    void bench.insert();
    assert.deepEqual(await bench.until("cleared"), { kind: "cleared", wants: ["clock"] });
    assert.equal(bench.writer.of("dock.clock")[0]?.on_time, false);
    await bench.take();
  });

  it("asks again what fails in passing, and gives up what does not", async () => {
    const bench = new DockingBench();
    bench.recorder.failing("identify", "recorder-silent", 2);
    const run = bench.insert();
    await bench.until("ready", 500);
    await bench.take();
    await run;
    const dead = new DockingBench();
    dead.recorder.failing("identify", "recorder-silent", 3);
    void dead.insert();
    const state = await dead.until("fault", 500);
    assert.equal(state.kind === "fault" && state.code, "recorder-silent");
    await dead.take();
    assert.deepEqual(dead.writer.entries, [], "whoever has not said who it is is not signed");
  });

  it("signs what it knows of a recorder that is pulled in the middle", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa"), "b.mp4": content("bb") };
    bench.importer.faults.set("b.mp4", ["recorder-gone"]);
    const run = bench.insert();
    assert.deepEqual(await run, { kind: "taken" });
    await bench.take("pulled");
    const [account] = bench.writer.of("dock.account");
    assert.deepEqual([account?.files, account?.imported, account?.left_out], [2, 1, 1]);
    assert.deepEqual(account?.skipped, [{ path: "b.mp4", reason: "unfinished" }]);
    assert.equal(bench.writer.of("dock.detach")[0]?.reason, "pulled");
    assert.equal(bench.docking.state.kind, "empty");
  });

  it("sends a recorder that must become a disk there, and goes on with what it told before", async () => {
    const bench = new DockingBench();
    bench.recorder.capabilities = new Set(["battery", "clock-set", "wearer-read", "switch-to-disk"]);
    assert.deepEqual(await bench.insert(), { kind: "switched" });
    assert.equal(bench.docking.state.kind, "switching");
    bench.recorder.capabilities = new Set(["files", "remove"]);
    bench.recorder.identity = { serial: "volume-id", model: "disk" };
    bench.recorder.card = { "a.mp4": content("aaa") };
    bench.memory.allReceipted = true;
    void bench.insert();
    await bench.until("ready");
    assert.equal(bench.importer.imported[0]?.claim.serial, "A000001");
    assert.equal(bench.writer.of("dock.attach").length, 1);
    await bench.take();
  });

  it("takes a recorder that drops off the bus when it is to become a disk for a switched one, however that ends", async () => {
    for (const [code, kind] of [
      ["recorder-gone", "switched"],
      ["recorder-refused", "taken"],
    ] as const) {
      const bench = new DockingBench();
      bench.recorder.capabilities = new Set(["battery", "clock-set", "switch-to-disk"]);
      bench.recorder.failing("switchToDisk", code, 1);
      const run = bench.insert();
      if (kind === "taken") {
        await bench.until("fault", 500);
        await bench.take();
      }
      assert.deepEqual(await run, { kind }, code);
    }
  });

  it("waits for room on a full disk instead of giving a file up", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa") };
    bench.importer.faults.set("a.mp4", ["disk-full", "disk-full"]);
    void bench.insert();
    await bench.until("awaiting-receipts", 10_000);
    assert.equal(bench.counters.get("import-disk-full"), 2);
    await bench.take();
  });

  it("asks again for a file that its recorder did not give in time, and not for ever", async () => {
    for (const [times, kind] of [
      [2, "ready"],
      [3, "kept"],
    ] as const) {
      const bench = new DockingBench();
      bench.recorder.card = { "a.mp4": content("aaa") };
      bench.memory.allReceipted = true;
      bench.importer.faults.set(
        "a.mp4",
        Array.from({ length: times }, () => "recorder-silent"),
      );
      void bench.insert();
      await bench.until(kind, 500);
      await bench.take();
    }
  });

  it("names the wearer: the recorder's word, else a person's, else whoever took it last", async () => {
    for (const [own, told, last, expected] of [
      ["110042", "7", "8", "110042"],
      ["", "7", "8", "7"],
      [" ", undefined, "8", "8"],
      ["", undefined, undefined, undefined],
    ] as const) {
      const bench = new DockingBench();
      bench.recorder.wearer = { id: own };
      bench.toldWearer = told;
      if (last !== undefined) bench.memory.wearers.set("A000001", last);
      void bench.insert();
      await bench.until("ready");
      await bench.take();
      assert.equal(bench.writer.of("dock.attach")[0]?.wearer, expected);
      assert.equal(bench.writer.of("dock.detach")[0]?.wearer, undefined, "nobody said who took it");
    }
  });

  it("writes the next wearer into the recorder, and signs who took it", async () => {
    const bench = new DockingBench();
    bench.recorder.capabilities.add("wearer-write");
    void bench.insert();
    await bench.until("ready");
    bench.docking.handOut("220077");
    await eventually("the recorder knows", () => bench.recorder.wearer.id === "220077");
    await bench.take();
    assert.equal(bench.writer.of("dock.attach")[0]?.wearer, "110042");
    assert.equal(bench.writer.of("dock.detach")[0]?.wearer, "220077");
  });
});
