import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AgentError } from "../../config/base/errors.ts";
import { parseConfig } from "../../config/load.ts";
import { recorder } from "./sample-config.ts";

const SYNC = `${recorder}[sync]\nurl = "mqtt://127.0.0.1:1883"\n`;
const RUNS = { numRuns: 100 };

const networkOf = (lines: string) => {
  const config = parseConfig(`${SYNC}[[sync.network]]\n${lines}\n`, "/etc/fulltrace/agent.toml");
  assert.ok(config.role === "recorder");
  return config.sync?.network[0];
};

function refusal(lines: string): AgentError {
  try {
    networkOf(lines);
  } catch (error) {
    assert.ok(error instanceof AgentError, String(error));
    return error;
  }
  assert.fail(`${lines}: the configuration was accepted`);
}

test("a network that only has a name lets everything through at any time", () => {
  const all = { name: "dock", media: "all", rateBytesS: 0, dailyBytes: 0, hours: [] };
  assert.deepEqual(networkOf('name = "dock"'), all);
});

test("a value that is not allowed is refused by its key, with what is allowed", () => {
  const named = 'name = "mobile"\n';
  const cases: [lines: string, place: RegExp][] = [
    ['media = "all"', /network\.0\.name: missing; allowed: a word of letters/],
    ['name = "mobile data"', /network\.0\.name: found "mobile data"; allowed: a word/],
    ['name = "constructor"', /network\.0\.name: found "constructor"; allowed: another name/],
    ['name = "__proto__"', /network\.0\.name: found "__proto__"; allowed: another name/],
    [`${named}interface = "wwan0; rm"`, /network\.0\.interface: .*the name of an interface/],
    [
      `${named}gateway = "10.0.0.256"`,
      /network\.0\.gateway: found "10\.0\.0\.256"; allowed: an IPv4 or IPv6/,
    ],
    [`${named}gateway = "fe80::1%wwan0"`, /network\.0\.gateway: .*without %zone/],
    [`${named}gateway = "router.local"`, /network\.0\.gateway: /],
    [`${named}media = "marks"`, /network\.0\.media: found "marks"; allowed: "none" or "marked"/],
    [`${named}rate_bytes_s = -1`, /network\.0\.rate_bytes_s: found -1; allowed: a whole number from 0 to/],
    [`${named}rate_bytes_s = 0.5`, /network\.0\.rate_bytes_s: /],
    [`${named}rate_bytes_s = 10000000001`, /network\.0\.rate_bytes_s: /],
    [`${named}daily_bytes = 100000000000001`, /network\.0\.daily_bytes: found 100000000000001; allowed: /],
    [`${named}daily_bytes = "1 GB"`, /network\.0\.daily_bytes: /],
    [`${named}hours = "18:00-06:00"`, /network\.0\.hours: .*a list of at most 8/],
    [`${named}hours = ["24:00-06:00"]`, /network\.0\.hours\.0: found "24:00-06:00"; allowed: a time of day/],
    [`${named}hours = ["18:00-06:60"]`, /network\.0\.hours\.0: /],
    [`${named}hours = ["6:00-18:00"]`, /network\.0\.hours\.0: /],
    [`${named}hours = ["18:00-06:00", "18:00-06:00"]`, /network\.0\.hours: .*different/],
    [`${named}speed = 1`, /network\.0\.speed: unknown key/],
  ];
  for (const [lines, place] of cases) {
    const { code, place: found } = refusal(lines);
    assert.equal(code, "bad-config", lines);
    assert.match(found, place);
  }
  const tables = '[[sync.network]]\nname = "a"\n'.repeat(17);
  assert.throws(() => parseConfig(`${SYNC}${tables}`, "agent.toml"), /sync\.network: .*at most 16 tables/);
});

test("every number in its bounds and every time of day is taken as it is written, and none beyond", () => {
  const time = fc
    .tuple(fc.integer({ min: 0, max: 29 }), fc.integer({ min: 0, max: 69 }))
    .map(([hours, minutes]) => [hours, minutes] as const);
  const told = ([hours, minutes]: readonly [number, number]) =>
    `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
  const isTime = ([hours, minutes]: readonly [number, number]) => hours < 24 && minutes < 60;
  fc.assert(
    fc.property(fc.nat(2e10), fc.nat(2e14), time, time, (rate, daily, from, to) => {
      const window = `${told(from)}-${told(to)}`;
      const lines = `name = "m"\nrate_bytes_s = ${rate}\ndaily_bytes = ${daily}\nhours = ["${window}"]`;
      const isEnd = isTime(to) || told(to) === "24:00";
      if (rate <= 1e10 && daily <= 1e14 && isTime(from) && isEnd) {
        const network = networkOf(lines);
        assert.deepEqual([network?.rateBytesS, network?.dailyBytes, network?.hours], [rate, daily, [window]]);
      } else {
        assert.equal(refusal(lines).code, "bad-config");
      }
    }),
    RUNS,
  );
});
