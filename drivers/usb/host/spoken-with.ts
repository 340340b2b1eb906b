import type { UsbDevice } from "../usb-link.ts";

/** Which devices one USB process speaks with: while it asks who they are, and over open links. */
export class SpokenWith {
  /** By insertion, who came last last. */
  readonly #devices = new Map<number, { port: string; times: number }>();

  begin({ insertion, port }: Pick<UsbDevice, "insertion" | "port">): void {
    const times = (this.#devices.get(insertion)?.times ?? 0) + 1;
    this.#devices.delete(insertion);
    this.#devices.set(insertion, { port, times });
  }

  end(insertion: number): void {
    const known = this.#devices.get(insertion);
    if (known === undefined) return;
    known.times--;
    if (known.times === 0) this.#devices.delete(insertion);
  }

  /** It was pulled out. */
  gone(insertion: number): void {
    this.#devices.delete(insertion);
  }

  /** Their ports, each once, who came last first. */
  ports(): string[] {
    return [...new Set([...this.#devices.values()].reverse().map(({ port }) => port))];
  }
}
