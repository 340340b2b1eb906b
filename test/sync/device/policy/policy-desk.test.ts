import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { createLogger } from "../../../../config/base/logger.ts";
import { USUAL_ORDER } from "../../../../sync/device/outbox/wanted.ts";
import { PolicyDesk } from "../../../../sync/device/policy/policy-desk.ts";
import type { NetworkRule, Route } from "../../../../sync/device/policy/rules.ts";
import { ManualClock, temporaryDirectory } from "../../../support/surroundings.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ANY: NetworkRule = { name: "mobile", media: "all", rateBytesS: 0, dailyBytes: 0, hours: [] };

/** A machine that stands in this time zone, for as long as the test lasts. */
function standsIn(t: TestContext, zone: string): void {
  const before = process.env.TZ;
  t.after(() => {
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
  });
  process.env.TZ = zone;
}

function desks(t: TestContext, rules: Partial<NetworkRule>[]) {
  const dataDir = temporaryDirectory(t);
  let route: Route | null = null;
  let changes = 0;
  const open = (utcMs: number) =>
    new PolicyDesk({
      dataDir,
      rules: rules.map((rule) => ({ ...ANY, ...rule })),
      order: USUAL_ORDER,
      clock: new ManualClock(utcMs),
      log: createLogger("silent", "test"),
      route: async () => route,
      onChange: () => changes++,
    });
  const moveTo = (next: Route | null) => {
    route = next;
  };
  return { open, moveTo, changes: () => changes };
}

test("hours are those of the machine's zone, on the days when its clocks are changed too", (t) => {
  const zones = ["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe"];
  for (const zone of zones) {
    standsIn(t, zone);
    const { open } = desks(t, [{ hours: [[18 * 60, 2 * 60 + 30]] }]);
    const wall = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
    const isOpenAt = (utcMs: number) => {
      const [hours = 0, minutes = 0] = wall.format(utcMs).split(":").map(Number);
      const minute = hours * 60 + minutes;
      return minute >= 18 * 60 || minute < 2 * 60 + 30;
    };
    // each half hour of the days around Berlin's and St John's changes of 2026, and moments of the whole year
    const changes = [
      Date.UTC(2026, 2, 8),
      Date.UTC(2026, 2, 29),
      Date.UTC(2026, 9, 25),
      Date.UTC(2026, 10, 1),
    ];
    const halves = changes.flatMap((day) =>
      Array.from({ length: 56 }, (_, i) => day - 2 * HOUR_MS + (i * HOUR_MS) / 2),
    );
    const moments = fc
      .sample(fc.nat(365 * 24 * 60), { numRuns: 40, seed: 1 })
      .map((m) => Date.UTC(2026, 0) + m * MINUTE_MS);
    for (const utcMs of [...halves, ...moments]) {
      const held = open(utcMs).view().held;
      assert.equal(held, isOpenAt(utcMs) ? null : "hours", `${zone} ${new Date(utcMs).toISOString()}`);
    }
  }
});

test("a day's volume begins anew at local midnight, and is not forgotten in a restart", (t) => {
  standsIn(t, "Asia/Shanghai");
  const { open } = desks(t, [{ dailyBytes: 1000 }]);
  const midnight = Date.UTC(2026, 10, 23, 16);
  const late = open(midnight - HOUR_MS);
  late.sending.sending(900);
  assert.equal(late.sending.permit().mediaBytes, 100);
  late.close();
  const restarted = open(midnight - 1);
  assert.deepEqual([restarted.view().sentToday, restarted.sending.permit().mediaBytes], [900, 100]);
  restarted.sending.sending(100);
  assert.deepEqual([restarted.view().held, restarted.sending.permit().entries], ["daily-volume", true]);
  // without an orderly end: what was charged counts as sent
  assert.equal(open(midnight - 1).view().held, "daily-volume");
  const nextDay = open(midnight);
  assert.deepEqual([nextDay.view().sentToday, nextDay.view().held], [0, null]);
  assert.equal(open(midnight - 1).view().held, "daily-volume", "a clock set back buys no second volume");
});

test("each network has a volume of its own, and two rules of one name share theirs", async (t) => {
  const { open, moveTo, changes } = desks(t, [
    { name: "mobile", interface: "ww*", dailyBytes: 1000 },
    { name: "mobile", interface: "usb0", dailyBytes: 1500 },
    { name: "office", interface: "wl*", dailyBytes: 1000 },
  ]);
  const desk = open(Date.UTC(2026, 10, 23, 8));
  const at = async (name: string) => {
    moveTo({ interface: name, gateway: null });
    await desk.look();
    return [desk.view().network, desk.sending.permit().mediaBytes];
  };
  assert.deepEqual(await at("wwan0"), ["mobile", 1000]);
  desk.sending.sending(1000);
  assert.deepEqual(await at("wlan0"), ["office", 1000]);
  assert.deepEqual(await at("usb0"), ["mobile", 500]);
  assert.deepEqual(await at("eth0"), ["any", Number.MAX_SAFE_INTEGER]);
  assert.equal(changes(), 4);
  await desk.look();
  assert.equal(changes(), 4, "nothing changed");
});

test("a pause and what goes first outlive a restart; now does too, for as long as it was ordered", (t) => {
  const { open } = desks(t, [{ media: "none" }]);
  const start = Date.UTC(2026, 10, 23, 8);
  open(start).first("0000-rec");
  assert.equal(open(start).pause(10), start + 10 * MINUTE_MS);
  assert.deepEqual(
    [open(start + MINUTE_MS).view().held, open(start).sending.permit().entries],
    ["paused", false],
  );
  assert.equal(open(start + 10 * MINUTE_MS).view().held, "network");
  assert.equal(open(start).now(5), start + 5 * MINUTE_MS);
  assert.deepEqual([open(start).view().held, open(start).view().pausedUntilMs], [null, null]);
  assert.equal(open(start + 5 * MINUTE_MS).view().held, "network");
  open(start).resume();
  assert.equal(open(start).view().nowUntilMs, null);
  assert.deepEqual(
    open(start).sending.order().first,
    [],
    "a network for entries alone takes no recording at all",
  );
  open(start).now(5);
  assert.deepEqual(open(start).sending.order().first, ["0000-rec"]);
});
