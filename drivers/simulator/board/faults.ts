import { fraction, type Random } from "../../../config/base/random.ts";

/** What goes wrong with the next frames of a simulated board; a count of 0 leaves that fault out. */
export interface Faults {
  /** Frames in which one bit is wrong. */
  wrongChecksums: number;
  /** Answers that are never sent; what was asked is done. */
  lostAnswers: number;
  /** Answers that are sent twice. */
  doubledAnswers: number;
  /** Frames that stop in the middle and go on 300 ms later. */
  stalls: number;
  /** Random bytes before every frame. */
  noiseBytes: number;
  /** Nothing is sent at all. */
  silent: boolean;
  /** Random bytes in place of every frame. */
  garbled: boolean;
}

export const NO_FAULTS: Readonly<Faults> = {
  wrongChecksums: 0,
  lostAnswers: 0,
  doubledAnswers: 0,
  stalls: 0,
  noiseBytes: 0,
  silent: false,
  garbled: false,
};

export const STALL_MS = 300;

/** A piece of what is sent, and whether the line stalls behind it. */
export interface Piece {
  bytes: Uint8Array;
  stallsAfter: boolean;
}

/** What is sent in place of one frame; counts down what `faults` holds. */
export function spoil(frame: Buffer, isAnswer: boolean, faults: Faults, random: Random): Piece[] {
  if (faults.silent || (isAnswer && counted(faults, "lostAnswers"))) return [];
  const whole: Buffer[] = [];
  if (faults.noiseBytes > 0) whole.push(random.bytes(faults.noiseBytes));
  if (faults.garbled) whole.push(random.bytes(frame.length));
  else if (counted(faults, "wrongChecksums")) whole.push(withWrongBit(frame, random));
  else whole.push(frame);
  if (isAnswer && counted(faults, "doubledAnswers")) whole.push(frame);
  const bytes = Buffer.concat(whole);
  if (!counted(faults, "stalls")) return [{ bytes, stallsAfter: false }];
  const middle = bytes.length >> 1;
  return [
    { bytes: bytes.subarray(0, middle), stallsAfter: true },
    { bytes: bytes.subarray(middle), stallsAfter: false },
  ];
}

function counted(
  faults: Faults,
  name: "wrongChecksums" | "lostAnswers" | "doubledAnswers" | "stalls",
): boolean {
  if (faults[name] === 0) return false;
  faults[name]--;
  return true;
}

/** Between the ENDs, so that the frame keeps its place in the stream. */
function withWrongBit(frame: Buffer, random: Random): Buffer {
  const spoiled = Buffer.from(frame);
  const at = 1 + Math.floor(fraction(random) * (frame.length - 2));
  spoiled[at] = (spoiled[at] as number) ^ 0x01;
  return spoiled;
}
