import { AgentError } from "../../config/base/errors.ts";

/**
 * Follows an MQTT byte stream by its fixed headers alone (MQTT 3.1.1 §2.2.3, MQTT 5 §2.1.4), so that a
 * packet that is too large is noticed by its announced length, before a parser collects it.
 */
export class PacketGuard {
  readonly #maxPacketBytes: number;
  #state: "type" | "length" | "content" = "type";
  /** Of the length read so far, or of the content still to come. */
  #remaining = 0;
  #shift = 0;

  constructor(maxPacketBytes: number) {
    this.#maxPacketBytes = maxPacketBytes;
  }

  /** Throws `packet-too-large`, or `packet-malformed` for a length of more than four bytes. */
  see(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case "type":
          at++;
          this.#state = "length";
          this.#remaining = 0;
          this.#shift = 0;
          break;
        case "length":
          this.#seeLengthByte(chunk[at++] as number);
          break;
        case "content": {
          const step = Math.min(this.#remaining, chunk.length - at);
          at += step;
          this.#remaining -= step;
          if (this.#remaining === 0) this.#state = "type";
          break;
        }
      }
    }
  }

  #seeLengthByte(byte: number): void {
    this.#remaining += (byte & 0x7f) * 2 ** this.#shift;
    this.#shift += 7;
    if ((byte & 0x80) !== 0) {
      if (this.#shift > 21)
        throw new AgentError("packet-malformed", "remaining length of more than four bytes");
      return;
    }
    if (this.#remaining > this.#maxPacketBytes) {
      throw new AgentError("packet-too-large", `${this.#remaining} of at most ${this.#maxPacketBytes} bytes`);
    }
    this.#state = this.#remaining === 0 ? "type" : "content";
  }
}
