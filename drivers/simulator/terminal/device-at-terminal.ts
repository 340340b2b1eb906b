import type { Clock } from "../../../config/base/clock.ts";
import { PseudoTerminal } from "./pseudo-terminal.ts";

/** A simulated device at the far end of a serial line. */
export interface LineDevice {
  /** Takes what comes over the line. */
  receive(bytes: Uint8Array): void;
  /** Connects a line; what is sent while none is connected is lost. */
  plug(send: (bytes: Uint8Array) => void): void;
  unplug(): void;
}

/** A simulated device whose plug is a pseudo-terminal at a path that stays the same. */
export class DeviceAtTerminal {
  readonly #device: LineDevice;
  readonly #link: string;
  readonly #clock: Clock;
  readonly #onGone: () => void;
  #terminal: PseudoTerminal | null = null;

  /** `onGone` is told when the terminal ends without being unplugged. */
  constructor(device: LineDevice, link: string, clock: Clock, onGone: () => void = () => undefined) {
    this.#device = device;
    this.#link = link;
    this.#clock = clock;
    this.#onGone = onGone;
  }

  /** Throws what `PseudoTerminal.open` throws. */
  async plug(): Promise<void> {
    if (this.#terminal !== null) return;
    const receive = (bytes: Uint8Array) => this.#device.receive(bytes);
    const terminal = await PseudoTerminal.open(this.#link, receive, this.#clock);
    this.#terminal = terminal;
    this.#device.plug((bytes) => terminal.write(bytes));
    void terminal.gone().then(() => {
      if (this.#terminal !== terminal) return;
      void this.unplug();
      this.#onGone();
    });
  }

  async unplug(): Promise<void> {
    this.#device.unplug();
    const terminal = this.#terminal;
    this.#terminal = null;
    await terminal?.close();
  }
}
