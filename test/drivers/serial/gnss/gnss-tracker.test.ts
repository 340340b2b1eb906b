import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Counters } from "../../../../config/base/counters.ts";
import { GnssTracker } from "../../../../drivers/serial/gnss/gnss-tracker.ts";
import { sentence } from "../../../../drivers/simulator/gnss/nmea.ts";
import { heldBytes } from "../../../support/memory.ts";
import { fixSentences, type ToldFix } from "../../../support/serial/nmea.ts";
import { seededRandom } from "../../../support/surroundings.ts";

const START_MS = Date.UTC(2026, 10, 25, 8, 0, 0);

/** A tracker and the receiver that talks to it, once a second. */
class Bench {
  nowUs = 7_000_000;
  readonly counters = new Counters();
  readonly tracker = new GnssTracker({ monoUs: () => this.nowUs, counters: this.counters });

  take(...lines: string[]): void {
    for (const line of lines) this.tracker.take(line);
  }

  passes(ms: number): void {
    this.nowUs += ms * 1000;
  }

  /** Tells `count` fixes a second apart. */
  tells(count: number, told: Partial<ToldFix> = {}): void {
    const from = told.utcMs ?? START_MS;
    for (let i = 0; i < count; i++) {
      this.passes(1000);
      this.take(...fixSentences({ ...told, utcMs: from + i * 1000 }));
    }
  }
}

test("a valid fix gives a position in whole units, with accuracy and age", () => {
  const bench = new Bench();
  bench.tells(1);
  bench.passes(250);
  const expected = { lat_e7: 399_043_673, lon_e7: 1_163_918_783, acc_mm: 4500, age_ms: 250 };
  assert.deepEqual(bench.tracker.position(), expected);
});

test("real receivers' sentences are read, whoever talks and in which order", () => {
  const golden: [string[], number, number][] = [
    [
      [
        "$GPRMC,092750.000,A,5321.6802,N,00630.3372,W,0.02,31.66,280526,,,A*47",
        "$GPGGA,092750.000,5321.6802,N,00630.3372,W,1,8,1.03,61.7,M,55.2,M,,*76",
      ],
      533_613_367,
      -65_056_200,
    ],
    [
      [
        sentence("GNGGA,001043.00,3351.50000,S,15112.75000,E,1,12,0.98,1113.0,M,41.3,M,,"),
        sentence("GNRMC,001043.00,A,3351.50000,S,15112.75000,E,0.0,,050726,,,A,V"),
      ],
      -338_583_333,
      1_512_125_000,
    ],
    [
      [
        sentence("BDRMC,101112.20,A,3326.9000,S,07038.7500,W,0,0,010126,,,D"),
        sentence("BDGGA,101112.20,3326.9000,S,07038.7500,W,2,10,1.2,500,M,0,M,,"),
      ],
      -334_483_333,
      -706_458_333,
    ],
  ];
  for (const [lines, lat, lon] of golden) {
    const bench = new Bench();
    bench.take(...lines);
    const position = bench.tracker.position();
    assert.deepEqual([position?.lat_e7, position?.lon_e7], [lat, lon], lines[0]);
    assert.deepEqual(bench.counters.snapshot(), {});
  }
});

test("standard deviations of the same moment are better than a dilution of precision", () => {
  const bench = new Bench();
  bench.tells(1);
  bench.take(sentence("GNGST,080000.000,2.1,,,,0.3,0.4,1.1"));
  assert.equal(bench.tracker.position()?.acc_mm, 500);
  bench.tells(1, { utcMs: START_MS + 1000, hdop: "" });
  assert.equal(bench.tracker.position()?.acc_mm, undefined);
});

test("without a valid fix there is no position", () => {
  const rmc = (status: string, mode: string) =>
    sentence(`GNRMC,080000.00,${status},3954.26204,N,11623.51270,E,0,,251126,,,${mode}`);
  const gga = (quality: string, place = "3954.26204,N,11623.51270,E") =>
    sentence(`GNGGA,080000.00,${place},${quality},08,0.9,44.1,M,-9.0,M,,`);
  const cases: [string, string[]][] = [
    ["RMC alone", [rmc("A", "A")]],
    ["GGA alone", [gga("1")]],
    ["void", [rmc("V", "N"), gga("1")]],
    ["no quality", [rmc("A", "A"), gga("0")]],
    ["dead reckoning", [rmc("A", "E"), gga("6")]],
    ["simulated", [rmc("A", "A"), gga("8")]],
    ["no coordinates", [rmc("A", "A"), gga("1", ",,,")]],
    ["of two moments", [rmc("A", "A"), gga("1").replace("080000.00", "080001.00")]],
    ["withdrawn", [rmc("A", "A"), gga("1"), rmc("V", "N")]],
  ];
  for (const [what, lines] of cases) {
    const bench = new Bench();
    bench.take(...lines);
    assert.equal(bench.tracker.position(), null, what);
  }
  const control = new Bench();
  control.take(rmc("A", "A"), gga("1"));
  assert.notEqual(control.tracker.position(), null);
});

test("a fix that is too old is none, and neither is one of a receiver that is gone", () => {
  const bench = new Bench();
  bench.tells(3);
  bench.passes(10_000);
  assert.notEqual(bench.tracker.position(), null);
  bench.passes(1);
  assert.equal(bench.tracker.position(), null);
  assert.equal(bench.tracker.time(), null);
  bench.tells(3, { utcMs: START_MS + 60_000 });
  assert.notEqual(bench.tracker.time(), null);
  bench.tracker.lost();
  assert.equal(bench.tracker.position(), null);
  assert.equal(bench.tracker.time(), null);
});

test("time is believed from the third moment in a row that agrees with the monotonic clock", () => {
  const bench = new Bench();
  bench.tells(2);
  assert.equal(bench.tracker.time(), null);
  bench.tells(1, { utcMs: START_MS + 2000 });
  bench.passes(300);
  assert.deepEqual(bench.tracker.time(), { utcMs: START_MS + 2300, uncMs: 1000 });
  // a jump begins anew
  bench.tells(1, { utcMs: START_MS + 3_600_000 });
  assert.equal(bench.tracker.time(), null);
  bench.tells(2, { utcMs: START_MS + 3_601_000 });
  assert.equal(bench.tracker.time()?.utcMs, START_MS + 3_602_000);
});

test("dates that cannot be are refused: no date yet, and weeks counted wrong", () => {
  const weeks1024 = 1024 * 7 * 86_400_000;
  for (const utcMs of [
    Date.UTC(1980, 0, 6, 0, 0, 10),
    Date.UTC(1999, 7, 22, 12),
    Date.UTC(2000, 0, 1, 12),
    START_MS - weeks1024,
    START_MS + weeks1024,
  ]) {
    const bench = new Bench();
    bench.tells(5, { utcMs });
    assert.equal(bench.tracker.time(), null, new Date(utcMs).toISOString());
    assert.equal(bench.counters.get("gnss-date"), 5);
    assert.notEqual(bench.tracker.position(), null);
  }
});

test("an empty date is not completed from this machine's clock", () => {
  const bench = new Bench();
  for (let second = 0; second < 5; second++) {
    bench.passes(1000);
    bench.take(
      sentence(`GNRMC,08000${second}.00,A,3954.26204,N,11623.51270,E,0,,,,,A`),
      sentence(`GNGGA,08000${second}.00,3954.26204,N,11623.51270,E,1,08,0.9,44.1,M,-9.0,M,,`),
    );
  }
  assert.equal(bench.tracker.time(), null);
  assert.notEqual(bench.tracker.position(), null);
});

test("what cannot be read is counted, and other sentences are left alone", () => {
  const bench = new Bench();
  const [rmc, gga] = fixSentences({ utcMs: START_MS }) as [string, string];
  bench.take(
    rmc.replace("3954", "3955"),
    rmc.slice(0, 30),
    "noise",
    "$GNRMC,*00",
    sentence("GNRMC,080000.00,X,,,,,,,,,,A"),
    sentence("GNGGA,250000.00,3954.2,N,11623.5,E,1,08,0.9,44.1,M,-9.0,M,,"),
    sentence("GNGGA,080000.00,9954.2,N,11623.5,E,1,08,0.9,44.1,M,-9.0,M,,"),
  );
  assert.deepEqual(bench.counters.snapshot(), { "nmea-checksum": 1, "nmea-malformed": 6 });
  bench.take(
    sentence("GPGSV,1,1,00"),
    sentence("PUBX,00,1"),
    sentence("GNTXT,01,01,02,u-blox"),
    "!AIVDM,1,1*00",
  );
  assert.deepEqual(bench.counters.snapshot(), { "nmea-checksum": 1, "nmea-malformed": 6 });
  bench.take(rmc, gga);
  assert.notEqual(bench.tracker.position(), null);
});

test("any line is taken without a throw", () => {
  const bench = new Bench();
  const any = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.constantFrom("GNRMC", "GNGGA", "GNGST"), fc.array(fc.string(), { maxLength: 20 }))
      .map(([type, fields]) => sentence(`${type},${fields.join(",")}`)),
    fc.constantFrom("$GPtoString,1*00", "$GP__proto__,1*00", "$GPconstructor,1*00"),
  );
  fc.assert(fc.property(any, (line) => bench.tracker.take(line)));
  assert.equal(bench.tracker.position(), null);
});

test("a flood of broken sentences grows nothing and hides no good one", () => {
  const bench = new Bench();
  const random = seededRandom("nmea flood");
  const good = fixSentences({ utcMs: START_MS });
  const count = 100_000;
  const noise = random.bytes(count * 3);
  const flood = (from: number, to: number) => {
    for (let i = from; i < to; i++) {
      const line = good[i % 2] as string;
      const at = (noise[3 * i] as number) % line.length;
      // another character than the one that stands there
      const other = String.fromCharCode(
        0x21 + ((line.charCodeAt(at) - 0x20 + ((noise[3 * i + 1] as number) % 93)) % 94),
      );
      bench.take(line.slice(0, at) + other + line.slice(at + 1));
    }
  };
  flood(0, count / 2);
  const before = heldBytes();
  flood(count / 2, count);
  assert.ok(heldBytes() - before < 4 * 2 ** 20);
  const counts = Object.values(bench.counters.snapshot()).reduce((sum, one) => sum + one, 0);
  assert.ok(counts > count / 2, `${counts} counted`);
  assert.equal(bench.tracker.position(), null);
  bench.take(...good);
  assert.notEqual(bench.tracker.position(), null);
});
