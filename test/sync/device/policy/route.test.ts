import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { routeOf } from "../../../../sync/device/policy/route.ts";

const HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT";
const ZERO = "0".repeat(32);
const LINK_LOCAL = "fe8000000000000000000000000000fe";

interface Of {
  name?: string;
  gateway?: string;
  metric?: number;
  flags?: string;
}

const row4 = ({ name = "wlan0", gateway = "0101A8C0", metric = 600, flags = "0003" }: Of = {}) =>
  `${name}\t00000000\t${gateway}\t${flags}\t0\t0\t${metric}\t00000000\t0\t0\t0`;
const row6 = ({ name = "wwan0", gateway = LINK_LOCAL, metric = 1024, flags = "00000003" }: Of = {}) =>
  `${ZERO} 00 ${ZERO} 00 ${gateway} ${metric.toString(16).padStart(8, "0")} 00000001 00000000 ${flags} ${name.padStart(8)}`;
const table4 = (...rows: string[]) => [HEAD, ...rows, ""].join("\n");

const WLAN = { interface: "wlan0", gateway: "192.168.1.1" };
const WWAN = { interface: "wwan0", gateway: "fe80::fe" };

test("the default route of the lowest metric wins; of equal ones, IPv4's", () => {
  assert.deepEqual(routeOf(table4(row4()), ""), WLAN);
  assert.deepEqual(routeOf("", row6()), WWAN);
  assert.deepEqual(routeOf(table4(row4({ metric: 600 })), row6({ metric: 599 })), WWAN);
  assert.deepEqual(routeOf(table4(row4({ metric: 600 })), row6({ metric: 600 })), WLAN);
  const two = [row6({ name: "eth1", metric: 300 }), row6({ metric: 200 })].join("\n");
  assert.deepEqual(routeOf(table4(row4()), two), WWAN);
  assert.deepEqual(routeOf("", row6({ gateway: ZERO })), { interface: "wwan0", gateway: null });
});

test("routes that are down, that refuse, or that lead to one network are no way to the internet", () => {
  const refuse = row6({ name: "lo", gateway: ZERO, metric: 0xffffffff, flags: "00200200" });
  assert.equal(routeOf("", refuse), null);
  assert.equal(routeOf("", row6({ flags: "00200201" })), null);
  assert.equal(routeOf("", row6({ flags: "00000002" })), null);
  assert.equal(routeOf(table4(row4({ flags: "0201" }))), null);
  const network6 = `fe80${"0".repeat(28)} 40 ${ZERO} 00 ${ZERO} 00000100 00000001 00000000 00000001 eth0`;
  assert.equal(routeOf("", network6), null, "every interface has such a one");
  const network4 = "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0";
  assert.deepEqual(routeOf(table4(network4)), { interface: "eth0", gateway: null });
  assert.deepEqual(routeOf(table4(network4), row6()), WWAN);
});

test("lines that the system did not write are passed over, whatever they are", () => {
  const fields = [row4(), row6()].flatMap((row) => row.trim().split(/\s+/));
  const junk = fc.oneof(
    fc.string(),
    fc
      .array(fc.oneof(fc.constantFrom(...fields), fc.string({ maxLength: 4 })), { maxLength: 7 })
      .map((a) => a.join("\t")),
    fc.nat(row6().length - 8).map((length) => row6().slice(0, length)),
    fc.nat(row4().length - 18).map((length) => row4({ metric: 0 }).slice(0, length)),
  );
  const lines = fc.array(
    junk.filter((line) => !line.includes("\n")),
    { maxLength: 5 },
  );
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const around = (row: string) => [...before, row, ...after].join("\n");
      assert.deepEqual(routeOf(around(row4({ metric: 0 })), around("")), WLAN);
      assert.deepEqual(routeOf(HEAD, around(row6({ metric: 0 }))), WWAN);
    }),
    { numRuns: 200 },
  );
});
