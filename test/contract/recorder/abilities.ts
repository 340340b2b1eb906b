import assert from "node:assert/strict";
import { claimedPath } from "../../../drivers/recorders/claimed-path.ts";
import { ANSWER_MS, CALLS, going, MODIFIED_MS, NO_FILE, refuses, within, withRecorder } from "./calls.ts";
import type { RecorderCheck } from "./under-test.ts";

/** No recorder keeps parts of a second, and setting it takes a moment. */
const CLOCK_STEP_MS = 2_000;

export const abilityChecks = {
  "tells who it is, in bounds and the same each time": (make) =>
    withRecorder(make, [], async ({ driver }) => {
      const identity = await within(ANSWER_MS, "identify", driver.identify(going()));
      for (const text of [identity.serial, identity.model, identity.firmware ?? "-"]) {
        assert.ok(text.length > 0 && text.length <= 64, `${text.length} letters: ${text}`);
        assert.equal(claimedPath(text), text, "a text that is not harmless");
      }
      assert.deepEqual(await driver.identify(going()), identity);
    }),

  "throws unsupported for all that it does not declare": (make) =>
    withRecorder(make, [], async ({ driver }) => {
      for (const { needs, call } of CALLS) {
        if (needs === null || driver.capabilities.has(needs)) continue;
        await refuses("unsupported", needs, within(ANSWER_MS, needs, call(driver, NO_FILE, going())));
      }
      await driver.identify(going());
    }),

  "tells a battery between 0 and 100": (make) =>
    withRecorder(make, [], async ({ driver }) => {
      if (!driver.capabilities.has("battery")) return;
      const { percent, milliVolts } = await driver.battery(going());
      assert.ok(percent >= 0 && percent <= 100, `${percent} %`);
      assert.ok(milliVolts === undefined || (milliVolts > 0 && milliVolts < 100_000), `${milliVolts} mV`);
    }),

  "reads the recorder's clock as UTC": (make) =>
    withRecorder(make, [], async ({ driver, clockMs }) => {
      if (!driver.capabilities.has("clock-read") || clockMs === undefined) return;
      const readMs = await driver.readClock(going());
      assert.ok(Math.abs(readMs - clockMs()) <= CLOCK_STEP_MS, `${readMs} for ${clockMs()}`);
    }),

  "sets the recorder's clock, and what it reads afterwards is what was set": (make) =>
    withRecorder(make, [], async ({ driver, clockMs }) => {
      if (!driver.capabilities.has("clock-set") || clockMs === undefined) return;
      for (const utcMs of [MODIFIED_MS, Date.UTC(2027, 0, 1, 0, 0, 0) - 4 * 3_600_000]) {
        await driver.setClock(utcMs, going());
        assert.ok(Math.abs(clockMs() - utcMs) <= CLOCK_STEP_MS, `${clockMs()} for ${utcMs}`);
        if (!driver.capabilities.has("clock-read")) continue;
        assert.ok(Math.abs((await driver.readClock(going())) - utcMs) <= CLOCK_STEP_MS);
      }
    }),

  "reads back the wearer that was written": (make) =>
    withRecorder(make, [], async ({ driver }) => {
      const { capabilities } = driver;
      if (capabilities.has("wearer-read")) {
        const { id } = await driver.readWearer(going());
        assert.ok(id.length <= 64, `${id.length} letters`);
      }
      if (!capabilities.has("wearer-write")) return;
      await driver.writeWearer({ id: "012345", name: "张三" }, going());
      if (!capabilities.has("wearer-read")) return;
      const wearer = await driver.readWearer(going());
      assert.equal(wearer.id, "012345");
      assert.equal(wearer.name, "张三");
    }),

  "shows every lamp that it declares": (make) =>
    withRecorder(make, [], async ({ driver }) => {
      if (!driver.capabilities.has("lamp")) return;
      for (const lamp of ["off", "busy", "waiting", "ready", "kept", "fault"] as const)
        await driver.showLamp(lamp, going());
    }),

  "restarts and switches to disk if it declares it": async (make) => {
    await withRecorder(make, [], async ({ driver }) => {
      if (driver.capabilities.has("restart")) await within(ANSWER_MS, "restart", driver.restart(going()));
    });
    await withRecorder(make, [], async ({ driver }) => {
      if (!driver.capabilities.has("switch-to-disk")) return;
      await within(ANSWER_MS, "switchToDisk", driver.switchToDisk(going()));
    });
  },
} satisfies Record<string, RecorderCheck>;
