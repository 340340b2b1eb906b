import { crc32 } from "node:zlib";

/**
 * What `scripts/image/boot/boot.cmd` and libubootenv do with the partition `boot-env`, as a model: two copies, each
 * CRC-32 of the data (little-endian), a counter of one byte, and the data, which is `NAME=value` ended by NUL.
 */

export type Slot = "A" | "B";

export interface BootEnv {
  order: readonly Slot[];
  left: Record<Slot, number>;
}

/** One write of one copy. */
export interface EnvWrite {
  at: number;
  bytes: Buffer;
}

export const PARTITION_BYTES = 512 * 1024;
export const COPY_BYTES = 0x1000;
export const SECTOR_BYTES = 512;
const PLACES = [0, 0x40000] as const;
const FULL = 3;

export function emptyPartition(): Buffer {
  return Buffer.alloc(PARTITION_BYTES);
}

/** What holds, as both programs read it; `place` is its copy's, null when there is none. */
export function readEnv(partition: Buffer): { env: BootEnv; place: 0 | 1 | null; count: number } {
  const [one, two] = PLACES.map((at) => copyAt(partition, at));
  const place = holding(one ?? null, two ?? null);
  const copy = place === 0 ? one : place === 1 ? two : null;
  const values = copy?.values ?? new Map<string, string>();
  const number = (name: string) => {
    const text = values.get(name);
    return text === undefined || text === "" ? FULL : Number.parseInt(text, 16);
  };
  const order = (values.get("BOOT_ORDER") || "A B").split(" ") as Slot[];
  return {
    env: { order, left: { A: number("BOOT_A_LEFT"), B: number("BOOT_B_LEFT") } },
    place,
    count: copy?.count ?? 0xff,
  };
}

/** A new state of it, in the copy that does not hold. */
export function writeEnv(partition: Buffer, env: BootEnv): EnvWrite {
  const { place, count } = readEnv(partition);
  const at = PLACES[place === 0 ? 1 : 0];
  const data = Buffer.alloc(COPY_BYTES - 5);
  data.write(`BOOT_A_LEFT=${env.left.A}\0BOOT_B_LEFT=${env.left.B}\0BOOT_ORDER=${env.order.join(" ")}\0`);
  const bytes = Buffer.alloc(COPY_BYTES);
  bytes.writeUInt32LE(crc32(data), 0);
  bytes[4] = (count + 1) & 0xff;
  data.copy(bytes, 5);
  return { at, bytes };
}

/** What U-Boot does at a start: the slot that it loads, null for a start over, and what it writes before that. */
export function bootOnce(partition: Buffer): { slot: Slot | null; write: EnvWrite } {
  const { env } = readEnv(partition);
  const slot = env.order.find((one) => env.left[one] > 0) ?? null;
  const after: BootEnv =
    slot === null
      ? { order: ["A", "B"], left: { A: FULL, B: FULL } }
      : { ...env, left: { ...env.left, [slot]: env.left[slot] - 1 } };
  return { slot, write: writeEnv(partition, after) };
}

export function applied(partition: Buffer, { at, bytes }: EnvWrite): Buffer {
  const after = Buffer.from(partition);
  bytes.copy(after, at);
  return after;
}

function copyAt(partition: Buffer, at: number): { count: number; values: Map<string, string> } | null {
  const copy = partition.subarray(at, at + COPY_BYTES);
  const data = copy.subarray(5);
  if (crc32(data) !== copy.readUInt32LE(0)) return null;
  const entries = data.toString("latin1").split("\0\0", 1)[0]?.split("\0") ?? [];
  const values = new Map(
    entries.map((entry) => [entry.split("=", 1)[0] ?? "", entry.replace(/^[^=]*=/, "")]),
  );
  return { count: copy[4] as number, values };
}

function holding(one: { count: number } | null, two: { count: number } | null): 0 | 1 | null {
  if (one === null) return two === null ? null : 1;
  if (two === null) return 0;
  if (one.count === 0xff && two.count === 0) return 1;
  if (one.count === 0 && two.count === 0xff) return 0;
  return two.count > one.count ? 1 : 0;
}
