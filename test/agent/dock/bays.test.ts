import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Bay } from "../../../agent/dock/bays/bay.ts";
import { Bays } from "../../../agent/dock/bays/bays.ts";
import type { BayStateKind } from "../../../capture/docking/bay-state.ts";
import type { Preferred } from "../../../capture/import/turns/preferences.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { DockingBench } from "../../support/docking/docking-bench.ts";
import { eventually } from "../../support/waiting.ts";

/** Bays over a scripted recorder: what is plugged in where, and what comes of it. */
class BaysBench extends DockingBench {
  readonly preferences: Preferred[] = [];
  readonly ended: Preferred[] = [];
  readonly bays = new Bays({
    docking: this.parts,
    names: new Map([
      ["1-1.1", "1"],
      ["1-1.2", "2"],
    ]),
    prefer: (which) => this.preferences.push(which),
    unprefer: (which) => this.ended.push(which),
    onState: () => undefined,
  });
  #insertion = 0;

  /** Plugs the recorder in; answers the insertion. */
  plug(port: string, open = async () => this.recorder): number {
    const insertion = ++this.#insertion;
    this.bays.plug(port, { insertion, open });
    return insertion;
  }

  async bayIs(name: string, kind: BayStateKind, stepMs = 0): Promise<Bay> {
    await eventually(`bay ${name} is ${kind}, now ${JSON.stringify(this.bays.find(name).state)}`, () => {
      if (stepMs > 0) this.clock.advance(stepMs);
      return this.bays.find(name).state.kind === kind;
    });
    return this.bays.find(name);
  }
}

describe("the bays of a dock", () => {
  it("are named by the port they are wired to, or by the port itself", async () => {
    const bench = new BaysBench();
    const insertion = bench.plug("1-1.2");
    await bench.bayIs("2", "ready");
    bench.bays.unplug("1-1.2", insertion);
    bench.plug("7-3");
    await bench.bayIs("7-3", "ready");
    assert.deepEqual(
      bench.bays.list().map(({ name }) => name),
      ["1", "2", "7-3"],
    );
    await bench.bays.close("shutdown");
  });

  it("are found by name, or by the serial of what is in them; others are told what there is", async () => {
    const bench = new BaysBench();
    bench.plug("1-1.1");
    await bench.bayIs("1", "ready");
    assert.equal(bench.bays.find("A000001").name, "1");
    assert.throws(() => bench.bays.find("9"), { code: "bay-unknown", next: "bays: 1, 2" });
    assert.throws(() => bench.bays.serialIn("2"), { code: "bay-empty" });
    await bench.bays.close("shutdown");
  });

  it("sign a docking to its end when the dock shuts down, and are empty then", async () => {
    const bench = new BaysBench();
    bench.plug("1-1.1");
    await bench.bayIs("1", "ready");
    await bench.bays.close("shutdown");
    assert.equal(bench.writer.of("dock.detach")[0]?.reason, "shutdown");
    assert.equal(bench.bays.find("1").state.kind, "empty");
  });

  it("a pull that the bus tells of late, for an insertion that is over, pulls nothing", async () => {
    const bench = new BaysBench();
    const first = bench.plug("1-1.1");
    await bench.bayIs("1", "ready");
    bench.plug("1-1.1");
    await eventually("the first docking is signed", () => bench.writer.of("dock.detach").length === 1);
    await bench.bayIs("1", "ready");
    bench.bays.unplug("1-1.1", first);
    assert.equal(bench.bays.find("1").state.kind, "ready");
    await bench.bays.close("shutdown");
  });

  it("wait for a device that needs a moment before it can be opened", async () => {
    const bench = new BaysBench();
    let refusals = 3;
    bench.plug("1-1.1", async () => {
      if (refusals-- > 0) throw new AgentError("usb-busy", "port 1-1.1");
      return bench.recorder;
    });
    await bench.bayIs("1", "ready", 1000);
    await bench.bays.close("shutdown");
  });

  it("refuse what is no recorder until it is pulled, and are good for the next one", async () => {
    const bench = new BaysBench();
    const keyboard = bench.plug("1-1.1", async () => {
      throw new AgentError("not-a-recorder", "input-device");
    });
    const bay = await bench.bayIs("1", "refused");
    assert.equal(bay.docking, null);
    bench.bays.unplug("1-1.1", keyboard);
    await bench.bayIs("1", "empty");
    assert.deepEqual(bench.writer.entries, []);
    bench.plug("1-1.1");
    await bench.bayIs("1", "ready");
    await bench.bays.close("shutdown");
  });

  it("go on with the same docking when a recorder comes back as a disk, and end it when it does not", async () => {
    const bench = new BaysBench();
    bench.recorder.capabilities = new Set(["clock-set", "switch-to-disk"]);
    const first = bench.plug("1-1.1");
    await bench.bayIs("1", "switching");
    bench.bays.unplug("1-1.1", first);
    bench.recorder.name = "mass-storage";
    bench.recorder.capabilities = new Set(["files"]);
    bench.recorder.identity = { serial: "volume", model: "disk" };
    const disk = bench.plug("1-1.1");
    const bay = await bench.bayIs("1", "cleared");
    assert.equal(bay.docking?.introduced?.identity.serial, "A000001");
    bench.bays.unplug("1-1.1", disk);
    await bench.bayIs("1", "empty");
    assert.equal(bench.writer.of("dock.attach").length, 1);

    bench.recorder.name = "gat947-jieli";
    bench.recorder.capabilities = new Set(["clock-set", "switch-to-disk"]);
    bench.recorder.identity = { serial: "A000001", model: "BWC-9" };
    const gone = bench.plug("1-1.1");
    await bench.bayIs("1", "switching");
    bench.bays.unplug("1-1.1", gone);
    await bench.bayIs("1", "empty", 5000);
    assert.equal(bench.writer.of("dock.detach").at(-1)?.reason, "no-disk");
  });

  it("take a badge for the recorder that is put in, or taken out, within a minute of it", async () => {
    const bench = new BaysBench();
    bench.recorder.wearer = { id: "" };
    bench.bays.badge("had-it");
    const insertion = bench.plug("1-1.1");
    await bench.bayIs("1", "ready");
    assert.equal(bench.writer.of("dock.attach")[0]?.wearer, "had-it");
    bench.bays.badge("takes-it");
    bench.bays.unplug("1-1.1", insertion);
    await bench.bayIs("1", "empty");
    assert.equal(bench.writer.of("dock.detach")[0]?.wearer, "takes-it");

    bench.bays.badge("too-early");
    bench.clock.advance(61_000);
    bench.plug("1-1.1");
    await bench.bayIs("1", "ready");
    assert.equal(bench.writer.of("dock.attach")[1]?.wearer, undefined);
    bench.bays.badge("just-put-in");
    assert.equal(bench.bays.find("1").docking?.wearer, "just-put-in");
    await bench.bays.close("shutdown");
  });

  it("hand a preference to the importer for as long as the docking lasts", async () => {
    const bench = new BaysBench();
    bench.plug("1-1.1");
    await bench.bayIs("1", "ready");
    bench.bays.prefer("1", "a.mp4");
    bench.bays.prefer("A000001");
    bench.bays.prefer("A000001");
    const told = [{ serial: "A000001", path: "a.mp4" }, { serial: "A000001" }];
    assert.deepEqual(bench.preferences, [...told, { serial: "A000001" }]);
    assert.deepEqual(bench.ended, [], "as long as it is there");
    await bench.bays.close("shutdown");
    assert.deepEqual(bench.ended, told, "each once, and no longer than its docking");
  });
});
