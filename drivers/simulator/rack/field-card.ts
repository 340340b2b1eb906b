import { createCipheriv, createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, utimesSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";

export interface FieldCard {
  /** The folder that is the card; made if it is not there. */
  folder: string;
  serial: string;
  /** Six letters, as they stand in the names. */
  wearer: string;
  files: number;
  /** Of each file. */
  bytes: number;
  /** When the last recording began, UTC. */
  lastMs: number;
}

const ZONE_MS = 8 * 3_600_000;
const BETWEEN_MS = 17 * 60_000;
const PIECE_BYTES = 256 * 1024;

/**
 * Puts recordings on a card as makers of GA/T 947 recorders name them: the second is marked as important, the third
 * has a Chinese name. What is there stays. The content follows from serial and name, and cannot be compressed.
 */
export function fillCard({ folder, serial, wearer, files, bytes, lastMs }: FieldCard): void {
  for (let index = 0; index < files; index++) {
    const beganMs = Math.floor(lastMs / 1000) * 1000 - (files - 1 - index) * BETWEEN_MS;
    const name = fieldName(index, wearer, beganMs);
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) continue;
    writeContent(path, `${serial}/${name}`, bytes);
    utimesSync(path, beganMs / 1000, beganMs / 1000);
  }
  mkdirSync(folder, { recursive: true });
}

/** `DCAM_<camera>_<user6>_<YYYYMMDD>_<HHMMSS>[_IMP].mp4`, local time. */
function fieldName(index: number, wearer: string, beganMs: number): string {
  const [day = "", time = ""] = new Date(beganMs + ZONE_MS).toISOString().slice(0, 19).split("T");
  const moment = `${wearer}_${day.replaceAll("-", "")}_${time.replaceAll(":", "")}`;
  if (index === 1) return `DCIM/DCAM_C1_${moment}_IMP.mp4`;
  return index === 2 ? `执法记录/路口处置_${moment}.mp4` : `DCIM/DCAM_C1_${moment}.mp4`;
}

function writeContent(path: string, seed: string, bytes: number): void {
  const key = createHash("sha256").update(seed).digest();
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  const zeros = Buffer.alloc(PIECE_BYTES);
  const file = openSync(path, "w");
  try {
    for (let left = bytes; left > 0; left -= PIECE_BYTES)
      writeSync(file, stream.update(zeros.subarray(0, Math.min(left, PIECE_BYTES))));
  } finally {
    closeSync(file);
  }
}
