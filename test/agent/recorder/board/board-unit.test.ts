import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  LAMP_SIGNS,
  type LampSign,
  TOUCH_SIGNS,
  type TouchSign,
} from "../../../../agent/recorder/board/signs.ts";
import { UnitRig } from "../../../support/serial/unit-rig.ts";

async function connected(t: TestContext): Promise<UnitRig> {
  const rig = await UnitRig.start(t);
  await rig.until("connected", () => rig.unit.connected !== null && rig.unit.batteryPct !== undefined);
  return rig;
}

/** The sign that a lamp shows now. */
function shown({ sights }: UnitRig, lamp: 0 | 1): LampSign | undefined {
  const last = sights.findLast((sight) => sight.kind === "lamp" && sight.lamp === lamp);
  if (last?.kind !== "lamp") return undefined;
  const signs = Object.entries(LAMP_SIGNS) as [LampSign, (typeof LAMP_SIGNS)[LampSign]][];
  const name = lamp === 0 ? "recording" : "device";
  return signs.find(
    ([, sign]) =>
      sign.lamp === name && JSON.stringify(sign.pattern.steps) === JSON.stringify(last.pattern.steps),
  )?.[0];
}

/** What was felt since `from`. */
function felt({ sights }: UnitRig, from = 0): TouchSign[] {
  const signs = Object.entries(TOUCH_SIGNS) as [TouchSign, (typeof TOUCH_SIGNS)[TouchSign]][];
  return sights.slice(from).flatMap((sight) => {
    if (sight.kind !== "vibration") return [];
    const steps = JSON.stringify(sight.pattern.steps);
    return signs.filter(([, sign]) => JSON.stringify(sign.vibration.steps) === steps).map(([name]) => name);
  });
}

test("a connected board shows that all is ready; a press starts, and the lamp follows", async (t) => {
  const rig = await connected(t);
  await rig.until("ready", () => shown(rig, 0) === "ready");
  assert.deepEqual(rig.unit.status(), {
    connected: true,
    model: "simulated board",
    firmware: "1.0",
    battery_pct: 80,
    battery_mv: 3900,
    charging: "no",
    temperature_tenths_c: 251,
  });
  rig.simulated.press("record", "short");
  await rig.until("recording", () => shown(rig, 0) === "recording");
  rig.unit.notice({ kind: "started", rec: "r" });
  await rig.until("felt", () => felt(rig).includes("started"));
  await rig.pass(121_000);
  assert.deepEqual(felt(rig), ["started", "reminder"]);
  const before = rig.sights.filter(({ kind }) => kind === "lamp").length;
  await rig.pass(10_000);
  assert.equal(
    rig.sights.filter(({ kind }) => kind === "lamp").length,
    before,
    "an unchanged lamp is left alone",
  );
});

test("what a press cannot do is felt", async (t) => {
  const rig = await connected(t);
  rig.simulated.press("photo", "short");
  await rig.until("refused", () => felt(rig).includes("refused"));
  rig.simulated.press("mute", "short");
  await rig.pass(3000);
  assert.deepEqual(felt(rig), ["refused", "refused"]);
});

test("a board that goes is an alarm, and one that comes back shows what is true then", async (t) => {
  const rig = await connected(t);
  await rig.until("ready", () => shown(rig, 0) === "ready");
  rig.port.unplug();
  await rig.until("the alarm", () => rig.codes().includes("board-lost"));
  assert.equal(rig.unit.batteryPct, undefined);
  rig.target.state = { kind: "recording", rec: "r", wish: { trigger: "control" }, ending: null };
  rig.sights.length = 0;
  rig.port.replug();
  await rig.until("recording", () => shown(rig, 0) === "recording");
  assert.deepEqual(rig.codes(), []);
  assert.equal(rig.connections, 2);
  // and so does one that was reset behind the line
  rig.sights.length = 0;
  rig.simulated.reset("brown-out");
  await rig.until("recording again", () => shown(rig, 0) === "recording");
  assert.ok(rig.sights.some((sight) => sight.kind === "watchdog" && sight.timeoutS === 20));
});

test("battery and temperature raise alarms that do not flutter", async (t) => {
  const rig = await connected(t);
  const tells = async (percent: number, charging: "no" | "yes" = "no") => {
    rig.simulated.setBattery({ percent, milliVolts: 3500, charging });
    await rig.until("told", () => rig.unit.batteryPct === percent);
    await rig.pass(200);
    return rig.codes().includes("battery-low");
  };
  assert.equal(await tells(16), false);
  assert.equal(await tells(15), true);
  assert.equal(await tells(19), true);
  assert.equal(shown(rig, 1), "battery-low");
  assert.equal(await tells(20), false);
  assert.equal(await tells(19), false);
  assert.equal(await tells(5), true);
  assert.equal(shown(rig, 1), "battery-critical");
  assert.equal(await tells(4, "yes"), false);
  const warmth = async (tenthsC: number) => {
    rig.simulated.setTemperature(tenthsC);
    await rig.pass(500);
    return rig.codes().includes("temperature");
  };
  assert.deepEqual(
    [await warmth(599), await warmth(600), await warmth(551), await warmth(550)],
    [false, true, true, false],
  );
  assert.deepEqual([await warmth(-200), await warmth(-151), await warmth(-150)], [true, true, false]);
});

test("a card that is nearly full is shown and felt, until there is clearly room again", async (t) => {
  const rig = await connected(t);
  rig.free = 2 ** 28 + 2 ** 30;
  await rig.until("nearly full", () => shown(rig, 1) === "nearly-full");
  await rig.pass(2000);
  assert.deepEqual(felt(rig), ["nearly-full"]);
  rig.free += 1000;
  await rig.pass(2000);
  assert.equal(shown(rig, 1), "nearly-full");
  rig.free = 2 ** 31;
  await rig.until("room", () => shown(rig, 1) === "well");
});

test("the watchdog is petted while the writer answers, and bites when it does not", async (t) => {
  const rig = await connected(t);
  await rig.pass(60_000);
  assert.ok(!rig.sights.some(({ kind }) => kind === "unit-reset"));
  rig.writerHangs = true;
  await rig.pass(26_000);
  assert.ok(rig.sights.some(({ kind }) => kind === "unit-reset"));
});

test("an orderly end disarms the watchdog, a failed one leaves it", async (t) => {
  const rig = await connected(t);
  await rig.during(rig.unit.stop("orderly"));
  assert.deepEqual(
    rig.sights.flatMap((sight) => (sight.kind === "watchdog" ? [sight.timeoutS] : [])),
    [20, 0],
  );
  const failed = await connected(t);
  await failed.during(failed.unit.stop("failed"));
  assert.deepEqual(
    failed.sights.flatMap((sight) => (sight.kind === "watchdog" ? [sight.timeoutS] : [])),
    [20],
  );
});

test("the end of the power is passed on, shown and felt", async (t) => {
  const rig = await connected(t);
  rig.simulated.powerOff(10, "battery");
  await rig.until("told", () => rig.powerOffs.length > 0);
  assert.deepEqual(rig.powerOffs, [{ kind: "power-off", secondsLeft: 10, reason: "battery" }]);
  await rig.until("shown", () => shown(rig, 0) === "powering-off" && felt(rig).includes("powering-off"));
  assert.equal(rig.simulated.carriedOut.get("power-ready"), 0);
  await rig.during(rig.unit.stop("orderly"));
  await rig.until("cut", () => rig.sights.some(({ kind }) => kind === "power-cut"));
  assert.equal(rig.simulated.carriedOut.get("power-ready"), 1);
});

test("an end without a notice lets the power be", async (t) => {
  const rig = await connected(t);
  await rig.during(rig.unit.stop("orderly"));
  await rig.pass(1000);
  assert.equal(rig.simulated.carriedOut.get("power-ready"), 0);
});

test("noise on the line is counted once", async (t) => {
  const rig = await connected(t);
  const noise = Buffer.from("noise without any frame");
  rig.simulated.sendBytes(noise);
  await rig.until("counted", () => rig.counters.get("board-noise-bytes") > 0);
  // and the END of the next frame, which ends it
  assert.equal(rig.counters.get("board-noise-bytes"), noise.length + 1);
});
