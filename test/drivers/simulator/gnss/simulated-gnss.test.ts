import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { Counters } from "../../../../config/base/counters.ts";
import { latitudeE7, longitudeE7 } from "../../../../drivers/serial/gnss/coordinate.ts";
import { GnssTracker } from "../../../../drivers/serial/gnss/gnss-tracker.ts";
import { TextLines } from "../../../../drivers/serial/line/text-lines.ts";
import { sentencesOf } from "../../../../drivers/simulator/gnss/nmea.ts";
import { SimulatedGnss } from "../../../../drivers/simulator/gnss/simulated-gnss.ts";
import { ManualClock, seededRandom } from "../../../support/surroundings.ts";

/** A simulated receiver, and what the program reads of it. */
async function heard(t: TestContext) {
  const clock = new ManualClock();
  const counters = new Counters();
  const gnss = new SimulatedGnss({ clock, random: seededRandom("gnss") });
  const tracker = new GnssTracker({ monoUs: () => clock.monoUs(), counters });
  const lines = new TextLines(128, {
    onLine: (line) => tracker.take(line),
    onDiscarded: (bytes) => counters.add("discarded", bytes),
  });
  gnss.plug((bytes) => lines.push(bytes));
  const ending = new AbortController();
  const run = gnss.run(ending.signal);
  t.after(async () => {
    ending.abort();
    await run;
  });
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000);
      await turn();
    }
  };
  return { gnss, clock, counters, tracker, pass };
}

describe("a simulated GNSS receiver", () => {
  it("tells a place and the time to the reader of the program", async (t) => {
    const { gnss, clock, tracker, pass } = await heard(t);
    await pass(3);
    assert.deepEqual(tracker.position(), {
      lat_e7: 399_043_673,
      lon_e7: 1_163_918_783,
      acc_mm: 4_500,
      age_ms: 0,
    });
    assert.equal(tracker.time()?.utcMs, clock.utcMs());
    Object.assign(gnss.situation, { place: { latitude: -33.5, longitude: -70.75 }, errorM: 12 });
    await pass(1);
    assert.deepEqual(
      [tracker.position()?.lat_e7, tracker.position()?.lon_e7, tracker.position()?.acc_mm],
      [-335_000_000, -707_500_000, 12_000],
    );
  });

  it("has no place and no time without a fix, and finds both again", async (t) => {
    const { gnss, tracker, pass } = await heard(t);
    await pass(3);
    gnss.situation.hasFix = false;
    await pass(1);
    assert.deepEqual([tracker.position(), tracker.time()], [null, null]);
    gnss.situation.hasFix = true;
    await pass(3);
    assert.ok(tracker.position() !== null && tracker.time() !== null);
  });

  it("moves along its course, over the date line", async (t) => {
    const { gnss, tracker, pass } = await heard(t);
    Object.assign(gnss.situation, { place: { latitude: 0, longitude: 179.9995 }, metresPerSecond: 111.32 });
    await pass(10);
    // 0.001 degrees a second to the north
    assert.ok(Math.abs((tracker.position()?.lat_e7 ?? 0) - 100_000) < 20, `${tracker.position()?.lat_e7}`);
    gnss.situation.course = 90;
    await pass(1);
    assert.ok(
      Math.abs((tracker.position()?.lon_e7 ?? 0) + 1_799_995_000) < 20,
      `${tracker.position()?.lon_e7}`,
    );
  });

  it("has a clock that is wrong, mistaken by 1,024 weeks, or without a date", async (t) => {
    const { gnss, clock, counters, tracker, pass } = await heard(t);
    gnss.situation.clockErrorMs = 7_200_000;
    await pass(3);
    assert.equal(tracker.time()?.utcMs, clock.utcMs() + 7_200_000);
    gnss.situation.clockErrorMs = -1024 * 7 * 86_400_000;
    await pass(3);
    assert.equal(tracker.time(), null);
    assert.equal(counters.get("gnss-date"), 3);
    Object.assign(gnss.situation, { clockErrorMs: 0, isDated: false });
    await pass(3);
    assert.equal(tracker.time(), null);
    assert.equal(counters.get("gnss-date"), 3);
    assert.ok(tracker.position() !== null, "a place needs no date");
  });

  it("spoils what it is told to, and nothing else", async (t) => {
    const { gnss, counters, tracker, pass } = await heard(t);
    gnss.faults.wrongChecksums = 4;
    await pass(2);
    // what it knows is from before
    assert.deepEqual([counters.get("nmea-checksum"), tracker.position()?.age_ms], [4, 2_000]);
    gnss.faults.cutSentences = 1;
    await pass(1);
    // the cut one spoils the one behind it
    assert.equal(counters.get("nmea-checksum") + counters.get("nmea-malformed"), 5);
    gnss.faults.silent = true;
    await pass(11);
    assert.equal(tracker.position(), null);
    gnss.faults.silent = false;
    gnss.faults.noiseBytes = 64;
    await pass(4);
    // each RMC is behind noise, and nobody vouches for the place that GGA has
    assert.ok(counters.get("nmea-malformed") + counters.get("discarded") >= 4, "no noise");
    assert.equal(tracker.position(), null);
    gnss.faults.noiseBytes = 0;
    await pass(1);
    assert.ok(tracker.position() !== null);
    gnss.unplug();
    await pass(11);
    assert.equal(tracker.position(), null);
  });

  it("writes every place so that it is read again, to the step of its minutes", () => {
    const place = fc.record({
      latitude: fc.double({ min: -89, max: 89, noNaN: true }),
      longitude: fc.double({ min: -180, max: 180, noNaN: true }),
    });
    const about = { utcMs: 0, dated: true, knots: 0, course: 0, hdop: 1, errorM: null };
    fc.assert(
      fc.property(place, (at) => {
        const fields = sentencesOf({ ...about, place: at })[1]?.split(",") ?? [];
        const latitude = latitudeE7(fields[2] ?? "", fields[3] ?? "");
        const longitude = longitudeE7(fields[4] ?? "", fields[5] ?? "");
        assert.ok(latitude !== null && Math.abs(latitude - at.latitude * 1e7) <= 2, `${latitude}`);
        assert.ok(longitude !== null && Math.abs(longitude - at.longitude * 1e7) <= 2, `${longitude}`);
      }),
    );
  });
});
