import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Bay } from "../../../agent/dock/bays/bay.ts";
import type { BayState } from "../../../capture/docking/bay-state.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { DriverName, RecorderDriver } from "../../../drivers/recorders/recorder-driver.ts";
import { DockingBench } from "../../support/docking/docking-bench.ts";
import { ScriptedRecorder } from "../../support/docking/scripted-recorder.ts";
import { eventually } from "../../support/waiting.ts";

/** A bay whose docking is a bench's, and what it came through. */
function openBay(bench: DockingBench): { bay: Bay; states: BayState[] } {
  const states: BayState[] = [];
  const bay = new Bay("3", {
    docking: bench.parts,
    toldWearer: () => undefined,
    preferred: () => new Set(),
    onState: (_bay, state) => states.push(state),
  });
  return { bay, states };
}

/** The recorder under another driver's name. */
function named(recorder: ScriptedRecorder, name: DriverName): RecorderDriver {
  return Object.defineProperty(recorder, "name", { value: name });
}

function plugOf(insertion: number, driver: RecorderDriver) {
  return { insertion, open: async () => driver };
}

const isIn = (bay: Bay, kind: BayState["kind"]) =>
  eventually(`the bay is ${kind}, now ${bay.state.kind}`, () => bay.state.kind === kind);

describe("a bay", () => {
  it("takes the next recorder when what it knew of the last cannot be signed", async () => {
    const bench = new DockingBench();
    const { bay } = openBay(bench);
    bay.plug(plugOf(1, bench.recorder));
    await isIn(bay, "ready");
    const { appendMedia } = bench.writer;
    bench.writer.appendMedia = async () => {
      throw new AgentError("entry-too-large", "dock.inventory");
    };
    bay.unplug(1);
    await isIn(bay, "empty");
    assert.equal(bench.counters.snapshot()["docking-unsigned"], 1);
    bench.writer.appendMedia = appendMedia;
    bay.plug(plugOf(2, new ScriptedRecorder(() => bench.clock.utcMs())));
    await isIn(bay, "ready");
    await bay.close("shutdown");
    assert.equal(bench.writer.of("dock.detach").length, 1);
  });

  it("closes although the disk has no room for what it knows", async () => {
    const bench = new DockingBench();
    const { bay } = openBay(bench);
    bay.plug(plugOf(1, bench.recorder));
    await isIn(bay, "ready");
    bench.writer.full = true;
    bay.unplug(1);
    await bay.close("shutdown");
    assert.equal(bay.state.kind, "empty");
  });

  it("signs once, when there is room again, what it knew of a recorder that was taken from a full dock", async () => {
    const bench = new DockingBench();
    const { bay } = openBay(bench);
    bay.plug(plugOf(1, bench.recorder));
    await isIn(bay, "ready");
    bench.writer.full = true;
    bay.unplug(1);
    bench.clock.advance(10_000);
    bench.writer.full = false;
    await eventually("it is signed", () => {
      bench.clock.advance(10_000);
      return bay.state.kind === "empty";
    });
    assert.deepEqual([bench.writer.of("dock.account").length, bench.writer.of("dock.detach").length], [1, 1]);
  });

  it("goes on with a disk that is back before the last link has ended", async () => {
    const bench = new DockingBench();
    const { bay, states } = openBay(bench);
    const first = named(bench.recorder, "gat947-jieli") as ScriptedRecorder;
    first.capabilities = new Set(["switch-to-disk"]);
    let release = () => {};
    first.close = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    bay.plug(plugOf(1, first));
    await isIn(bay, "switching");
    await eventually("its link is being closed", () => bench.recorder.calls.includes("switchToDisk"));
    bay.unplug(1);
    const disk = new ScriptedRecorder(() => bench.clock.utcMs());
    disk.capabilities = new Set(["files", "remove"]);
    bay.plug(plugOf(2, named(disk, "mass-storage")));
    release();
    await eventually("the disk is listed", () => states.some(({ kind }) => kind === "inventory"));
    assert.equal(bench.writer.of("dock.detach").length, 0);
    await bay.close("shutdown");
    assert.equal(bench.writer.of("dock.attach").length, 1, "one docking over two links");
  });

  it("does not give the files of another recorder to the one that was to come back as a disk", async () => {
    const bench = new DockingBench();
    const { bay } = openBay(bench);
    const first = named(bench.recorder, "gat947-jieli") as ScriptedRecorder;
    first.capabilities = new Set(["switch-to-disk"]);
    bay.plug(plugOf(1, first));
    await eventually("it was told to switch", () => bench.recorder.calls.includes("close"));
    bay.unplug(1);
    const other = new ScriptedRecorder(() => bench.clock.utcMs());
    other.identity = { serial: "B000002", model: "BWC-9" };
    bay.plug(plugOf(2, other));
    await isIn(bay, "ready");
    assert.deepEqual(
      bench.writer.of("dock.attach").map(({ serial }) => serial),
      ["A000001", "B000002"],
    );
    assert.equal(bench.writer.of("dock.detach")[0]?.reason, "no-disk");
    await bay.close("shutdown");
  });
});
