import { AgentError } from "../../config/base/errors.ts";
import { FieldReader, type InnerBox, innerBox, innerBoxes } from "./boxes.ts";

/** What a fragment may leave out, from `trex` (ISO/IEC 14496-12 §8.8.3). */
export interface SampleDefaults {
  readonly durationTicks: number;
  readonly bytes: number;
  readonly flags: number;
}

export interface Mp4Track {
  readonly id: number;
  readonly kind: "video" | "audio";
  /** `h264`, `hevc`, `aac`, or the sample entry's four characters. */
  readonly codec: string;
  /** Ticks a second of this track's decode times. */
  readonly timescale: bigint;
  /** Pixels; video only. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Samples a second; audio only. */
  readonly rateHz?: number;
  readonly defaults: SampleDefaults;
  /** By how much its decode times are shown later than they say, µs: where ffmpeg puts the offset of the tracks. */
  readonly delayUs: number;
}

/** `ftyp` + `moov`: what a player needs before the first fragment. */
export interface InitSegment {
  readonly bytes: Buffer;
  readonly tracks: readonly Mp4Track[];
  /** The track whose decode times are the recording's media time: video, or audio if there is no video. */
  readonly timing: Mp4Track;
}

const CODECS: Readonly<Record<string, string>> = {
  avc1: "h264",
  avc3: "h264",
  hvc1: "hevc",
  hev1: "hevc",
  mp4a: "aac",
};

/**
 * Reads an initialisation segment. `moovAt` is the offset of `moov` in `bytes`.
 * Throws `mp4-malformed`, and `mp4-no-track` if there is neither picture nor sound.
 */
export function parseInitSegment(bytes: Buffer, moovAt: number): InitSegment {
  const moov = innerBoxes(bytes, moovAt + 8);
  const defaults = new Map(
    innerBoxes(innerBox(moov, "mvex").payload)
      .filter((box) => box.type === "trex")
      .map(parseTrex),
  );
  const movieTimescale = parseTimescale(innerBox(moov, "mvhd"));
  const tracks: Mp4Track[] = [];
  for (const trak of moov) {
    if (trak.type !== "trak") continue;
    const track = parseTrak(trak, defaults, movieTimescale);
    if (track !== null) tracks.push(track);
  }
  const timing = tracks.find((track) => track.kind === "video") ?? tracks[0];
  if (timing === undefined) throw new AgentError("mp4-no-track", "moov");
  return { bytes, tracks, timing };
}

function parseTrex({ payload }: InnerBox): [trackId: number, defaults: SampleDefaults] {
  const fields = new FieldReader(payload, "trex", 4);
  const id = fields.u32();
  fields.skip(4); // default_sample_description_index
  return [id, { durationTicks: fields.u32(), bytes: fields.u32(), flags: fields.u32() }];
}

/** null: a track that is neither picture nor sound. */
function parseTrak(
  { payload }: InnerBox,
  defaults: ReadonlyMap<number, SampleDefaults>,
  movieTimescale: bigint,
): Mp4Track | null {
  const trak = innerBoxes(payload);
  const id = parseTrackId(innerBox(trak, "tkhd"));
  const mdia = innerBoxes(innerBox(trak, "mdia").payload);
  const handler = new FieldReader(innerBox(mdia, "hdlr").payload, "hdlr", 8).text(4);
  if (handler !== "vide" && handler !== "soun") return null;
  const timescale = parseTimescale(innerBox(mdia, "mdhd"));
  const trackDefaults = defaults.get(id);
  if (timescale === 0n || trackDefaults === undefined) throw new AgentError("mp4-malformed", `track ${id}`);
  const stbl = innerBoxes(innerBox(innerBoxes(innerBox(mdia, "minf").payload), "stbl").payload);
  const entry = innerBoxes(innerBox(stbl, "stsd").payload, 8)[0];
  if (entry === undefined) throw new AgentError("mp4-malformed", `track ${id}: empty stsd`);
  const codec = CODECS[entry.type] ?? entry.type;
  const delayUs = parseDelayUs(trak, movieTimescale);
  const common = { id, codec, timescale, defaults: trackDefaults, delayUs };
  return handler === "vide"
    ? { ...common, kind: "video", size: parseVisualSize(entry) }
    : // a rate of 65,536 or more does not fit the sample entry, which then says 0; it is the timescale too
      { ...common, kind: "audio", rateHz: parseSampleRate(entry) || Number(timescale) };
}

function parseTrackId({ payload }: InnerBox): number {
  const fields = new FieldReader(payload, "tkhd");
  const version = fields.u8();
  fields.skip(3 + (version === 1 ? 16 : 8)); // flags, creation and modification time
  return fields.u32();
}

/** An empty edit at the beginning (ISO/IEC 14496-12 §8.6.6); 0: there is none. */
function parseDelayUs(trak: readonly InnerBox[], movieTimescale: bigint): number {
  const edts = trak.find(({ type }) => type === "edts");
  const elst = edts === undefined ? undefined : innerBoxes(edts.payload).find(({ type }) => type === "elst");
  if (elst === undefined || movieTimescale === 0n) return 0;
  const fields = new FieldReader(elst.payload, "elst");
  const isLong = fields.u8() === 1;
  fields.skip(3);
  if (fields.u32() === 0) return 0;
  const duration = isLong ? fields.u64() : BigInt(fields.u32());
  const mediaTime = isLong ? BigInt.asIntN(64, fields.u64()) : BigInt.asIntN(32, BigInt(fields.u32()));
  return mediaTime === -1n ? Number((duration * 1_000_000n) / movieTimescale) : 0;
}

/** Of `mvhd` and `mdhd`, which begin alike. */
function parseTimescale({ payload }: InnerBox): bigint {
  const fields = new FieldReader(payload, "mvhd or mdhd");
  const version = fields.u8();
  fields.skip(3 + (version === 1 ? 16 : 8));
  return BigInt(fields.u32());
}

/** VisualSampleEntry, ISO/IEC 14496-12 §12.1.3. */
function parseVisualSize({ payload }: InnerBox): { width: number; height: number } {
  const fields = new FieldReader(payload, "stsd", 24);
  return { width: fields.u16(), height: fields.u16() };
}

/** AudioSampleEntry, ISO/IEC 14496-12 §12.2.3: 16.16 fixed point. */
function parseSampleRate({ payload }: InnerBox): number {
  return new FieldReader(payload, "stsd", 24).u32() >>> 16;
}
