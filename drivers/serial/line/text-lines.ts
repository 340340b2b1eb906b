/** Where complete lines go, and what was thrown away. Neither may throw. */
export interface TextLineListener {
  /** One line without its end, never empty. */
  onLine(line: string): void;
  /** So many bytes belonged to no line: one too long, or one that holds other than printable ASCII. */
  onDiscarded(bytes: number): void;
}

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TILDE = 0x7e;
const TAB = 0x09;

/**
 * Cuts a stream of bytes into lines of printable ASCII that end in CR, LF or both: NMEA 0183 and badge readers.
 * A line of more than `mostBytes` is discarded up to its end, and so is one with other bytes in it.
 */
export class TextLines {
  readonly #listener: TextLineListener;
  readonly #line: Buffer;
  #length = 0;
  /** Up to the end of a line that is already known to be none. */
  #isSkipping = false;
  /** Discarded, and not yet told. */
  #discarded = 0;

  constructor(mostBytes: number, listener: TextLineListener) {
    this.#line = Buffer.alloc(mostBytes);
    this.#listener = listener;
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === LF || byte === CR) this.#endLine();
      else if (this.#isSkipping) this.#discarded++;
      else if (this.#length === this.#line.length || !isPrintable(byte)) this.#skip();
      else this.#line[this.#length++] = byte;
    }
    this.#tellDiscarded();
  }

  #skip(): void {
    this.#isSkipping = true;
    this.#discarded += this.#length + 1;
    this.#length = 0;
  }

  #endLine(): void {
    this.#tellDiscarded();
    if (this.#length > 0) this.#listener.onLine(this.#line.toString("latin1", 0, this.#length));
    this.#isSkipping = false;
    this.#length = 0;
  }

  #tellDiscarded(): void {
    if (this.#discarded > 0) this.#listener.onDiscarded(this.#discarded);
    this.#discarded = 0;
  }
}

function isPrintable(byte: number): boolean {
  return (byte >= SPACE && byte <= TILDE) || byte === TAB;
}
