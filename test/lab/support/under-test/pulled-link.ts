import { AgentError } from "../../../../config/base/errors.ts";
import type { UsbLink } from "../../../../drivers/usb/usb-link.ts";

/** A real link whose device somebody pulls out when so many more bytes have come. */
export class PulledLink {
  readonly #pull: () => void;
  #leftBytes = Number.POSITIVE_INFINITY;

  constructor(pull: () => void) {
    this.#pull = pull;
  }

  after(bytes: number): void {
    this.#leftBytes = bytes;
  }

  /** `link`, watched: the transfer in which the device is pulled out brings nothing. */
  over(link: UsbLink): UsbLink {
    this.#leftBytes = Number.POSITIVE_INFINITY;
    return {
      controlIn: (setup, length, timeoutMs) => link.controlIn(setup, length, timeoutMs),
      controlOut: (setup, bytes, timeoutMs) => link.controlOut(setup, bytes, timeoutMs),
      bulkIn: async (endpoint, length, timeoutMs, memory) => {
        const come = await link.bulkIn(endpoint, length, timeoutMs, memory);
        this.#leftBytes -= come.length;
        if (this.#leftBytes >= 0) return come;
        this.#leftBytes = Number.POSITIVE_INFINITY;
        this.#pull();
        throw new AgentError("usb-gone", "pulled out");
      },
      bulkOut: (endpoint, bytes, timeoutMs, endShort) => link.bulkOut(endpoint, bytes, timeoutMs, endShort),
      clearHalt: (endpoint) => link.clearHalt(endpoint),
      reset: () => link.reset(),
      close: () => link.close(),
    };
  }
}
