import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { VirtualDevice } from "../../../drivers/simulator/virtual-device.ts";
import type { ControlSetup, UsbLink } from "../../../drivers/usb/usb-link.ts";

const IN = 0x81;
const OUT = 0x02;

/** A disk that answers no more than SCSI INQUIRY, with `inquiry`: 28 letters of vendor, product and revision. */
export function virtualDisk(inquiry: string, clock: Clock): VirtualDevice {
  return {
    descriptors: {
      vendorId: 0x1234,
      productId: 0xabcd,
      deviceClass: 0,
      manufacturer: "Test",
      product: "Disk 盘",
      serial: "0001",
      interfaces: [
        {
          number: 0,
          class: 8,
          subclass: 6,
          protocol: 0x50,
          endpoints: [
            { address: IN, type: "bulk", packetBytes: 512 },
            { address: OUT, type: "bulk", packetBytes: 512 },
          ],
        },
      ],
    },
    open: () => new DiskSide(inquiry, clock),
  };
}

/** The device's side, as QEMU's usb-storage behaves. */
class DiskSide implements UsbLink {
  readonly #inquiry: string;
  readonly #clock: Clock;
  readonly #halted = new Set<number>();
  readonly #closed = new AbortController();
  #answers: Uint8Array[] = [];

  constructor(inquiry: string, clock: Clock) {
    this.#inquiry = inquiry;
    this.#clock = clock;
  }

  async controlIn({ requestType, request, value }: ControlSetup, length: number): Promise<Uint8Array> {
    if (requestType === 0x80 && request === 6 && value === 0x0100)
      return Buffer.from("12010002000000403412cdab000101020301", "hex").subarray(0, length);
    if (requestType === 0xa1 && request === 0xfe) return new Uint8Array([0]);
    throw new AgentError("usb-stall", "endpoint 0");
  }

  async controlOut({ requestType, request }: ControlSetup): Promise<void> {
    if (requestType !== 0x21 || request !== 0xff) throw new AgentError("usb-stall", "endpoint 0");
    this.#answers = [];
  }

  async bulkIn(endpoint: number, length: number, timeoutMs: number): Promise<Uint8Array> {
    if (this.#halted.has(endpoint)) throw new AgentError("usb-stall", "in");
    const [answer] = this.#answers;
    if (answer === undefined) {
      await this.#clock.sleep(timeoutMs, this.#closed.signal);
      throw new AgentError("usb-timeout", "in");
    }
    this.#answers.shift();
    if (answer.length > length) throw new AgentError("usb-overflow", "in");
    return answer;
  }

  async bulkOut(endpoint: number, bytes: Uint8Array): Promise<void> {
    if (this.#halted.has(endpoint)) throw new AgentError("usb-stall", "out");
    const command = Buffer.from(bytes);
    if (command.length !== 31 || command.toString("latin1", 0, 4) !== "USBC") {
      this.#halted.add(OUT).add(IN);
      throw new AgentError("usb-stall", "out");
    }
    const data = Buffer.alloc(36);
    data.write(this.#inquiry.padEnd(28).slice(0, 28), 8, "latin1");
    const status = Buffer.alloc(13);
    status.write("USBS");
    command.copy(status, 4, 4, 8);
    this.#answers.push(data, status);
  }

  async clearHalt(endpoint: number): Promise<void> {
    this.#halted.delete(endpoint);
  }

  async reset(): Promise<void> {
    this.#halted.clear();
    this.#answers = [];
  }

  async close(): Promise<void> {
    this.#closed.abort(new AgentError("usb-gone", "closed"));
  }
}
