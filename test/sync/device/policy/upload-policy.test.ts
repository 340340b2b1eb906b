import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { USUAL_ORDER } from "../../../../sync/device/outbox/wanted.ts";
import { PolicyFile, type PolicyState } from "../../../../sync/device/policy/policy-file.ts";
import { routeOf } from "../../../../sync/device/policy/route.ts";
import { minutesUntilOpen, type NetworkRule, ruleFor } from "../../../../sync/device/policy/rules.ts";
import { type Moment, UploadPolicy } from "../../../../sync/device/policy/upload-policy.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

const MIB = 2 ** 20;
const rule = (changes: Partial<NetworkRule> = {}): NetworkRule => ({
  name: "mobile",
  media: "all",
  rateBytesS: 0,
  dailyBytes: 0,
  hours: [],
  ...changes,
});
const START_MS = 1_767_300_000_000;
/** So many ms after the start; days of the test begin at midnight. */
const at = (ms: number, changes: Partial<Moment> = {}): Moment => ({
  monoMs: ms,
  utcMs: START_MS + ms,
  day: `2026-01-${String(2 + Math.floor(ms / 86_400_000)).padStart(2, "0")}`,
  minute: Math.floor(ms / 60_000) % 1440,
  ...changes,
});

test("the rate is never exceeded over any stretch, beyond one part", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 10 * MIB }),
      fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 60 }),
      (rateBytesS, waits) => {
        const policy = new UploadPolicy([rule({ rateBytesS })], USUAL_ORDER);
        const sent: { ms: number; bytes: number }[] = [];
        let ms = 0;
        for (const wait of waits) {
          ms += wait;
          const { mediaBytes, againMs } = policy.permit(at(ms));
          if (mediaBytes === 0) {
            assert.ok(againMs !== null && againMs > ms);
            continue;
          }
          policy.sending(mediaBytes, at(ms));
          sent.push({ ms, bytes: mediaBytes });
        }
        for (const [i, { ms: from }] of sent.entries()) {
          for (const [j, { ms: to }] of sent.entries()) {
            if (j < i) continue;
            // the last part has only just begun to leave
            const bytes = sent.slice(i, j).reduce((sum, part) => sum + part.bytes, 0);
            assert.ok(bytes <= ((to - from) / 1000) * rateBytesS + 1, `${bytes} in ${to - from} ms`);
          }
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("a day's volume is kept over crashes and orderly ends, and is there again the next day", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 64 * MIB }),
      fc.array(
        fc.record({
          bytes: fc.integer({ min: 1, max: 4 * MIB }),
          end: fc.constantFrom("none", "crash", "orderly"),
        }),
      ),
      (dailyBytes, steps) => {
        let saved: PolicyState | undefined;
        const open = () =>
          new UploadPolicy([rule({ dailyBytes })], USUAL_ORDER, saved, (state) => (saved = state));
        let policy = open();
        let sent = 0;
        for (const { bytes, end } of steps) {
          const part = Math.min(policy.permit(at(0)).mediaBytes, bytes);
          if (part > 0) policy.sending(part, at(0));
          sent += part;
          if (end === "orderly") policy.close();
          if (end !== "none") policy = open();
          assert.ok(policy.view(at(0)).sentToday >= sent, "nothing that was sent is forgotten");
        }
        assert.ok(sent <= dailyBytes);
        assert.ok(policy.permit(at(86_400_000)).mediaBytes > 0);
      },
    ),
    { numRuns: 50 },
  );
  // control: an orderly end gives back what was not sent
  let saved: PolicyState | undefined;
  const policy = new UploadPolicy(
    [rule({ dailyBytes: MIB })],
    USUAL_ORDER,
    undefined,
    (state) => (saved = state),
  );
  policy.sending(1000, at(0));
  policy.close();
  assert.equal(new UploadPolicy([rule({ dailyBytes: MIB })], USUAL_ORDER, saved).view(at(0)).sentToday, 1000);
});

test("every pause ends by itself, over restarts and whatever the wall clock does", () => {
  let saved: PolicyState | undefined;
  const policy = new UploadPolicy([], USUAL_ORDER, undefined, (state) => (saved = state));
  policy.pause(60, at(0));
  assert.deepEqual([policy.permit(at(1)).entries, policy.permit(at(1)).held], [false, "paused"]);
  const restarted = new UploadPolicy([], USUAL_ORDER, saved);
  assert.equal(restarted.permit(at(0, { utcMs: START_MS + 59 * 60_000 })).held, "paused");
  assert.equal(restarted.permit(at(0, { utcMs: START_MS + 60 * 60_000 })).held, null);
  assert.equal(restarted.permit(at(0, { utcMs: START_MS - 1 })).held, null, "the clock was set back");
  assert.equal(policy.permit(at(3_600_000, { utcMs: START_MS + 5 })).held, null, "an hour is over");
  policy.pause(1e9, at(0));
  assert.equal(policy.permit(at(86_400_000)).held, null, "never longer than a day");
});

test("entries always go but in a pause, and no rule drops anything", () => {
  const closed = new UploadPolicy([rule({ hours: [[60, 120]] })], USUAL_ORDER);
  assert.deepEqual([closed.permit(at(0)).entries, closed.permit(at(0)).held], [true, "hours"]);
  assert.equal(closed.permit(at(61 * 60_000)).held, null);
  const none = new UploadPolicy([rule({ media: "none" })], USUAL_ORDER);
  assert.deepEqual([none.permit(at(0)).entries, none.permit(at(0)).held], [true, "network"]);
  none.now(10, at(0));
  assert.deepEqual([none.permit(at(1)).held, none.letsAllThrough(at(1))], [null, true]);
  assert.equal(none.permit(at(600_000)).held, "network");
  const spent = new UploadPolicy([rule({ dailyBytes: 10 })], USUAL_ORDER);
  spent.sending(10, at(0));
  assert.deepEqual([spent.permit(at(0)).held, spent.permit(at(0)).entries], ["daily-volume", true]);
});

test("scope and order: what a person ordered goes first, wherever any media goes", () => {
  const mobile = new UploadPolicy([rule({ media: "marked" })], USUAL_ORDER);
  mobile.first("a");
  mobile.first("b");
  mobile.first("a");
  assert.deepEqual(mobile.orderAt(at(0)), { first: ["a", "b"], order: ["marked"] });
  const linked = new UploadPolicy([rule({ media: "linked" })], USUAL_ORDER);
  assert.deepEqual(linked.orderAt(at(0)).order, ["documents", "linked", "marked", "activities"]);
  assert.equal(linked.letsAllThrough(at(0)), false);
});

test("a network is known by interface and router, the first rule that fits", () => {
  const rules = [rule({ name: "dock", gateway: "10.0.0.1" }), rule({ name: "mobile", interface: "ww*" })];
  const named = (name: string, gateway: string | null) => ruleFor(rules, { interface: name, gateway }).name;
  assert.deepEqual(
    [named("eth0", "10.0.0.1"), named("wwan0", null), named("wlan0", null)],
    ["dock", "mobile", "any"],
  );
  assert.equal(ruleFor(rules, null).name, "any");
  const table = [
    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT",
    "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0",
    "wwan0\t00000000\t00000000\t0001\t0\t0\t700\t00000000\t0\t0\t0",
    "wlan0\t0001A8C0\t00000000\t0001\t0\t0\t600\t00FFFFFF\t0\t0\t0",
  ].join("\n");
  assert.deepEqual(routeOf(table), { interface: "wlan0", gateway: "192.168.1.1" });
  assert.equal(routeOf(""), null);
  assert.equal(minutesUntilOpen([[1080, 360]], 1439), 0);
  assert.equal(minutesUntilOpen([[1080, 360]], 400), 680);
});

test("what was ordered is read again; a damaged file is told apart from none", (t) => {
  const dataDir = temporaryDirectory(t);
  const file = new PolicyFile(dataDir);
  const policy = new UploadPolicy([], USUAL_ORDER, file.load() ?? undefined, (state) => file.save(state));
  policy.first("a");
  assert.deepEqual(new PolicyFile(dataDir).load()?.first, ["a"]);
  file.save({ first: 1 } as unknown as PolicyState);
  assert.equal(file.load(), null);
});
