/** Hand-made fragmented MP4: as little of it as a reader needs, written from ISO/IEC 14496-12. */

export interface MadeTrack {
  id: number;
  kind: "video" | "audio";
  timescale: number;
}

export interface MadeRun {
  track: MadeTrack;
  /** Decode time of the first sample, ticks. */
  ticks: bigint;
  durations: number[];
  /** The first sample is a keyframe; how the flags say so is `flagsIn`. */
  key?: boolean;
  flagsIn?: "first" | "each" | "default";
}

export const VIDEO: MadeTrack = { id: 1, kind: "video", timescale: 90_000 };
export const AUDIO: MadeTrack = { id: 2, kind: "audio", timescale: 48_000 };

const SYNC = 0x02000000;
const NON_SYNC = 0x01010000;
const SAMPLE_BYTES = 5;

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export function box(type: string, ...payload: Uint8Array[]): Buffer {
  const content = Buffer.concat(payload);
  return Buffer.concat([u32(content.length + 8), Buffer.from(type, "latin1"), content]);
}

/** `ftyp` + `moov` of these tracks. */
export function initSegment(tracks: readonly MadeTrack[] = [VIDEO, AUDIO]): Buffer {
  return Buffer.concat([box("ftyp", Buffer.from("iso5\0\0\x02\0iso5")), moov(tracks)]);
}

export function moov(tracks: readonly MadeTrack[]): Buffer {
  const trex = tracks.map(({ id }) => box("trex", u32(0), u32(id), u32(1), u32(0), u32(0), u32(NON_SYNC)));
  return box("moov", box("mvhd", Buffer.alloc(100)), ...tracks.map(trak), box("mvex", ...trex));
}

function trak({ id, kind, timescale }: MadeTrack): Buffer {
  const entry = Buffer.alloc(28);
  if (kind === "video") {
    entry.writeUInt16BE(640, 24);
    entry.writeUInt16BE(360, 26);
  } else {
    entry.writeUInt32BE(48_000 * 65_536, 24);
  }
  const stsd = box("stsd", u32(0), u32(1), box(kind === "video" ? "avc1" : "mp4a", entry));
  return box(
    "trak",
    box("tkhd", u32(0), u32(0), u32(0), u32(id), Buffer.alloc(68)),
    box(
      "mdia",
      box("mdhd", u32(0), u32(0), u32(0), u32(timescale), Buffer.alloc(8)),
      box("hdlr", u32(0), u32(0), Buffer.from(kind === "video" ? "vide" : "soun"), Buffer.alloc(13)),
      box("minf", box("stbl", stsd)),
    ),
  );
}

/** `moof` + `mdat` with these runs, every sample 5 bytes long. */
export function fragment(...runs: MadeRun[]): Buffer {
  const samples = runs.reduce((sum, { durations }) => sum + durations.length, 0);
  const data = Buffer.alloc(samples * SAMPLE_BYTES, 0xab);
  return Buffer.concat([box("moof", box("mfhd", u32(0), u32(1)), ...runs.map(traf)), box("mdat", data)]);
}

function traf({ track, ticks, durations, key = false, flagsIn = "first" }: MadeRun): Buffer {
  const first = key ? SYNC : NON_SYNC;
  const tfhdFlags = 0x20000 | 0x10 | 0x20;
  const tfhd = [
    u32(tfhdFlags),
    u32(track.id),
    u32(SAMPLE_BYTES),
    u32(flagsIn === "default" ? first : NON_SYNC),
  ];
  const trunFlags = 0x101 | (flagsIn === "first" ? 4 : 0) | (flagsIn === "each" ? 0x400 : 0);
  const trun = [u32(trunFlags), u32(durations.length), u32(0), ...(flagsIn === "first" ? [u32(first)] : [])];
  for (const [index, duration] of durations.entries()) {
    trun.push(u32(duration));
    if (flagsIn === "each") trun.push(u32(index === 0 ? first : NON_SYNC));
  }
  return box("traf", box("tfhd", ...tfhd), box("tfdt", u32(0x01000000), u64(ticks)), box("trun", ...trun));
}

/** A run of evenly spaced pictures. */
export function pictures(
  fromMs: number,
  durationMs: number,
  options: { key?: boolean; everyMs?: number } = {},
): MadeRun {
  const everyMs = options.everyMs ?? 40;
  const count = Math.max(1, Math.round(durationMs / everyMs));
  const even = Math.floor((durationMs * 90) / count);
  const durations = Array.from({ length: count }, (_, i) =>
    i === 0 ? durationMs * 90 - even * (count - 1) : even,
  );
  return { track: VIDEO, ticks: BigInt(fromMs * 90), durations, key: options.key ?? false };
}

/** A run of sound. */
export function sound(fromMs: number, durationMs: number): MadeRun {
  return { track: AUDIO, ticks: BigInt(fromMs * 48), durations: [durationMs * 48] };
}
