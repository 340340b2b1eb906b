import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";

/**
 * What QEMU's `blklogwrites` has recorded of a disk, in the format of the kernel's dm-log-writes: a superblock of
 * one sector, then for each request a sector that says what it was, and its data.
 */

export interface Request {
  /** Of the disk, in bytes. */
  at: number;
  bytes: number;
  /** Everything that was written before it is on the medium. */
  flush: boolean;
  /** Where its data lies in the log; null: it has none. */
  data: number | null;
}

const SECTOR = 512;
/** "hfswfsj": dm-log-writes' magic number. */
const MAGIC = 0x6a736677736872n;
const FLAGS = { flush: 1n, forced: 2n, discard: 4n, mark: 8n };
const MAX_REQUEST_BYTES = 2 ** 28;

/** Its requests, in the order in which QEMU took them; a log that was cut off ends where its last whole request ends. */
export function readLog(file: string): Request[] {
  const fd = openSync(file, "r");
  try {
    const end = fstatSync(fd).size;
    const sector = Buffer.alloc(SECTOR);
    readSync(fd, sector, 0, SECTOR, 0);
    if (sector.readBigUInt64LE(0) !== MAGIC) throw new Error(`${file}: no log of writes`);
    const requests: Request[] = [];
    for (let at = SECTOR; at + SECTOR <= end; ) {
      readSync(fd, sector, 0, SECTOR, at);
      const [first, count, flags] = [0, 8, 16].map((place) => sector.readBigUInt64LE(place)) as [
        bigint,
        bigint,
        bigint,
      ];
      const bytes = Number(count) * SECTOR;
      // what QEMU had not written of its log when it was killed
      if ((count === 0n && flags === 0n) || bytes > MAX_REQUEST_BYTES) break;
      const hasData = (flags & (FLAGS.discard | FLAGS.mark)) === 0n && bytes > 0;
      if (hasData && at + SECTOR + bytes > end) break;
      requests.push({
        at: Number(first) * SECTOR,
        bytes,
        flush: (flags & (FLAGS.flush | FLAGS.forced)) !== 0n,
        data: hasData ? at + SECTOR : null,
      });
      at += SECTOR + (hasData ? bytes : 0);
    }
    return requests;
  } finally {
    closeSync(fd);
  }
}

/** Does to the disk in the file `card` what requests of the log did. */
export function replay(log: string, requests: readonly Request[], card: string): void {
  const from = openSync(log, "r");
  const to = openSync(card, "r+");
  try {
    for (const { at, bytes, data } of requests) {
      if (data === null) continue;
      const content = Buffer.allocUnsafe(bytes);
      readSync(from, content, 0, bytes, data);
      writeSync(to, content, 0, bytes, at);
    }
  } finally {
    closeSync(from);
    closeSync(to);
  }
}

/**
 * What of the first `count` requests is on the medium when the power goes then: all up to the last flush among
 * them, and of those behind it whatever the disk had got to, which nobody can know: `reached` decides.
 */
export function surviving(requests: readonly Request[], count: number, reached: () => boolean): Request[] {
  const until = requests.slice(0, count);
  const flushed = until.findLastIndex(({ flush }) => flush);
  return until.filter((_, i) => i <= flushed || reached());
}
