import { AgentError } from "../../config/base/errors.ts";
import { FieldReader, type InnerBox, innerBox, innerBoxes } from "./boxes.ts";
import type { InitSegment, Mp4Track } from "./init-segment.ts";

/** A moment of media time, in ticks of one track. */
export interface MediaTime {
  readonly ticks: bigint;
  /** Ticks a second. */
  readonly timescale: bigint;
}

/** A stretch of media time in ticks of one track, `[from, to)`. */
export interface TickSpan {
  readonly fromTicks: bigint;
  readonly toTicks: bigint;
}

/** One track's samples in one fragment. */
export interface TrackRun extends TickSpan {
  readonly track: Mp4Track;
  /** How many samples: pictures, or frames of sound. */
  readonly samples: number;
  /** Where the decode time stands in `moof`, so that it can be rebased. */
  readonly tfdt: { readonly offset: number; readonly bytes: 4 | 8 };
}

/** One `moof` + `mdat`. Decode times are those of the running ffmpeg, from 0 at its start. */
export interface Fragment {
  readonly moof: Buffer;
  readonly mdat: readonly Buffer[];
  /** `moof` and `mdat` together. */
  readonly bytes: number;
  readonly runs: readonly TrackRun[];
  /** null: no sample of the timing track in it, which is no cut point. */
  readonly timing: FragmentTiming | null;
}

export interface FragmentTiming extends TickSpan {
  /** Starts with a keyframe; sound alone always does. */
  readonly key: boolean;
  readonly longestTicks: bigint;
  /** Samples longer than 500 ms: ffmpeg hides lost frames in them. */
  readonly longSamples: readonly TickSpan[];
}

/** A sample longer than this is a loss that gets a signed gap (ledger-format §5). */
const LONG_SAMPLE_MS = 500n;
const MAX_SAMPLES = 65_536;
const MAX_LONG_SAMPLES = 64;
const NON_SYNC = 0x10000;

const TFHD = {
  baseDataOffset: 1,
  description: 2,
  duration: 8,
  size: 0x10,
  flags: 0x20,
  baseIsMoof: 0x20000,
} as const;
const TRUN = {
  dataOffset: 1,
  firstFlags: 4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  offset: 0x800,
} as const;

/**
 * Reads a fragment's header (ISO/IEC 14496-12 §8.8) and joins it with its data, which must be
 * exactly what the header describes. Throws `mp4-malformed`.
 */
export function parseFragment(init: InitSegment, moof: Buffer, mdat: readonly Buffer[]): Fragment {
  const mdatBytes = mdat.reduce((sum, part) => sum + part.length, 0);
  const runs: TrackRun[] = [];
  let timing: FragmentTiming | null = null;
  let sampleBytes = 0;
  for (const traf of innerBoxes(moof, 8)) {
    if (traf.type !== "traf") continue;
    const parsed = parseTraf(init, traf);
    sampleBytes += parsed.sampleBytes;
    if (parsed.run === null) continue;
    runs.push(parsed.run);
    if (parsed.run.track === init.timing) timing = parsed.timing;
  }
  const header = (mdat[0] as Buffer).length;
  if (sampleBytes !== mdatBytes - header) {
    throw new AgentError(
      "mp4-malformed",
      `moof describes ${sampleBytes} bytes, mdat holds ${mdatBytes - header}`,
    );
  }
  return { moof, mdat, bytes: moof.length + mdatBytes, runs, timing };
}

/**
 * The fragment's bytes with `base` subtracted from every decode time. The
 * header is copied, for the same fragment may stand in two recordings; the data is shared.
 * Throws `mp4-before-base` if a track starts before the base.
 */
export function rebased(fragment: Fragment, base: MediaTime): Buffer[] {
  const moof = Buffer.from(fragment.moof);
  for (const { track, fromTicks, tfdt } of fragment.runs) {
    const ticks = fromTicks - (base.ticks * track.timescale) / base.timescale;
    if (ticks < 0n) throw new AgentError("mp4-before-base", `track ${track.id} by ${-ticks} ticks`);
    if (tfdt.bytes === 8) moof.writeBigUInt64BE(ticks, tfdt.offset);
    else moof.writeUInt32BE(Number(ticks), tfdt.offset);
  }
  return [moof, ...fragment.mdat];
}

/** Whole µs, rounded down, as ledger-format §5 says. */
export function ticksToUs(ticks: bigint, timescale: bigint): number {
  return Number((ticks * 1_000_000n) / timescale);
}

interface Traf {
  /** null: a track that we do not follow, or one without samples. */
  run: TrackRun | null;
  timing: FragmentTiming;
  sampleBytes: number;
}

function parseTraf(init: InitSegment, traf: InnerBox): Traf {
  const boxes = innerBoxes(traf.payload);
  const header = parseTfhd(innerBox(boxes, "tfhd"), init);
  const decodeTime = parseTfdt(innerBox(boxes, "tfdt"));
  const longTicks = (LONG_SAMPLE_MS * header.timescale) / 1000n;
  const samples = new SampleWalk(decodeTime.ticks, longTicks);
  for (const box of boxes) if (box.type === "trun") walkTrun(box, header, samples);
  const span: TickSpan = { fromTicks: decodeTime.ticks, toTicks: samples.atTicks };
  const tfdt = { offset: traf.offset + decodeTime.offset, bytes: decodeTime.bytes };
  return {
    run:
      header.track === null || samples.count === 0
        ? null
        : { ...span, track: header.track, samples: samples.count, tfdt },
    timing: {
      ...span,
      key: header.track?.kind === "audio" || samples.startsWithKey,
      longestTicks: samples.longestTicks,
      longSamples: samples.longSamples,
    },
    sampleBytes: samples.bytes,
  };
}

interface TrafHeader {
  track: Mp4Track | null;
  timescale: bigint;
  durationTicks: number;
  sampleBytes: number;
  flags: number;
}

function parseTfhd({ payload }: InnerBox, init: InitSegment): TrafHeader {
  const fields = new FieldReader(payload, "tfhd", 1);
  const flags = fields.u24();
  if ((flags & TFHD.baseDataOffset) !== 0 || (flags & TFHD.baseIsMoof) === 0) {
    throw new AgentError("mp4-malformed", "tfhd: data offsets are not relative to the moof");
  }
  const trackId = fields.u32();
  const track = init.tracks.find((candidate) => candidate.id === trackId) ?? null;
  if (flags & TFHD.description) fields.skip(4);
  return {
    track,
    timescale: track?.timescale ?? 1n,
    durationTicks: flags & TFHD.duration ? fields.u32() : (track?.defaults.durationTicks ?? 0),
    sampleBytes: flags & TFHD.size ? fields.u32() : (track?.defaults.bytes ?? 0),
    flags: flags & TFHD.flags ? fields.u32() : (track?.defaults.flags ?? 0),
  };
}

/** `offset` is relative to the enclosing `traf` payload. */
function parseTfdt({ payload, offset }: InnerBox): { ticks: bigint; offset: number; bytes: 4 | 8 } {
  const fields = new FieldReader(payload, "tfdt");
  const version = fields.u8();
  fields.skip(3);
  const at = offset + fields.at;
  return version === 1
    ? { ticks: fields.u64(), offset: at, bytes: 8 }
    : { ticks: BigInt(fields.u32()), offset: at, bytes: 4 };
}

/** What the samples of one track add up to. */
class SampleWalk {
  readonly longSamples: TickSpan[] = [];
  readonly #longTicks: bigint;
  atTicks: bigint;
  longestTicks = 0n;
  count = 0;
  bytes = 0;
  startsWithKey = false;

  constructor(fromTicks: bigint, longTicks: bigint) {
    this.atTicks = fromTicks;
    this.#longTicks = longTicks;
  }

  add(durationTicks: number, bytes: number, flags: number): void {
    if (this.count === 0) this.startsWithKey = (flags & NON_SYNC) === 0;
    const duration = BigInt(durationTicks);
    const toTicks = this.atTicks + duration;
    if (duration > this.longestTicks) this.longestTicks = duration;
    if (duration > this.#longTicks) this.longSamples.push({ fromTicks: this.atTicks, toTicks });
    this.atTicks = toTicks;
    this.bytes += bytes;
    this.count++;
    if (this.count > MAX_SAMPLES || this.longSamples.length > MAX_LONG_SAMPLES) {
      throw new AgentError(
        "mp4-malformed",
        `trun: more than ${MAX_SAMPLES} samples or ${MAX_LONG_SAMPLES} long ones`,
      );
    }
  }
}

function walkTrun({ payload }: InnerBox, header: TrafHeader, samples: SampleWalk): void {
  const fields = new FieldReader(payload, "trun", 1);
  const flags = fields.u24();
  const count = fields.u32();
  if (flags & TRUN.dataOffset) fields.skip(4);
  const firstFlags = flags & TRUN.firstFlags ? fields.u32() : null;
  for (let i = 0; i < count; i++) {
    const durationTicks = flags & TRUN.duration ? fields.u32() : header.durationTicks;
    const bytes = flags & TRUN.size ? fields.u32() : header.sampleBytes;
    const ownFlags = flags & TRUN.flags ? fields.u32() : header.flags;
    if (flags & TRUN.offset) fields.skip(4);
    samples.add(durationTicks, bytes, i === 0 && firstFlags !== null ? firstFlags : ownFlags);
  }
}
