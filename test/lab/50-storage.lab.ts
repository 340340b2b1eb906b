import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { systemClock } from "../../config/base/clock.ts";
import { Counters } from "../../config/base/counters.ts";
import { openMassStorage } from "../../drivers/recorders/mass-storage/mass-storage.ts";
import { AgentMounter } from "../../drivers/recorders/mass-storage/mount/agent-mounter.ts";
import { FILE_SYSTEMS } from "../../drivers/recorders/mass-storage/mount/card.ts";
import { OwnMounts } from "../../drivers/recorders/mass-storage/mount/mounts/own-mounts.ts";
import { content, fileAt, going, listing } from "../contract/recorder/calls.ts";
import { askHost } from "./support/host.ts";
import { formatStick, plugStick, stickPort, unplugStick } from "./support/stick.ts";

// The disk driver on a USB disk of the kernel's, mounted by the agent's own mounter.

const TEST_MS = 200_000;
const FILE_BYTES = 16 * 2 ** 20;
const folder = mkdtempSync("/run/cards-");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

after(() => rmSync(folder, { recursive: true, force: true }));

for (const fileSystem of FILE_SYSTEMS) {
  describe(`a ${fileSystem} disk`, () => {
    test("is read whole over an unplug, wiped and left clean", { timeout: TEST_MS }, async () => {
      const film = randomBytes(FILE_BYTES);
      formatStick(fileSystem, new Map([["DCIM/film.mp4", film]]));
      // what was just written must come from the device, not from memory
      await unplugStick();
      await plugStick();
      const directory = join(folder, fileSystem);
      const counters = new Counters();
      const mounter = new AgentMounter({
        mounts: new OwnMounts(directory, { uid: 0, gid: 0 }),
        utcOffsetMin: 480,
        clock: systemClock,
        counters,
      });
      await mounter.start();
      const device = { port: stickPort(), manufacturer: "QEMU", product: "HARDDISK" };
      const first = await openMassStorage({ mounter, device, mayRemove: true }, going());
      const file = await fileAt(first, "DCIM/film.mp4");
      const head = await content(first, file, 0, FILE_BYTES / 4);
      await askHost({ kind: "unplug", device: "stick" });
      await assert.rejects(content(first, file, FILE_BYTES / 4, FILE_BYTES));
      await first.close();
      await plugStick();

      const again = await openMassStorage({ mounter, device, mayRemove: true }, going());
      const same = await fileAt(again, "DCIM/film.mp4");
      const rest = await content(again, same, head.length, FILE_BYTES);
      assert.equal(sha256(Buffer.concat([head, rest])), sha256(film));
      await again.withWriting(() => again.remove(same, going()));
      assert.deepEqual(await listing(again), []);
      await again.close();
      assert.deepEqual(readdirSync(directory), []);
    });
  });
}
