import assert from "node:assert/strict";
import type { IdleGap } from "../../../crypto/entry/ledger-types.ts";
import type { MemoryWriter } from "../memory-writer.ts";

/**
 * Asserts what ledger-format §5 demands of every live recording in the entries: start before chunks
 * before stop, numbers without holes, contiguous media time, gaps where time jumps or frames are long.
 */
export function assertLiveRecordings(writer: MemoryWriter): void {
  for (const { rec } of writer.of("recording.start")) {
    const own = writer.entries.filter((entry) => "rec" in entry && entry.rec === rec);
    assert.equal(own[0]?.type, "recording.start");
    const chunks = writer.chunks(rec);
    assert.deepEqual(
      chunks.map(({ n }) => n),
      chunks.map((_, index) => index),
    );
    const [init, ...media] = chunks;
    assert.deepEqual([init?.from_us, init?.to_us, init?.longest_us, init?.key], [0, 0, 0, false]);
    const gaps = writer.of("device.gap").flatMap((gap) => ("rec" in gap && gap.rec === rec ? [gap] : []));
    const bridged = (from: number, to: number) =>
      gaps.some((gap) => gap.from_us === from && gap.to_us === to && gap.reason !== "muted");
    for (const [index, chunk] of media.entries()) {
      assert.ok(chunk.to_us > chunk.from_us);
      const previous = media[index - 1]?.to_us ?? chunk.from_us;
      assert.ok(chunk.from_us === previous || bridged(previous, chunk.from_us), `jump at ${previous}`);
      if (chunk.longest_us > 500_000) {
        assert.ok(
          gaps.some((gap) => gap.reason === "frames-lost" && gap.to_us - gap.from_us >= chunk.longest_us - 1),
        );
      }
    }
    const endUs = media.at(-1)?.to_us ?? 0;
    for (const gap of gaps)
      assert.ok(gap.from_us < gap.to_us && gap.to_us <= endUs, `gap ${gap.from_us}–${gap.to_us}`);
    const stop = own.at(-1);
    assert.equal(stop?.type, "recording.stop");
    if (stop?.type !== "recording.stop") return;
    assert.equal(stop.chunks, chunks.length);
    assert.equal(
      stop.bytes,
      chunks.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }
}

/** True for a gap outside of any recording. */
export function isIdle(gap: object): gap is IdleGap {
  return "mono_from_us" in gap;
}

/** One AAC frame at 44.1 kHz: an encoder's first frame holds no sound of its own and plays before 0. */
const PRIMING_S = 1024 / 44_100;

/** Asserts that a joined recording plays from 0. */
export function assertStartsAtZero(startS: number): void {
  assert.ok(Math.abs(startS) <= PRIMING_S, `starts at ${startS} s`);
}
