import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import fc from "fast-check";
import type { CardMounts } from "../../../../../../drivers/recorders/mass-storage/mount/mounts/card-mounts.ts";
import { answerOrder } from "../../../../../../drivers/recorders/mass-storage/mount/service/mounting-service.ts";
import { type PlantedDisk, plantDisks } from "../../../../../support/cards/planted-disk.ts";
import { ManualClock, temporaryDirectory } from "../../../../../support/surroundings.ts";

const PORT = "1-4.2";
const MOUNT = {
  do: "mount",
  port: PORT,
  n: 0,
  part: "null",
  fileSystem: "vfat",
  utcOffsetMin: 480,
  access: "ro",
};

/** A service over one planted disk whose node is `null`'s; notes what it would mount. */
function service(t: TestContext, disk: Partial<PlantedDisk> = {}) {
  const done: unknown[] = [];
  const mounts: CardMounts = {
    begin: async () => "/cards",
    mount: async (wish) => void done.push(["mount", wish.place, wish.part.path, wish.access]),
    unmount: async (...order) => void done.push(["unmount", ...order]),
  };
  const { root, disks } = { root: temporaryDirectory(t), disks: [{ ...NODE, ...disk }] };
  const paths = plantDisks(root, PORT, disks);
  const parts = { mounts, directory: "/cards", clock: new ManualClock(), paths, allowBuiltIn: false };
  const order = async (line: string) => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const answering = answerOrder(input, output, parts);
    input.end(line);
    await answering;
    return JSON.parse(await text(output)) as { done?: true; code?: string; place?: string };
  };
  return { order, done };
}

/** A disk's node must be a block device: the first that this machine has. */
const NODE: PlantedDisk = { name: "null", device: "1:3", sectors: 2048 };

describe("the mounting service", () => {
  it("unmounts below its own folder, wherever an order comes from", async (t) => {
    const { order, done } = service(t);
    const place = { port: PORT, n: 3 };
    assert.deepEqual(await order(JSON.stringify({ do: "unmount", ...place, how: "lazily" })), { done: true });
    assert.deepEqual(done, [["unmount", place, "lazily"]]);
  });

  it("does not mount what is no block device at its node", async (t) => {
    assert.ok(!statSync(join("/dev", NODE.name)).isBlockDevice());
    const { order, done } = service(t);
    assert.equal((await order(JSON.stringify(MOUNT))).code, "card-missing");
    assert.deepEqual(done, []);
  });

  it("does not mount a disk that is built in, or that another device stands on", async (t) => {
    for (const [disk, code] of [
      [{ removable: false }, "card-not-removable"],
      [{ held: true }, "card-in-use"],
    ] as const) {
      const { order, done } = service(t, disk);
      assert.equal((await order(JSON.stringify(MOUNT))).code, code);
      assert.deepEqual(done, []);
    }
  });

  it("knows no disk but those at the port that is named", async (t) => {
    const { order, done } = service(t);
    for (const port of ["1-4.3", "1-4", "2-1"]) {
      assert.equal((await order(JSON.stringify({ ...MOUNT, port }))).code, "card-missing");
    }
    assert.deepEqual(done, []);
  });

  for (const [what, change] of Object.entries({
    "a port that is a path": { port: "../../block/sda" },
    "a part that is a path": { part: "../sda1" },
    "a target": { target: "/etc" },
    options: { options: "suid,dev,exec" },
    "another file system": { fileSystem: "overlay" },
    "no whole number": { n: 0.5 },
    "a large number": { n: 100 },
    "no access of these": { access: "rw,suid" },
    "another order": { do: "umount" },
  })) {
    it(`refuses ${what}`, async (t) => {
      const { order, done } = service(t);
      assert.equal((await order(JSON.stringify({ ...MOUNT, ...change }))).code, "bad-request");
      assert.deepEqual(done, []);
    });
  }

  it("answers every line with a code, in bounds, and does nothing for it", async (t) => {
    const { order, done } = service(t);
    const lines = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.string({ minLength: 5000, maxLength: 9000 }),
    );
    await fc.assert(
      fc.asyncProperty(lines, async (line) => {
        const { code, place } = await order(line);
        assert.equal(code, "bad-request");
        assert.ok((place ?? "").length <= 1000);
      }),
      { numRuns: 200 },
    );
    assert.deepEqual(done, []);
  });
});
