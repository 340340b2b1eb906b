import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type {
  Capability,
  Listed,
  RecorderDriver,
  RecorderFile,
  RecorderIdentity,
} from "../../../drivers/recorders/recorder-driver.ts";
import type { VirtualDevice } from "../../../drivers/simulator/virtual-device.ts";
import type { UsbDevice, UsbLink } from "../../../drivers/usb/usb-link.ts";

/** A recorder of one file, whose byte at `i` follows from `i`; and the driver that reads it. */

const IN = 0x81;
const OUT = 0x01;
const TIMEOUT_MS = 5_000;
const PIECE_BYTES = 65_536;

export function byteAt(position: number): number {
  return (position * 31 + (position >> 8) * 7 + (position >> 16)) & 0xff;
}

export function bytesAt(offset: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => byteAt(offset + at));
}

/** Speaks a protocol of its own: offset and length go out, the bytes come in. */
export function testRecorderDevice(serial: string, clock: Clock): VirtualDevice {
  return {
    descriptors: {
      vendorId: 1,
      productId: 2,
      deviceClass: 0,
      serial,
      interfaces: [
        {
          number: 3,
          class: 6,
          subclass: 1,
          protocol: 1,
          endpoints: [
            { address: IN, type: "bulk", packetBytes: 512 },
            { address: OUT, type: "bulk", packetBytes: 512 },
          ],
        },
      ],
    },
    open: () => testRecorderSide(clock),
  };
}

function testRecorderSide(clock: Clock): UsbLink {
  let at = 0;
  let end = 0;
  return {
    controlIn: async () => new Uint8Array(0),
    controlOut: async () => {},
    bulkIn: async (_endpoint, length, timeoutMs) => {
      if (at === end) {
        await clock.sleep(Math.min(timeoutMs, 100));
        throw new AgentError("usb-timeout", "in");
      }
      const bytes = bytesAt(at, Math.min(length, end - at));
      at += bytes.length;
      return bytes;
    },
    bulkOut: async (_endpoint, bytes) => {
      const command = new DataView(bytes.buffer, bytes.byteOffset);
      at = Number(command.getBigUint64(0));
      end = at + Number(command.getBigUint64(8));
    },
    clearHalt: async () => {},
    reset: async () => {
      at = end;
    },
    close: async () => {},
  };
}

/** What the driver does to the process it runs in; asked for by the wearer's name that is written. */
export const MISCHIEF = {
  crash: () => process.kill(process.pid, "SIGSEGV"),
  hang: () => {
    for (;;);
  },
  exit: () => process.exit(3),
  throw: () =>
    setImmediate(() => {
      throw new Error("thrown from a callback");
    }),
  devour: () => {
    const kept: Buffer[] = [];
    for (let count = 0; count < 10; count++) kept.push(Buffer.alloc(32 * 2 ** 20, 1));
    setInterval(() => kept.length, 1_000);
  },
} as const;

const CAPABILITIES: Capability[] = ["battery", "clock-read", "clock-set", "files", "remove", "wearer-write"];

/** A serial such as `crash-on-open` does that to the process. */
export function openTestRecorder(link: UsbLink, device: UsbDevice): RecorderDriver | Promise<RecorderDriver> {
  const mischief = device.serial?.replace(/-on-open$/, "") ?? "";
  if (mischief !== device.serial && mischief in MISCHIEF) {
    MISCHIEF[mischief as keyof typeof MISCHIEF]();
    return new Promise(() => {});
  }
  const unsupported = async (): Promise<never> => {
    throw new AgentError("unsupported", "test");
  };
  return {
    name: "mtp",
    capabilities: new Set(CAPABILITIES),
    identify: async (): Promise<RecorderIdentity> => ({ serial: device.serial ?? "?", model: "test" }),
    battery: async () => ({ percent: 50 }),
    readClock: async () => 1_000,
    setClock: async (utcMs) => {
      if (utcMs < 0) throw new AgentError("recorder-refused", "6");
    },
    readWearer: unsupported,
    writeWearer: async ({ name }) => {
      const done = MISCHIEF[name as keyof typeof MISCHIEF];
      done();
      if (name !== "devour") await new Promise(() => {});
    },
    async *list() {
      for (let number = 0; number < 1_000; number++) yield entry(number);
      if (device.serial === "endless") for (let number = 1_000; ; number++) yield entry(number);
    },
    sourceOf: () => null,
    async *read(file: RecorderFile, offset, length) {
      if (file.handle === "lost") throw new AgentError("file-gone", file.path);
      const end = Math.min(offset + length, file.bytes);
      if (offset >= end) return;
      const command = Buffer.alloc(16);
      command.writeBigUInt64BE(BigInt(offset), 0);
      command.writeBigUInt64BE(BigInt(end - offset), 8);
      await link.bulkOut(OUT, command, TIMEOUT_MS);
      for (let at = offset; at < end; ) {
        const piece = await link.bulkIn(IN, Math.min(PIECE_BYTES, end - at), TIMEOUT_MS);
        at += piece.length;
        yield piece;
      }
    },
    remove: async (file) => {
      if (file.handle === "lost") throw new AgentError("file-gone", file.path);
    },
    showLamp: unsupported,
    restart: unsupported,
    switchToDisk: unsupported,
    close: () => link.close(),
  };
}

function entry(number: number): Listed {
  return { kind: "file", file: { handle: `${number}`, path: `DCIM/${number}.MP4`, bytes: 1_000 } };
}
