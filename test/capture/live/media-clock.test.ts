import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MediaClock } from "../../../capture/live/media-clock.ts";

const FRAGMENT_US = 500_000;

interface Course {
  /** Media time at a moment, µs; by default they run alike. */
  mediaUs?: (monoUs: number) => number;
  /** How much later than usual a fragment arrives, µs. */
  lateUs?: (monoUs: number) => number;
  recording?: boolean;
  forS: number;
}

/** Second at which the clock no longer believes the stream; null: it believes it to the end. */
function straysAt({ mediaUs = (us) => us, lateUs = () => 0, recording = true, forS }: Course): number | null {
  const clock = new MediaClock();
  for (let monoUs = FRAGMENT_US; monoUs <= forS * 1e6; monoUs += FRAGMENT_US) {
    if (!clock.observe(mediaUs(monoUs), monoUs + 150_000 + lateUs(monoUs), { recording }))
      return monoUs / 1e6;
  }
  return null;
}

describe("a stream's time", () => {
  it("that keeps pace is believed", () => {
    assert.equal(straysAt({ forS: 600 }), null);
  });

  it("that arrives late now and then is believed", () => {
    assert.equal(straysAt({ forS: 600, lateUs: (us) => (us % 10e6 < 2e6 ? 1.8e6 : 0) }), null);
  });

  it("that comes in a burst at the start is believed", () => {
    assert.equal(straysAt({ forS: 60, lateUs: (us) => Math.max(0, 3e6 - us) }), null);
  });

  it("that loses more than a second is not: a sender was restarted", () => {
    assert.equal(straysAt({ forS: 60, mediaUs: (us) => (us < 20e6 ? us : us - 900_000) }), null);
    const noticed = straysAt({ forS: 60, mediaUs: (us) => (us < 20e6 ? us : us - 1_100_000) });
    assert.ok(noticed !== null && noticed >= 20 && noticed <= 26, `${noticed}`);
  });

  it("that runs ahead is not", () => {
    assert.equal(straysAt({ forS: 60, mediaUs: (us) => (us < 20e6 ? us : us + 1_100_000) }), 20);
  });

  it("that creeps away is not, while recording; in the pre-event buffer a crystal may differ", () => {
    const creeping = (us: number) => us * (1 - 90e-6);
    assert.equal(straysAt({ forS: 7200, mediaUs: creeping }) !== null, false);
    assert.notEqual(straysAt({ forS: 14_400, mediaUs: creeping }), null);
    assert.equal(straysAt({ forS: 14_400, mediaUs: creeping, recording: false }), null);
  });

  it("tells where the stream is between two fragments", () => {
    const clock = new MediaClock();
    clock.observe(500_000, 10_650_000, { recording: true });
    assert.equal(clock.liveUs(10_850_000), 700_000);
    clock.observe(1_000_000, 11_900_000, { recording: true });
    assert.equal(clock.liveUs(11_900_000), 1_750_000);
  });
});
