import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { networkRule } from "../../../agent/device/network-rule.ts";
import { minutesUntilOpen, ruleFor } from "../../../sync/device/policy/rules.ts";

const network = { name: "m", media: "all", rateBytesS: 0, dailyBytes: 0, hours: [] as string[] } as const;

/** The minutes of a window, walked one by one. */
function minutesOf(from: number, to: number): Set<number> {
  const inside = new Set<number>();
  let minute = from;
  do {
    inside.add(minute);
    minute = (minute + 1) % 1440;
  } while (minute !== to % 1440);
  return inside;
}

const told = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

test("windows open and close to the minute, over midnight too, and the next opening is as far as it is said", () => {
  const minute = fc.nat(1439);
  const window = fc.tuple(minute, fc.nat(1440));
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: 3 }), minute, (windows, now) => {
      const { hours } = networkRule({
        ...network,
        hours: windows.map(([from, to]) => `${told(from)}-${told(to)}`),
      });
      const open = windows.map(([from, to]) => minutesOf(from, to));
      const isOpen = (at: number) => open.some((minutes) => minutes.has(at % 1440));
      let wait = 0;
      while (!isOpen(now + wait)) wait++;
      assert.equal(minutesUntilOpen(hours, now), wait);
    }),
    { numRuns: 200 },
  );
  const whole = networkRule({ ...network, hours: ["07:00-07:00"] }).hours;
  assert.equal(minutesUntilOpen(whole, 6 * 60), 0);
  const none = networkRule(network).hours;
  assert.equal(minutesUntilOpen(none, 0), 0);
});

test("everything else is taken over, and a router is known however its address is written", () => {
  const rule = networkRule({
    ...network,
    media: "marked",
    rateBytesS: 1,
    dailyBytes: 2,
    gateway: "FD00:0:0::1",
  });
  assert.deepEqual(rule, { ...network, media: "marked", rateBytesS: 1, dailyBytes: 2, gateway: "fd00::1" });
  assert.equal(ruleFor([rule], { interface: "eth0", gateway: "fd00::1" }), rule);
  assert.notEqual(ruleFor([rule], { interface: "eth0", gateway: "fd00::2" }), rule);
});

test("stars and question marks of an interface stand for what they say, and for no more", () => {
  const known = (pattern: string, name: string) =>
    ruleFor([networkRule({ ...network, interface: pattern })], { interface: name, gateway: null }).name ===
    "m";
  const fits: [pattern: string, name: string, fits: boolean][] = [
    ["ww*", "wwan0", true],
    ["ww*", "wlan0", false],
    ["eth?", "eth0", true],
    ["eth?", "eth10", false],
    ["eth.1", "eth.1", true],
    ["eth.1", "ethx1", false],
    [`${"*".repeat(31)}x`, "wlxaaaaaaaaaaaa", false],
  ];
  for (const [pattern, name, expected] of fits)
    assert.equal(known(pattern, name), expected, `${pattern} ${name}`);
});
