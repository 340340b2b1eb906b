import type { SlipDecoder, SlipEncoder } from "serialport";

export const END = 0xc0;
export const ESC = 0xdb;

/** The package with both. */
export interface SlipPackage {
  SlipDecoder: typeof SlipDecoder;
  SlipEncoder: typeof SlipEncoder;
}

/**
 * SLIP (RFC 1055) by serialport's own encoder and decoder, one packet at a time. They are streams; their work is
 * called directly, because as streams they queue four callbacks a frame until the next turn of the event loop.
 */
export class Slip {
  readonly #encoder: SlipEncoder;
  readonly #newDecoder: () => SlipDecoder;
  readonly #pieces: Buffer[] = [];
  #decoder: SlipDecoder;

  constructor({ SlipDecoder, SlipEncoder }: SlipPackage) {
    // END before each packet too: whatever noise came before it ends there
    this.#encoder = new SlipEncoder({ bluetoothQuirk: true });
    this.#newDecoder = () => Object.assign(new SlipDecoder(), { push: (piece: Buffer) => this.#take(piece) });
    this.#decoder = this.#newDecoder();
  }

  encode(packet: Buffer): Buffer {
    let encoded: Buffer = Buffer.alloc(0);
    this.#encoder._transform(packet, "binary", (_error, bytes: Buffer) => {
      encoded = bytes;
    });
    return encoded;
  }

  /**
   * The packet in what lies before an END, that END included; null if an escape in it is broken. Left to itself
   * the decoder keeps without bound what has no END, and after a broken escape hands out the halves as packets and
   * swallows an END: so it gets one whole segment at a time, and is replaced after one that came out otherwise
   * than in one piece.
   */
  decode(segment: Buffer): Buffer | null {
    this.#pieces.length = 0;
    this.#decoder._transform(segment, "binary", () => undefined);
    const [piece, ...more] = this.#pieces;
    if (piece !== undefined && more.length === 0 && segment.at(-2) !== ESC) return piece;
    this.#decoder = this.#newDecoder();
    return null;
  }

  #take(piece: Buffer): boolean {
    this.#pieces.push(piece);
    return true;
  }
}
