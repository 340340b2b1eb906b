import assert from "node:assert/strict";
import type { UsbBus, UsbChange, UsbDevice, UsbLink } from "../../../drivers/usb/usb-link.ts";
import { eventually } from "../../support/waiting.ts";

/** A bus with one place in which a disk (SCSI over bulk-only transport) can be plugged. */
export interface UsbBench {
  bus: UsbBus;
  plug(): Promise<void>;
  unplug(): Promise<void>;
  /** Whether it is that disk: a machine has other devices. */
  isDisk(device: UsbDevice): boolean;
  /** How many times slower than a machine of today it may be; default 1. */
  slowness?: number;
  end(): Promise<void>;
}

/** Of a transfer that a disk answers. */
export const TIMEOUT_MS = 2_000;
/** Of one that nothing but the check ends. */
export const LONG_MS = 30_000;
/** Of one on which nothing comes. */
export const WAIT_MS = 150;
export const INQUIRY_BYTES = 36;
const STATUS_BYTES = 13;
/** More than a status: what it has too few of, a short packet ends. */
const STATUS_ROOM_BYTES = 512;
const TAG = 0x1234_5678;

/** A bench with its disk plugged in, watched. */
export class UsbStage {
  readonly bench: UsbBench;
  /** What the bus has told of the disk; a check may empty it. */
  changes: UsbChange[] = [];
  readonly #watching = new AbortController();

  private constructor(bench: UsbBench) {
    this.bench = bench;
  }

  static async set(makeBench: () => Promise<UsbBench>): Promise<UsbStage> {
    const stage = new UsbStage(await makeBench());
    const { bench } = stage;
    await bench.plug();
    await bench.bus.watch((change) => {
      if (bench.isDisk(change.device)) stage.changes.push(change);
    }, stage.#watching.signal);
    await eventually("the disk", () => stage.changes.length > 0);
    return stage;
  }

  async end(): Promise<void> {
    this.#watching.abort();
    await this.bench.bus.close();
    await this.bench.end();
  }

  disk(): UsbDevice {
    const last = this.changes.at(-1);
    assert.equal(last?.kind, "attached");
    return last.device;
  }

  /** Address of the disk's endpoint, towards us or away. */
  bulk(direction: "in" | "out", disk = this.disk()): number {
    const found = disk.interfaces[0]?.endpoints.find(
      ({ type, address }) => type === "bulk" && address >= 0x80 === (direction === "in"),
    );
    assert.ok(found);
    return found.address;
  }

  open(): Promise<UsbLink> {
    return this.bench.bus.open(this.disk(), this.disk().interfaces[0]?.number ?? 0);
  }

  async withLink(use: (link: UsbLink) => Promise<void>): Promise<void> {
    const link = await this.open();
    try {
      await use(link);
    } finally {
      await link.close();
    }
  }

  /** Asks the disk who it is, into `memory` if there is some, and looks at the status that follows. */
  async inquire(link: UsbLink, memory?: Uint8Array): Promise<Uint8Array> {
    await link.bulkOut(this.bulk("out"), inquiryCommand(), TIMEOUT_MS);
    const data = await link.bulkIn(this.bulk("in"), INQUIRY_BYTES, TIMEOUT_MS, memory);
    const status = Buffer.from(await link.bulkIn(this.bulk("in"), STATUS_ROOM_BYTES, TIMEOUT_MS));
    assert.equal(status.length, STATUS_BYTES, "a status that no short packet ended");
    assert.equal(status.toString("latin1", 0, 4), "USBS");
    assert.equal(status.readUInt32LE(4), TAG);
    return data;
  }
}

function inquiryCommand(): Buffer {
  const command = Buffer.alloc(31);
  command.write("USBC");
  command.writeUInt32LE(TAG, 4);
  command.writeUInt32LE(INQUIRY_BYTES, 8);
  command.set([0x80, 0, 6, 0x12, 0, 0, 0, INQUIRY_BYTES], 12);
  return command;
}
