import type { SlipDecoder, SlipEncoder } from "serialport";
import { type Frame, packFrame } from "./frame.ts";
import { type FrameListener, FrameReader } from "./frame-reader.ts";

/**
 * Frames on a line of bytes: SLIP (RFC 1055) with END at both ends, by serialport's own encoder and decoder.
 * Both are streams; what goes in comes out in the same call, so none of them holds anything between calls.
 */
export class Framing {
  readonly #encoder: SlipEncoder;
  readonly #newDecoder: () => SlipDecoder;

  /** Use `Framing.load`. */
  constructor(encoder: SlipEncoder, newDecoder: () => SlipDecoder) {
    this.#encoder = encoder;
    this.#newDecoder = newDecoder;
  }

  static async load(): Promise<Framing> {
    // with the package come 10 MB that a process without serial devices does not need
    const { SlipDecoder, SlipEncoder } = await import("serialport");
    return new Framing(
      // END before each frame too: whatever noise came before it ends there
      new SlipEncoder({ bluetoothQuirk: true }),
      () => new SlipDecoder({ readableObjectMode: true }),
    );
  }

  /** The bytes to write for one frame. */
  encode(frame: Frame): Buffer {
    this.#encoder.write(packFrame(frame));
    return this.#encoder.read() as Buffer;
  }

  /** For one line, from its opening on. */
  reader(listener: FrameListener): FrameReader {
    return new FrameReader(this.#newDecoder, listener);
  }
}
