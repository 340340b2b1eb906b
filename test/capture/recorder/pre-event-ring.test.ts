import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { LiveFragment } from "../../../capture/live/live-fragment.ts";
import { PreEventRing } from "../../../capture/recorder/pre-event-ring.ts";
import { steadyFragments } from "../../support/media/fragments.ts";

const AMPLE_BYTES = 2 ** 30;

function filled(spanMs: number, fragments: readonly LiveFragment[], maxBytes = AMPLE_BYTES): PreEventRing {
  const ring = new PreEventRing(spanMs, maxBytes);
  for (const fragment of fragments) ring.push(fragment);
  return ring;
}

describe("the pre-event ring", () => {
  it("holds what was asked for and at most one group of pictures more", () => {
    for (const keyframeMs of [500, 2000, 10_000]) {
      const ring = filled(30_000, steadyFragments(100_250, keyframeMs));
      assert.ok(ring.spanUs >= 30_000_000, `${ring.spanUs}`);
      assert.ok(ring.spanUs < 30_000_000 + keyframeMs * 1000, `${ring.spanUs}`);
    }
  });

  it("asked for nothing holds the group of pictures that is needed to begin at once", () => {
    const ring = filled(0, steadyFragments(11_250, 2000));
    assert.equal(ring.fragments[0]?.fromUs, 10_000_000);
  });

  it("waits for a keyframe to begin with", () => {
    const ring = filled(30_000, steadyFragments(8000, 2000).slice(1));
    assert.equal(ring.fragments[0]?.fromUs, 2_000_000);
    assert.equal(filled(30_000, steadyFragments(2000, 2000).slice(1)).spanUs, 0);
  });

  it("rather holds less than more bytes than allowed", () => {
    const fragments = steadyFragments(60_000, 2000);
    const group = fragments.slice(0, 4).reduce((sum, { fragment }) => sum + fragment.bytes, 0);
    const ring = filled(30_000, fragments, group * 3);
    assert.ok(ring.bytes <= group * 3);
    assert.ok(ring.spanUs >= 4_000_000);
    assert.ok(ring.dropped > 0);
    assert.equal(filled(30_000, fragments).dropped, 0);
  });

  it("starts with a keyframe and knows its size, whatever comes", () => {
    const fragments = steadyFragments(120_000, 1500);
    const bytes = (held: readonly LiveFragment[]) =>
      held.reduce((sum, { fragment }) => sum + fragment.bytes, 0);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 1000, max: 60_000 }),
        fc.nat(fragments.length),
        (spanMs, maxBytes, count) => {
          const ring = filled(spanMs, fragments.slice(0, count), maxBytes);
          assert.equal(ring.bytes, bytes(ring.fragments));
          assert.ok(ring.bytes <= maxBytes);
          if (ring.fragments.length > 0) assert.equal(ring.fragments[0]?.key, true);
        },
      ),
    );
  });

  it("cleared is empty", () => {
    const ring = filled(30_000, steadyFragments(10_000, 2000));
    assert.ok(ring.bytes > 0);
    ring.clear();
    assert.deepEqual([ring.bytes, ring.spanUs, ring.fragments.length], [0, 0, 0]);
  });
});
