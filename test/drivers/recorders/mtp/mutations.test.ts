import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Clock, systemClock } from "../../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { openMtp } from "../../../../drivers/recorders/mtp/mtp-driver.ts";
import { CONTAINER, encodeCall, encodeHeader } from "../../../../drivers/recorders/mtp/protocol/container.ts";
import { decodeObjectInfo, encodeObjectInfo } from "../../../../drivers/recorders/mtp/protocol/datasets.ts";
import { BulkPipe } from "../../../../drivers/recorders/mtp/transport/bulk-pipe.ts";
import { Transaction } from "../../../../drivers/recorders/mtp/transport/transaction.ts";
import type { RecorderDriver } from "../../../../drivers/recorders/recorder-driver.ts";
import { SimulatedMtp } from "../../../../drivers/simulator/recorders/mtp.ts";
import type { UsbLink } from "../../../../drivers/usb/usb-link.ts";
import { going, listing, MODIFIED_MS, within } from "../../../contract/recorder/calls.ts";
import { heldBytes } from "../../../support/memory.ts";
import { seededRandom } from "../../../support/surroundings.ts";
import { cardOf } from "./simulated.ts";

/** Answers to one question, each with a link of its own. */
const LONE_ANSWERS = 96_000;
/** In the middle of using a recorder: each is followed by a repair. */
const ANSWERS = 4_000;
const NEVER = going();
const GROWTH_BYTES = 16 * 1024 * 1024;
const KNOWN = /^(good|recorder-(gone|silent|answer|refused|listing)|file-gone|unsupported)$/;
const FILE = { path: "DCIM/a.mp4", bytes: Buffer.alloc(3_000, 5), modifiedMs: MODIFIED_MS };

/** Gives random numbers fast, the same in every run. */
function draw(seed: string): (below: number) => number {
  const random = seededRandom(seed);
  let pool = random.bytes(65_536);
  let at = 0;
  return (below) => {
    if (at + 4 > pool.length) {
      pool = random.bytes(65_536);
      at = 0;
    }
    at += 4;
    return pool.readUInt32LE(at - 4) % below;
  };
}

/** A container with flipped bytes, another length, cut or doubled. */
function mutated(container: Buffer, below: (limit: number) => number): Buffer {
  const bytes = Buffer.from(container);
  switch (below(5)) {
    case 0:
      for (let flips = 1 + below(4); flips > 0; flips--) bytes[below(bytes.length)] = below(256);
      return bytes;
    case 1:
      bytes.writeUInt32LE(below(2) === 0 ? below(0xffff_ffff) : below(64));
      return bytes;
    case 2:
      return bytes.subarray(0, below(bytes.length + 1));
    case 3:
      return Buffer.concat([bytes, bytes]);
    case 4:
      return Buffer.concat([bytes, Buffer.alloc(below(2_000), below(256))]);
  }
  return bytes;
}

const DATA = encodeObjectInfo({
  storage: 0x1_0001,
  format: 0x3000,
  compressedBytes: 5,
  parent: 0,
  name: "DCAM_0001.mp4",
  modified: "20261123T173020",
  created: "",
});
const LIMITS = { clock: { ...systemClock, monoUs: () => 0 }, timeoutMs: 1, transactionMs: 1_000 };

/** Asks one question that is answered with data and response, either of them mutated. */
async function answered(below: (limit: number) => number): Promise<void> {
  const header = { length: 12 + DATA.length, type: CONTAINER.data, code: 0x1008, transaction: 9 };
  const containers = [
    Buffer.concat([encodeHeader(header), DATA]),
    encodeCall(CONTAINER.response, 0x2001, 9, []),
  ];
  const bad = below(2);
  containers[bad] = mutated(containers[bad] as Buffer, below);
  const refused = async () => {
    throw new AgentError("usb-stall", "not asked for");
  };
  const link: UsbLink = {
    bulkIn: async (_, length) => {
      const next = containers.shift();
      if (next === undefined) throw new AgentError("usb-timeout", "nothing more");
      if (next.length > length) containers.unshift(next.subarray(length));
      return next.subarray(0, length);
    },
    bulkOut: async () => {},
    controlIn: refused,
    controlOut: refused,
    clearHalt: async () => {},
    reset: async () => {},
    close: async () => {},
  };
  const pipe = new BulkPipe(link, { interfaceNumber: 0, bulkIn: 0x81, bulkOut: 2, packetBytes: 512 });
  const request = { operation: 0x1008, parameters: [1], expectBytes: 4096, mostBytes: 65_536 };
  const transaction = new Transaction(pipe, 9, request, LIMITS);
  const signal = NEVER;
  await transaction.begin(signal);
  const parts: Uint8Array[] = [];
  for (let part = await transaction.firstPart(signal); part !== null; ) {
    parts.push(part);
    part = await transaction.nextPart(signal);
  }
  await transaction.response(signal);
  decodeObjectInfo(Buffer.concat(parts));
}

describe("an MTP recorder that answers anything", () => {
  it(`gives the very answer or a coded error for ${LONE_ANSWERS} mutated ones`, async () => {
    const below = draw("lone mutations");
    const codes = new Set<string>();
    const before = heldBytes();
    for (let i = 0; i < LONE_ANSWERS; i++) {
      const code = await answered(below).then(
        () => "good",
        (error: unknown) => errorCode(error),
      );
      codes.add(code);
      assert.match(code, KNOWN);
    }
    assert.deepEqual([...codes].sort(), ["good", "recorder-answer", "recorder-silent"]);
    assert.ok(heldBytes() - before < GROWTH_BYTES, "memory grows");
  });

  it(`gives only coded errors for ${ANSWERS} mutated answers, in bounded time and memory`, async () => {
    const below = draw("mutations");
    // nobody waits for an answer that does not come: the next moment is the end of its time
    let us = 0;
    const sleep = async (ms: number) => {
      us += ms * 1000;
    };
    const clock = { utcMs: systemClock.utcMs, monoUs: () => us, sleep };
    let answers = 0;
    const codes = new Set<string>();
    const tell = (error: unknown) => {
      const code = error === null ? "good" : errorCode(error);
      codes.add(code);
      assert.match(code, KNOWN, String(error));
    };
    const before = heldBytes();
    while (answers < ANSWERS) {
      const device = new SimulatedMtp({ card: cardOf([FILE]), clock });
      const rate = 1 + below(6);
      device.recorder.behaviour.mutate = (container) => {
        if (below(rate) > 0) return container;
        answers++;
        return mutated(container, below);
      };
      await within(30_000, "one recorder", useAll(device, clock, tell));
      device.unplug();
    }
    assert.ok(codes.has("good"), "the control: some mutations are harmless");
    assert.ok(codes.has("recorder-answer"));
    assert.ok(heldBytes() - before < GROWTH_BYTES, "memory grows");
  });
});

/** Uses one recorder again and again; `tell` hears how each use ended. */
async function useAll(device: SimulatedMtp, clock: Clock, tell: (error: unknown) => void): Promise<void> {
  const plugged = { ...device.descriptors, port: "1-1", insertion: 1 };
  const driver = await openMtp(device.open(), plugged, { clock, timeoutMs: 1 }).catch(tell);
  if (driver === undefined) return;
  const uses: (() => Promise<unknown>)[] = [
    () => driver.battery(going()),
    () => driver.readClock(going()),
    () => driver.setClock(MODIFIED_MS, going()),
    () => listAndRead(driver),
  ];
  for (let i = 0; i < 60; i++) {
    for (const use of uses)
      await use().then(
        () => tell(null),
        (error: unknown) => tell(error),
      );
  }
  await driver.close();
}

async function listAndRead(driver: RecorderDriver): Promise<void> {
  for (const one of await listing(driver)) {
    if (one.kind !== "file" || one.file.bytes > 100_000) continue;
    for await (const _ of driver.read(one.file, 0, one.file.bytes, going()));
  }
}
