const MINUTE_MS = 60_000;
const DEVICE_TIME_BYTES = 7;

/**
 * A recorder's time: year as u16, little-endian as the chip's own structure is, then month, day, hour, minute and second;
 * local and without a zone. `utcMs` is rounded to the second.
 */
export function deviceTime(utcMs: number, utcOffsetMin: number): Uint8Array {
  const local = new Date(Math.round(utcMs / 1000) * 1000 + utcOffsetMin * MINUTE_MS);
  const bytes = Buffer.alloc(DEVICE_TIME_BYTES);
  bytes.writeUInt16LE(local.getUTCFullYear(), 0);
  bytes.set(
    [
      local.getUTCMonth() + 1,
      local.getUTCDate(),
      local.getUTCHours(),
      local.getUTCMinutes(),
      local.getUTCSeconds(),
    ],
    2,
  );
  return bytes;
}
