import type { Clock } from "../../../config/base/clock.ts";
import type { ControlSetup } from "../../usb/usb-link.ts";
import type { VirtualDevice } from "../virtual-device.ts";
import {
  BulkOnlyTarget,
  type BulkOnlyUnit,
  bulkOnlyTargetInterface,
  type ScsiAnswer,
} from "./bulk-only-target.ts";

/** Who a disk says it is. */
export interface DiskClaims {
  manufacturer?: string;
  product?: string;
  serial?: string;
}

const PACKET_BYTES = 512;
/** Of the `requestType` of control requests: USB 2.0 §9.3.1; Mass Storage Bulk-Only 1.0 §3.2. */
const STANDARD_IN = 0x80;
const CLASS_IN = 0xa1;
const GET_DESCRIPTOR = 6;
const DEVICE_DESCRIPTOR = 0x0100;
const GET_MAX_LUN = 0xfe;
const OPCODE = { testUnitReady: 0x00, inquiry: 0x12 } as const;

/** A disk that answers no more than SCSI INQUIRY, with `inquiry`: 28 letters of vendor, product and revision. */
export function virtualDisk(inquiry: string, clock: Clock, claims: DiskClaims = {}): VirtualDevice {
  return new SimulatedDisk(inquiry, clock, claims);
}

/** As QEMU's usb-storage behaves; its card is where the host finds it by other means. */
export class SimulatedDisk implements VirtualDevice {
  readonly descriptors: VirtualDevice["descriptors"];
  readonly target: BulkOnlyTarget;

  constructor(inquiry: string, clock: Clock, claims: DiskClaims) {
    const { manufacturer = "Test", product = "Disk 盘", serial = "0001" } = claims;
    this.descriptors = {
      vendorId: 0x1234,
      productId: 0xabcd,
      deviceClass: 0,
      manufacturer,
      product,
      serial,
      interfaces: [bulkOnlyTargetInterface(PACKET_BYTES)],
    };
    this.target = new BulkOnlyTarget(new DiskUnit(inquiry), clock);
  }

  open() {
    return this.target.open();
  }
}

class DiskUnit implements BulkOnlyUnit {
  readonly #inquiry: Buffer;

  constructor(inquiry: string) {
    this.#inquiry = Buffer.alloc(36);
    this.#inquiry.write(inquiry.padEnd(28).slice(0, 28), 8, "latin1");
  }

  control({ requestType, request, value }: ControlSetup): Uint8Array | null {
    if (requestType === STANDARD_IN && request === GET_DESCRIPTOR && value === DEVICE_DESCRIPTOR)
      return Buffer.from("12010002000000403412cdab000101020301", "hex");
    return requestType === CLASS_IN && request === GET_MAX_LUN ? Uint8Array.of(0) : null;
  }

  execute([opcode]: Uint8Array): ScsiAnswer {
    switch (opcode) {
      case OPCODE.testUnitReady:
        return { answer: new Uint8Array(0), failed: false };
      case OPCODE.inquiry:
        return { answer: this.#inquiry, failed: false };
    }
    return { answer: new Uint8Array(0), failed: true };
  }
}
