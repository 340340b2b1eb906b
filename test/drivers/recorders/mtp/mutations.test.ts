import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../../../config/base/clock.ts";
import { errorCode } from "../../../../config/base/errors.ts";
import { openMtp } from "../../../../drivers/recorders/mtp/mtp-driver.ts";
import { going, listing, MODIFIED_MS, within } from "../../../contract/recorder/calls.ts";
import { seededRandom } from "../../../support/surroundings.ts";
import { simulatedMtp } from "./simulated.ts";

const ANSWERS = 100_000;
const GROWTH_BYTES = 64 * 1024 * 1024;
const KNOWN = /^(recorder-(gone|silent|answer|refused|listing)|file-gone|unsupported)$/;
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

describe("an MTP recorder that answers anything", () => {
  it(`gives only coded errors for ${ANSWERS} mutated answers, in bounded time and memory`, async () => {
    const below = draw("mutations");
    // nobody waits for an answer that does not come: the next moment is the end of its time
    const clock = { ...systemClock, sleep: async () => {} };
    let answers = 0;
    let good = 0;
    const codes = new Set<string>();
    const before = process.memoryUsage().rss;
    while (answers < ANSWERS) {
      const device = simulatedMtp([FILE]);
      const rate = 1 + below(6);
      device.recorder.behaviour.mutate = (container) => {
        if (below(rate) > 0) return container;
        answers++;
        return mutated(container, below);
      };
      try {
        await within(10_000, "one recorder", useAll(device, clock));
        good++;
      } catch (error) {
        codes.add(errorCode(error));
        assert.match(errorCode(error), KNOWN, String(error));
      }
      device.unplug();
    }
    assert.ok(good > 0, "the control: some mutations are harmless");
    assert.ok(codes.has("recorder-answer"));
    assert.ok(process.memoryUsage().rss - before < GROWTH_BYTES, "memory grows");
  });
});

async function useAll(device: ReturnType<typeof simulatedMtp>, clock: typeof systemClock): Promise<void> {
  const plugged = { ...device.descriptors, port: "1-1", insertion: 1 };
  const driver = await openMtp(device.open(), plugged, { clock, timeoutMs: 1 });
  try {
    for (let i = 0; i < 5; i++) {
      for (const one of await listing(driver)) {
        if (one.kind !== "file" || one.file.bytes > 100_000) continue;
        for await (const _ of driver.read(one.file, 0, one.file.bytes, going()));
      }
      await driver.battery(going());
      await driver.readClock(going());
      await driver.setClock(MODIFIED_MS, going());
    }
  } finally {
    await driver.close();
  }
}
