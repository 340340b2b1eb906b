import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { ControlSetup, UsbLink } from "../usb-link.ts";

/** What goes wrong with a device, on demand. Bytes are those of bulk-in data, counted from when the fault is set. */
export type UsbFault =
  /** Pulled when byte `atByte` would be read: the transfer that holds it does not arrive. */
  | { kind: "unplug"; atByte: number }
  /** The endpoint halts there; the bytes come after `clearHalt`. */
  | { kind: "stall"; atByte: number }
  /** Every bulk-in transfer takes so much longer. */
  | { kind: "delay"; delayMs: number }
  /** From that byte on, `count` bytes are inverted. */
  | { kind: "garbage"; atByte: number; count: number };

/** The faults of one device, and how far it is from each. */
export class UsbFaults {
  readonly #clock: Clock;
  readonly #unplug: () => void;
  #faults: { fault: UsbFault; read: number }[] = [];

  constructor(clock: Clock, unplug: () => void) {
    this.#clock = clock;
    this.#unplug = unplug;
  }

  set(fault: UsbFault): void {
    this.#faults.push({ fault, read: 0 });
  }

  clear(): void {
    this.#faults = [];
  }

  /** The link with these faults, those that are set later included. */
  over(link: UsbLink): UsbLink {
    /** Bytes of a transfer that a halt kept back, by endpoint. */
    const held = new Map<number, Uint8Array>();
    const halted = new Set<number>();
    return {
      controlIn: (setup: ControlSetup, length, timeoutMs) => link.controlIn(setup, length, timeoutMs),
      controlOut: (setup: ControlSetup, bytes, timeoutMs) => link.controlOut(setup, bytes, timeoutMs),
      bulkOut: (endpoint, bytes, timeoutMs, endShort) => link.bulkOut(endpoint, bytes, timeoutMs, endShort),
      bulkIn: async (endpoint, length, timeoutMs) => {
        if (halted.has(endpoint)) throw new AgentError("usb-stall", `endpoint ${endpoint}`);
        const kept = held.get(endpoint);
        held.delete(endpoint);
        if (kept !== undefined) return kept;
        const bytes = await link.bulkIn(endpoint, length, timeoutMs);
        return this.#spoil(bytes, timeoutMs, () => {
          held.set(endpoint, bytes);
          halted.add(endpoint);
          throw new AgentError("usb-stall", `endpoint ${endpoint}`);
        });
      },
      clearHalt: async (endpoint) => {
        if (!halted.delete(endpoint)) await link.clearHalt(endpoint);
      },
      reset: async () => {
        halted.clear();
        held.clear();
        await link.reset();
      },
      close: () => link.close(),
    };
  }

  async #spoil(bytes: Uint8Array, timeoutMs: number, stall: () => never): Promise<Uint8Array> {
    let spoilt = bytes;
    for (const one of [...this.#faults]) {
      const { fault, read } = one;
      one.read += bytes.length;
      switch (fault.kind) {
        case "delay":
          await this.#clock.sleep(Math.min(fault.delayMs, timeoutMs));
          if (fault.delayMs >= timeoutMs) throw new AgentError("usb-timeout", `${timeoutMs} ms`);
          break;
        case "unplug":
          if (one.read <= fault.atByte) break;
          this.#unplug();
          throw new AgentError("usb-gone", `byte ${fault.atByte}`);
        case "stall":
          if (one.read <= fault.atByte) break;
          this.#faults = this.#faults.filter((other) => other !== one);
          stall();
          break;
        case "garbage":
          spoilt = inverted(spoilt, fault.atByte - read, fault.atByte - read + fault.count);
          break;
      }
    }
    return spoilt;
  }
}

function inverted(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (to <= 0 || from >= bytes.length) return bytes;
  const copy = new Uint8Array(bytes);
  for (let at = Math.max(from, 0); at < Math.min(to, copy.length); at++)
    copy[at] = (copy[at] as number) ^ 0xff;
  return copy;
}
