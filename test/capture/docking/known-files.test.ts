import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { DockingBench } from "../../support/docking/docking-bench.ts";
import type { ScriptedCard } from "../../support/docking/scripted-recorder.ts";

const MODIFIED_MS = 1_700_000_000_000;
const content = (text: string) => ({ content: Buffer.from(text), modifiedMs: MODIFIED_MS });
const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** A dock that never wipes and has imported `before`; in its bay is a recorder with `now`, of the same claims. */
function benchWith(recheckFiles: number, before: string[], now: string[]): DockingBench {
  const bench = new DockingBench({ wipe: "never", recheckFiles });
  const card: ScriptedCard = {};
  for (const [i, text] of now.entries()) {
    const path = `${i}.mp4`;
    card[path] = content(text);
    const claim = { serial: "A000001", path, bytes: text.length, modified_ms: MODIFIED_MS };
    bench.memory.remember(claim, { rec: `old-${i}`, fileDigest: digestOf(before[i] ?? "") });
  }
  bench.recorder.card = card;
  bench.memory.allReceipted = true;
  return bench;
}

const pathsOf = (bench: DockingBench) => bench.importer.imported.map(({ claim }) => claim.path).sort();

describe("files that the ledger knows by their claims", () => {
  it("are read again, so many as the dock is told, chosen by chance", async () => {
    const same = Array.from({ length: 50 }, (_, i) => `file ${i + 10}`);
    const read = new Set<string>();
    for (const count of [0, 3]) {
      const bench = benchWith(count, same, same);
      const whole = bench.importer.digestOf.bind(bench.importer);
      read.clear();
      bench.importer.digestOf = async (source) => {
        read.add(source.kind === "path" ? source.path : "");
        return await whole(source);
      };
      void bench.insert();
      await bench.until("kept");
      assert.equal(read.size, count);
      assert.deepEqual(bench.writer.of("dock.doubt"), []);
      await bench.take();
    }
    assert.notDeepEqual([...read].sort(), ["0.mp4", "1.mp4", "2.mp4"]);
  });

  it("once one has other bytes all are read, and what changed is signed, told, imported and kept", async () => {
    const before = Array.from({ length: 20 }, (_, i) => `file ${i + 10}`);
    const now = before.map((text, i) => (i % 2 === 0 ? text : text.toUpperCase()));
    // the one that is chosen first may be good: four of them are bad with all but certainty
    const bench = benchWith(4, before, now);
    void bench.insert();
    const kept = await bench.until("kept");
    assert.deepEqual(kept.kind === "kept" && kept.reasons, ["changed-since-import", "policy"]);
    const changed = now.flatMap((_, i) => (i % 2 === 0 ? [] : [`${i}.mp4`])).sort();
    assert.deepEqual(pathsOf(bench), changed);
    const doubts = bench.writer.of("dock.doubt");
    assert.deepEqual(
      doubts.map((doubt) => doubt.code === "changed-since-import" && doubt.path).sort(),
      changed,
    );
    const [doubt] = doubts;
    assert.ok(doubt?.code === "changed-since-import");
    const at = Number.parseInt(doubt.path, 10);
    assert.deepEqual([doubt.rec, doubt.found], [`old-${at}`, digestOf(now[at] ?? "")]);
    assert.deepEqual(
      bench.alarms.list().map(({ code }) => code),
      ["changed-since-import-3"],
    );
    await bench.take();
    assert.deepEqual(bench.alarms.list(), []);
  });

  it("that changed stay on the card until a person orders their removal", async () => {
    const bench = benchWith(1, ["aaa"], ["bbb"]);
    const parts = { ...bench.parts.policy, wipe: "after-receipts" as const };
    const wiping = new DockingBench(parts, bench);
    wiping.recorder.card = bench.recorder.card;
    void wiping.insert();
    assert.deepEqual(await wiping.until("kept"), { kind: "kept", reasons: ["changed-since-import"] });
    assert.equal(bench.writer.of("dock.wipe").length, 0);
    wiping.docking.orderWipe();
    await wiping.until("ready");
    assert.equal(bench.writer.of("dock.wipe").length, 1);
    await wiping.take();
  });

  it("are known by an older import of the same bytes, and not imported again and again", async () => {
    const bench = benchWith(1, ["aaa"], ["aaa"]);
    const claim = { serial: "A000001", path: "0.mp4", bytes: 3, modified_ms: MODIFIED_MS };
    bench.memory.remember(claim, { rec: "newer", fileDigest: digestOf("bbb") });
    void bench.insert();
    await bench.until("kept");
    assert.deepEqual(bench.importer.imported, []);
    const [file] = [...bench.docking.book.files()];
    assert.equal(file?.fate.kind === "imported" && file.fate.rec, "old-0");
    await bench.take();
  });

  it("that cannot be read again are counted, and no change", async () => {
    const bench = benchWith(1, ["aaa"], ["bbb"]);
    bench.importer.digestOf = async () => {
      throw Object.assign(new Error("bad sector"), { code: "recorder-answer" });
    };
    void bench.insert();
    await bench.until("kept");
    assert.equal(bench.counters.get("recheck-recorder-answer"), 1);
    assert.deepEqual(bench.writer.of("dock.doubt"), []);
    await bench.take();
  });
});

describe("a file whose import was begun in another docking", () => {
  for (const [what, halves, imports] of [
    ["is read once more, and is whole", "aaa", 1],
    ["of another card is not taken for whole: it is imported anew, and that is signed", "Xaa", 2],
  ] as const) {
    it(what, async () => {
      const bench = new DockingBench({ wipe: "never" });
      bench.recorder.card = { "a.mp4": content("aaa"), "b.mp4": content("bb") };
      bench.importer.begun.set("a.mp4", Buffer.from(halves));
      bench.memory.allReceipted = true;
      void bench.insert();
      await bench.until("kept");
      assert.equal(pathsOf(bench).filter((path) => path === "a.mp4").length, imports);
      assert.equal(bench.writer.of("dock.doubt").length, imports - 1);
      const [file] = [...bench.docking.book.files()];
      assert.equal(file?.fate.kind === "imported" && file.fate.fileDigest, digestOf("aaa"));
      await bench.take();
    });
  }
});

describe("files that a recorder removes by itself", () => {
  it("are gone when the ledger holds them, and keep nobody from being ready", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa"), "b.mp4": content("bb") };
    void bench.insert();
    await bench.until("awaiting-receipts");
    delete bench.recorder.card["a.mp4"];
    bench.memory.allReceipted = true;
    await bench.until("ready", 2000);
    await bench.take();
    assert.deepEqual(
      bench.writer.of("dock.wipe").map(({ path }) => path),
      ["b.mp4"],
      "what it removed itself is not said to be wiped",
    );
    const [account] = bench.writer.of("dock.account");
    assert.deepEqual([account?.files, account?.imported, account?.wiped, account?.left_out], [2, 2, 1, 0]);
    const inventory = JSON.parse(String(bench.writer.media.get(account?.inventory ?? "")));
    assert.deepEqual(
      inventory.files.map(({ state }: { state: string }) => state),
      ["gone", "wiped"],
    );
  });

  it("in the very moment of its removal leave the rest to be wiped", async () => {
    const bench = new DockingBench();
    bench.recorder.card = { "a.mp4": content("aaa"), "b.mp4": content("bb") };
    bench.memory.allReceipted = true;
    const remove = bench.recorder.remove.bind(bench.recorder);
    bench.recorder.remove = async (file) => {
      delete bench.recorder.card["a.mp4"];
      await remove(file);
    };
    void bench.insert();
    await bench.until("ready");
    assert.deepEqual(
      [...bench.docking.book.files()].map(({ fate }) => fate.kind),
      ["gone", "wiped"],
    );
    await bench.take();
  });

  it("and that the ledger does not hold are forgotten, as is nothing else", async () => {
    const bench = new DockingBench({ wipe: "never" });
    bench.recorder.card = { "a.mp4": content("aaa"), "torn.mp4": content("bb") };
    bench.importer.torn.set("torn.mp4", "shorter-than-claimed");
    const importFile = bench.importer.importFile.bind(bench.importer);
    bench.importer.importFile = async (order) => {
      const file = await importFile(order);
      if (order.claim.path === "torn.mp4") delete bench.recorder.card["torn.mp4"];
      return file;
    };
    bench.memory.allReceipted = true;
    void bench.insert();
    await bench.until("kept");
    assert.deepEqual(
      [...bench.docking.book.files()].map(({ file }) => file.path),
      ["a.mp4"],
    );
    await bench.take();
  });

  it("and that come back are known by their bytes alone", async () => {
    const bench = new DockingBench({ wipe: "never" });
    bench.recorder.card = { "a.mp4": content("aaa"), "b.mp4": content("bb") };
    void bench.insert();
    await bench.until("awaiting-receipts");
    delete bench.recorder.card["a.mp4"];
    bench.recorder.card["c.mp4"] = content("c");
    const list = bench.recorder.list.bind(bench.recorder);
    bench.recorder.list = async function* (signal) {
      yield* list(signal);
      // the listing after the first finds another file there
      bench.recorder.card["a.mp4"] = content("AAA");
    };
    bench.memory.allReceipted = true;
    const kept = await bench.until("kept", 2000);
    assert.deepEqual(kept.kind === "kept" && kept.reasons, ["changed-since-import", "policy"]);
    assert.deepEqual(pathsOf(bench), ["a.mp4", "a.mp4", "b.mp4", "c.mp4"]);
    await bench.take();
  });
});

describe("a recorder that comes back as a disk", () => {
  for (const [what, before, kept] of [
    [
      "as none that it ever was before is imported, told and kept until a person orders its wiping",
      "A",
      true,
    ],
    ["as the one that it always was is wiped", "B", false],
  ] as const) {
    it(what, async () => {
      const bench = new DockingBench();
      bench.memory.disks.set("A000001", [before]);
      bench.memory.allReceipted = true;
      bench.recorder.capabilities = new Set(["battery", "clock-set", "switch-to-disk"]);
      await bench.insert();
      bench.recorder.capabilities = new Set(["files", "remove"]);
      bench.recorder.identity = { serial: "B", model: "disk" };
      bench.recorder.card = { "a.mp4": content("aaa") };
      void bench.insert();
      if (kept) {
        assert.deepEqual(await bench.until("kept"), { kind: "kept", reasons: ["other-disk"] });
        const [doubt] = bench.writer.of("dock.doubt");
        assert.equal(doubt?.code === "other-disk" && doubt.disk, "B");
        assert.deepEqual(
          bench.alarms.list().map(({ code }) => code),
          ["other-disk-3"],
        );
        bench.docking.orderWipe();
      }
      await bench.until("ready");
      assert.equal(bench.importer.imported.length, 1);
      await bench.take();
      assert.equal(bench.writer.of("dock.doubt").length, kept ? 1 : 0);
      assert.equal(bench.writer.of("dock.inventory").at(-1)?.disk, "B");
      assert.deepEqual(bench.alarms.list(), []);
    });
  }
});
