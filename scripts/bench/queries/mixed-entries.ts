import { createHash } from "node:crypto";
import type { JsonObject } from "../../../crypto/bytes/canonical.ts";

/** A recording and what stands beside it: 120 chunks of two seconds, then its end. */
const ROUND = 128;
const ROUNDS_AN_ACTIVITY = 8;
const CHUNKS = 120;
const CHUNK_BYTES = 1_000_000;

/** The body of entry `seq` of a recorder's ledger over weeks: recordings, some marked, activities, heartbeats. */
export function mixedEntry(seq: number): JsonObject {
  const round = Math.floor(seq / ROUND);
  const at = seq % ROUND;
  const rec = uuidOf("rec", round);
  const activity = uuidOf("act", Math.floor(round / ROUNDS_AN_ACTIVITY));
  const inActivity = round % ROUNDS_AN_ACTIVITY;
  // seqs 0 and 1 are genesis and the first epoch: the first round begins after them
  if (at <= 1) return heartbeat(seq);
  if (at === 2) {
    return inActivity === 0
      ? { type: "activity.open", activity, kind: "inspection", title: "夜市巡查", officers: ["110042"] }
      : { type: "activity.note", activity, text: "摊主已自行清理。" };
  }
  if (at === 3) {
    const tracks = [{ kind: "video", codec: "h264", width: 1920, height: 1080 }];
    return { type: "recording.start", rec, origin: "live", trigger: "button", pre_event_ms: 0, tracks };
  }
  const n = at - 4;
  if (n < CHUNKS) return chunk(seq, rec, n);
  if (n === CHUNKS) {
    return round % 10 === 0
      ? { type: "recording.marker", rec, at_us: 1_000_000, label: "重点" }
      : heartbeat(seq);
  }
  if (n === CHUNKS + 1)
    return { type: "recording.stop", rec, chunks: CHUNKS, bytes: CHUNKS * CHUNK_BYTES, reason: "button" };
  if (n === CHUNKS + 2) return { type: "activity.link", activity, rec, basis: "stated" };
  return inActivity === ROUNDS_AN_ACTIVITY - 1
    ? { type: "activity.close", activity, outcome: "整改完毕" }
    : heartbeat(seq);
}

function chunk(seq: number, rec: string, n: number): JsonObject {
  const digest = createHash("sha256").update(String(seq)).digest("hex");
  const media = { digest, bytes: CHUNK_BYTES, sealed: false };
  const fromUs = Math.max(n - 1, 0) * 2_000_000;
  const toUs = n * 2_000_000;
  return {
    ...{ type: "recording.chunk", rec, n, from_us: fromUs, to_us: toUs, key: n > 0 },
    ...{ longest_us: n > 0 ? 40_000 : 0, ...media },
  };
}

function heartbeat(seq: number): JsonObject {
  return { type: "device.heartbeat", free_bytes: 64e9 - seq, recording: false };
}

function uuidOf(kind: string, number: number): string {
  const hex = createHash("sha256").update(`${kind} ${number}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
