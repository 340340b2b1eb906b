import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { Alarms } from "../../../agent/alarms.ts";
import type { Standing } from "../../../agent/update/rules/gate.ts";
import { UpdatingClient } from "../../../agent/update/service/updating-client.ts";
import { TrialBook } from "../../../agent/update/trial/trial-book.ts";
import { Updates } from "../../../agent/update/updates.ts";
import { createLogger } from "../../../config/base/logger.ts";
import type { UpdateStep } from "../../../crypto/entry/ledger-types.ts";
import { ManualClock } from "../../support/surroundings.ts";
import { simulatedBundle } from "../../support/update/simulated-rauc.ts";
import { NOTHING_TO_FETCH, updatingUnit } from "../../support/update/updating-unit.ts";
import { eventually } from "../../support/waiting.ts";

const { signal } = new AbortController();
const DEV = "d".repeat(32);

async function unit(t: TestContext) {
  const slots = await updatingUnit(t);
  const standing: Standing = { recording: false, powered: true, batteryPct: 90, receipted: true };
  const clock = new ManualClock();
  const written: UpdateStep[] = [];
  const alarms = new Alarms(clock, createLogger("silent", "test"));
  const updates = new Updates({
    config: { socket: slots.socket, leastBatteryPct: 50, trialMs: 60_000 },
    dataDir: slots.folder,
    dev: DEV,
    orderKeys: [],
    fetching: NOTHING_TO_FETCH,
    client: new UpdatingClient(slots.socket),
    standing: async () => ({ ...standing }),
    health: { camera: () => true, ledger: async () => true, receiver: () => true },
    isRecording: () => standing.recording,
    write: async (step) => void written.push(step),
    alarms,
    clock,
    log: createLogger("silent", "test"),
  });
  t.after(() => updates.stop());
  const handlers = updates.handlers();
  const install = async () => await handlers["update.install"]?.({}, signal);
  const status = async () => {
    const told = await handlers["update.status"]?.({}, signal);
    if (told === undefined) throw new Error("no status");
    return told;
  };
  return { ...slots, standing, clock, written, alarms, updates, install, status };
}

test("an update that may go is installed, is on trial, and the unit restarts into it", async (t) => {
  const { bundle, rauc, restarts, written, install, status, folder, clock } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  assert.deepEqual(await install(), { version: "1.1.0" });
  await eventually("restart", () => {
    clock.advance(5_000);
    return restarts.count === 1;
  });
  assert.equal(rauc.held.B?.version, "1.1.0");
  assert.deepEqual(
    written.map(({ state, version }) => [state, version]),
    [
      ["begun", "1.1.0"],
      ["installed", "1.1.0"],
    ],
  );
  const told = await status();
  assert.equal(told.trial, "1.1.0");
  assert.deepEqual(new TrialBook(folder).read(), { version: "1.1.0", from: "A" });
  await assert.rejects(install(), { code: "update-busy" });
});

test("while a slot is being written, what was there before is told", async (t) => {
  const { bundle, rauc, install, status, written } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  let go = () => {};
  const asked = new Promise<void>((resolve) => {
    rauc.whileWriting = () => {
      resolve();
      return new Promise((done) => {
        go = done;
      });
    };
  });
  await install();
  await asked;
  const { doing, version, slots } = await status();
  assert.deepEqual([doing, version, slots.length], ["installing", "1.0.0", 2]);
  go();
  await eventually("installed", () => written.at(-1)?.state === "installed");
});

test("nothing is touched while anything is in the way, and all of it is told", async (t) => {
  const { bundle, rauc, standing, install, status, written } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  Object.assign(standing, { recording: true, receipted: false });
  await assert.rejects(install(), { code: "update-blocked", place: "recording, evidence-at-risk" });
  assert.deepEqual((await status()).obstacles, ["recording", "evidence-at-risk"]);
  assert.equal(rauc.held.B, null);
  assert.deepEqual(written, []);
});

test("a unit that is taken out while it is written records first and restarts later", async (t) => {
  const { bundle, rauc, standing, install, status, restarts, clock, written } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  rauc.whileWriting = async () => void Object.assign(standing, { powered: false, recording: true });
  await install();
  await eventually("installed", () => written.at(-1)?.state === "installed");
  clock.advance(60_000);
  await status();
  assert.equal(restarts.count, 0);
  Object.assign(standing, { powered: true, recording: false });
  await eventually("restart", () => {
    clock.advance(5_000);
    return restarts.count === 1;
  });
});

test("what the service refuses is told, signed and forgotten, and the next one may come", async (t) => {
  const { bundle, rauc, install, status, written, alarms, folder, restarts, clock } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0", { signed: false }));
  await assert.rejects(install(), { code: "bundle-unsigned" });
  writeFileSync(bundle, simulatedBundle("1.1.0", { compatible: "fulltrace-recorder-other" }));
  await install();
  await eventually("refused", () => written.at(-1)?.state === "refused");
  assert.equal((await status()).failure?.code, "bundle-other-board");
  assert.deepEqual(
    written.map(({ state, reason }) => [state, reason ?? null]),
    [
      ["begun", null],
      ["refused", "bundle-other-board"],
    ],
  );
  assert.ok(alarms.list().some(({ code }) => code === "update-failed"));
  assert.equal(new TrialBook(folder).read(), null);
  assert.equal(restarts.count, 0);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  await install();
  await eventually("restart", () => {
    clock.advance(5_000);
    return restarts.count === 1;
  });
  assert.equal(rauc.held.B?.version, "1.1.0");
});

test("a slot that was written is on trial, whatever was heard of it, and a restart that fails is ordered again", async (t) => {
  const { bundle, rauc, install, status, restarts, clock, written, folder } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  restarts.fail = 2;
  await install();
  await eventually("restart", () => {
    clock.advance(5_000);
    return restarts.count === 1;
  });
  assert.equal(restarts.fail, 0);
  assert.equal((await status()).failure, null);
  assert.equal(written.at(-1)?.state, "installed");
  assert.deepEqual(new TrialBook(folder).read(), { version: "1.1.0", from: "A" });
  assert.equal(rauc.held.B?.version, "1.1.0");
});

test("an answer that is lost after the slot was written does not end its trial", async (t) => {
  const { bundle, rauc, install, folder, alarms, status } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  rauc.afterWriting = async () => {
    throw new Error("the connection is gone");
  };
  await install();
  await eventually("written", () => rauc.held.B !== null);
  await status();
  assert.deepEqual(new TrialBook(folder).read(), { version: "1.1.0", from: "A" });
  assert.deepEqual(alarms.list(), []);
});

test("what an earlier update left in the slot is not taken for a new one that was refused", async (t) => {
  const { bundle, rauc, install, folder, written, restarts, clock } = await unit(t);
  // it fell back once: its tries are spent
  rauc.held.B = { compatible: "fulltrace-recorder-test", version: "1.1.0", minimumVersion: "1.1.0" };
  rauc.tries.B = 0;
  writeFileSync(bundle, simulatedBundle("1.1.0", { compatible: "fulltrace-recorder-other" }));
  await install();
  await eventually("refused", () => written.at(-1)?.state === "refused");
  assert.equal(new TrialBook(folder).read(), null);
  clock.advance(60_000);
  assert.equal(restarts.count, 0);
});

test("an agent that must end does not wait for a slot that is being written, and leaves the trial", async (t) => {
  const { bundle, rauc, install, updates, folder } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  const asked = new Promise<void>((resolve) => {
    rauc.whileWriting = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  await install();
  await asked;
  await updates.stop();
  assert.deepEqual(new TrialBook(folder).read(), { version: "1.1.0", from: "A" });
});

test("of two orders at once one is carried out", async (t) => {
  const { bundle, install, written } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  const ends = await Promise.allSettled([install(), install()]);
  assert.deepEqual(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  await eventually("installed", () => written.at(-1)?.state === "installed");
  assert.equal(written.filter(({ state }) => state === "begun").length, 1);
});

test("a unit without the updating service says so and does nothing", async (t) => {
  const { standing, clock, alarms, folder } = await unit(t);
  const absent = `${folder}/absent.sock`;
  const updates = new Updates({
    config: { socket: absent, leastBatteryPct: 50, trialMs: 60_000 },
    dataDir: folder,
    dev: DEV,
    orderKeys: [],
    fetching: NOTHING_TO_FETCH,
    client: new UpdatingClient(absent),
    standing: async () => standing,
    health: { camera: () => true, ledger: async () => true, receiver: () => true },
    isRecording: () => false,
    write: async () => assert.fail("nothing is written"),
    alarms,
    clock,
    log: createLogger("silent", "test"),
  });
  updates.start();
  await updates.stop();
  assert.deepEqual(alarms.list(), []);
  await assert.rejects(async () => await updates.handlers()["update.status"]?.({}, signal), {
    code: "update-not-here",
  });
});
