/** Bytes that stand in a card in place of the image's own: its personal part. */
export interface Overlay {
  /** Where on the card. */
  at: number;
  bytes: Uint8Array;
}

/** Where `block`, which belongs at `at`, and the region from `start` on meet: positions in each; null: nowhere. */
function meeting(block: Uint8Array, at: number, start: number, bytes: number) {
  const from = Math.max(at, start);
  const to = Math.min(at + block.length, start + bytes);
  return from < to ? { inBlock: from - at, inRegion: from - start, bytes: to - from } : null;
}

/** Puts what belongs there into a block of the image. */
export function overlay(block: Uint8Array, at: number, { at: start, bytes }: Overlay): void {
  const met = meeting(block, at, start, bytes.length);
  if (met !== null) block.set(bytes.subarray(met.inRegion, met.inRegion + met.bytes), met.inBlock);
}

/** Takes out of a block of the card what stands there. */
export function takeOut(block: Uint8Array, at: number, { at: start, bytes }: Overlay): void {
  const met = meeting(block, at, start, bytes.length);
  if (met !== null) bytes.set(block.subarray(met.inBlock, met.inBlock + met.bytes), met.inRegion);
}
