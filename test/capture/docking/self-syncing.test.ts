import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SyncingStanding } from "../../../drivers/recorders/recorder-driver.ts";
import { DockingBench } from "../../support/docking/docking-bench.ts";
import type { ScriptedRecorder } from "../../support/docking/scripted-recorder.ts";

/** Makes the bench's recorder one that syncs by itself and says so. */
function selfSyncing(recorder: ScriptedRecorder): SyncingStanding {
  const standing: SyncingStanding = {
    isRecording: false,
    backlogEntries: 120,
    backlogBytes: 5_000_000,
    oldestMs: 60_000,
    alarms: [],
  };
  recorder.capabilities = new Set(["battery", "clock-read"]);
  recorder.standing = async () => ({ ...standing });
  return standing;
}

describe("a recorder that syncs by itself", () => {
  it("is ready when nothing of its own is left to send, and not before", async () => {
    const bench = new DockingBench();
    const standing = selfSyncing(bench.recorder);
    void bench.insert();
    await bench.until("awaiting-receipts");
    assert.equal(bench.docking.standing?.backlogEntries, 120);
    standing.backlogEntries = 0;
    await bench.until("ready", 30_000);
    await bench.take();
    assert.equal(bench.writer.of("dock.wipe").length, 0);
    const [account] = bench.writer.of("dock.account");
    assert.deepEqual([account?.files, account?.listed], [0, false], "its card is its own ledger's affair");
  });

  it("is not ready while it records, nor with a clock that is off and that nobody here can set", async () => {
    const bench = new DockingBench();
    const standing = selfSyncing(bench.recorder);
    Object.assign(standing, { backlogEntries: 0, isRecording: true });
    bench.recorder.offsetMs = 60_000;
    void bench.insert();
    assert.deepEqual(await bench.until("cleared"), { kind: "cleared", wants: ["clock", "recording"] });
    await bench.take();
  });

  it("goes back to waiting when it has recorded again", async () => {
    const bench = new DockingBench();
    const standing = selfSyncing(bench.recorder);
    standing.backlogEntries = 0;
    void bench.insert();
    await bench.until("ready");
    standing.backlogEntries = 3;
    await bench.until("awaiting-receipts", 30_000);
    await bench.take();
  });
});
