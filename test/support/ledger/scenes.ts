import type { JsonObject } from "../../../crypto/bytes/canonical.ts";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import type { Evidence } from "./evidence.ts";
import { LedgerMaker, type Lies, WITNESS } from "./ledger-maker.ts";

/** Ledgers worth telling about. */

export const REC = "11111111-2222-4333-8444-555555555555";
export const OTHER_REC = "11111111-2222-4333-8444-666666666666";
const CHUNK_US = 2_000_000;

export function startLive(maker: LedgerMaker, rec = REC, more: JsonObject = {}): number {
  const tracks = [{ kind: "video", codec: "h264", width: 640, height: 360 }];
  return maker.add({
    type: "recording.start",
    rec,
    origin: "live",
    trigger: "button",
    pre_event_ms: 0,
    tracks,
    ...more,
  });
}

/** Chunk `n` of a live recording: the initialisation segment for 0, then 2 s each. */
export function addChunk(maker: LedgerMaker, n: number, rec = REC, more: JsonObject = {}): number {
  if (n > 0) maker.pass(2000);
  // two recordings of one camera share their initialisation segment
  const content = Buffer.from(n === 0 ? "ftyp moov" : `${rec} chunk ${n}`);
  const from_us = Math.max(0, n - 1) * CHUNK_US;
  const times = { from_us, to_us: n * CHUNK_US, key: n > 0, longest_us: n > 0 ? 40_000 : 0 };
  return maker.add({ type: "recording.chunk", rec, n, ...maker.media(content), ...times, ...more });
}

export function addGap(
  maker: LedgerMaker,
  reason: string,
  from_us: number,
  to_us: number,
  rec = REC,
): number {
  return maker.add({ type: "device.gap", reason, rec, from_us, to_us });
}

export function stopLive(maker: LedgerMaker, chunks: number, rec = REC, more: JsonObject = {}): void {
  let bytes = 0;
  for (let n = 0; n < chunks; n++) bytes += n === 0 ? "ftyp moov".length : `${rec} chunk ${n}`.length;
  maker.add({ type: "recording.stop", rec, chunks, bytes, reason: "button", ...more });
  maker.epoch("recording");
}

/** Start, `seconds` of chunks, stop. */
export function record(maker: LedgerMaker, seconds: number, rec = REC): void {
  startLive(maker, rec);
  const chunks = seconds / 2 + 1;
  for (let n = 0; n < chunks; n++) addChunk(maker, n, rec);
  stopLive(maker, chunks, rec);
}

export function heartbeat(maker: LedgerMaker): number {
  maker.pass(60_000);
  return maker.add({ type: "device.heartbeat", free_bytes: 1_000_000, recording: false });
}

/** Close, checkpoint and its cosignature: the end of every honest scene. */
export function closeWitnessed(maker: LedgerMaker, trust?: string): Evidence {
  maker.add({ type: "ledger.close", reason: "stop" });
  maker.checkpoint(WITNESS);
  return maker.evidence(trust);
}

/**
 * `seconds` of live recording between two heartbeats, closed and witnessed:
 * 0 genesis, 1 first epoch, 2 heartbeat, 3 start, 4 … chunks, stop, epoch, heartbeat, close.
 */
export function recording(seconds: number, lies: Lies = {}): Evidence {
  const maker = new LedgerMaker(lies);
  heartbeat(maker);
  record(maker, seconds);
  maker.checkpoint();
  heartbeat(maker);
  return closeWitnessed(maker);
}

/** One open scene of the caller's between genesis and close. */
export function scene(play: (maker: LedgerMaker) => void, lies: Lies = {}): Evidence {
  const maker = new LedgerMaker(lies);
  play(maker);
  return closeWitnessed(maker);
}

/** A recording, a receipt for all of it, and a purge of its media under that receipt. */
export function purged(
  change: { seqs?: [number, number][]; receipt?: string; covered?: [number, number][] } = {},
): Evidence {
  return scene((maker) => {
    record(maker, 10);
    const all: [number, number][] = [[0, maker.size]];
    const receipt = maker.receipt(change.covered ?? all);
    const named = change.receipt ?? receipt;
    maker.add({
      type: "custody.purge",
      seqs: change.seqs ?? all,
      reason: "age",
      policy: "keep_days=30",
      receipt: named,
    });
  });
}

const IMPORT_PARTS = ["camera file, ", "part by part, ", "to its end"];
const IMPORT_FILE = IMPORT_PARTS.join("");

/** An unsealed import of a camera's file in three chunks. */
export function imported(change: { file?: string; offsets?: number[]; stop?: JsonObject } = {}): Evidence {
  return scene((maker) => addImport(maker, change));
}

function addImport(
  maker: LedgerMaker,
  change: { file?: string; offsets?: number[]; stop?: JsonObject } = {},
): void {
  const source = { serial: "A7", path: "DCIM/0001.mp4", bytes: IMPORT_FILE.length };
  startLive(maker, REC, { origin: "import", trigger: "dock", source });
  let offset = 0;
  for (const [n, part] of IMPORT_PARTS.entries()) {
    const at = change.offsets?.[n] ?? offset;
    maker.add({ type: "recording.chunk", rec: REC, n, ...maker.media(Buffer.from(part)), offset: at });
    offset += part.length;
  }
  const file_digest = sha256(change.file ?? IMPORT_FILE).toString("hex");
  maker.add({
    type: "recording.stop",
    rec: REC,
    chunks: IMPORT_PARTS.length,
    bytes: IMPORT_FILE.length,
    reason: "imported",
    file_digest,
    ...change.stop,
  });
}

/** An import, a receipt that covers it, and the removal of the file from the recorder. */
export function wiped(
  change: { covered?: [number, number][]; early?: boolean; wipe?: JsonObject } = {},
): Evidence {
  return scene((maker) => {
    const before = change.early === true ? maker.receipt([[0, maker.size]]) : undefined;
    addImport(maker);
    const receipt = before ?? maker.receipt(change.covered ?? [[0, maker.size]]);
    maker.add({
      type: "dock.wipe",
      bay: "3",
      serial: "A7",
      path: "DCIM/0001.mp4",
      bytes: IMPORT_FILE.length,
      rec: REC,
      file_digest: sha256(IMPORT_FILE).toString("hex"),
      receipt,
      ...change.wipe,
    });
  });
}
