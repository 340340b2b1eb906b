import { type Frame, packFrame } from "./frame.ts";
import { type FrameListener, FrameReader } from "./frame-reader.ts";
import { Slip, type SlipPackage } from "./slip.ts";

/** Frames on a line of bytes: docs/control-link.md, "Frames". */
export class Framing {
  readonly #package: SlipPackage;
  readonly #slip: Slip;

  /** Use `Framing.load`. */
  constructor(slipPackage: SlipPackage) {
    this.#package = slipPackage;
    this.#slip = new Slip(slipPackage);
  }

  static async load(): Promise<Framing> {
    // with the package come 10 MB that a process without serial devices does not need
    return new Framing(await import("serialport"));
  }

  /** The bytes to write for one frame. */
  encode(frame: Frame): Buffer {
    return this.#slip.encode(packFrame(frame));
  }

  /** For one line, from its opening on. */
  reader(listener: FrameListener): FrameReader {
    return new FrameReader(new Slip(this.#package), listener);
  }
}
