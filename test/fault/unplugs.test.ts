import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ImportOrder } from "../../capture/import/import-job.ts";
import { systemClock } from "../../config/base/clock.ts";
import { errorCode } from "../../config/base/errors.ts";
import { systemRandom } from "../../config/base/random.ts";
import type { RecorderDriver } from "../../drivers/recorders/recorder-driver.ts";
import { UsbHost, type UsbHostEvent } from "../../drivers/usb/host/usb-host.ts";
import type { UsbDevice } from "../../drivers/usb/usb-link.ts";
import { plugIn } from "../../drivers/usb/virtual/plug-in.ts";
import { mtpWith } from "../support/agents/dock-rig.ts";
import { ImportBench, sha256sum, verdictOf } from "../support/import/import-bench.ts";
import { temporaryDirectory } from "../support/surroundings.ts";
import { eventually } from "../support/waiting.ts";

const UNPLUGS = 200;
const MOST_BYTES = 500_000;
const FILES = 8;
const FILE_BYTES = 7_000_001;
const SEED = 20_261_123;

/** The same numbers in every run, 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Imports every file of the recorder that is not whole yet, one by one. Throws what a cut cable makes of it. */
async function importCard(bench: ImportBench, driver: RecorderDriver, signal: AbortSignal): Promise<void> {
  const { serial } = await driver.identify(signal);
  for await (const item of driver.list(signal)) {
    if (item.kind === "skipped") continue;
    const { path, bytes } = item.file;
    const claim: ImportOrder["claim"] = { serial, path, bytes };
    const source = driver.sourceOf(item.file);
    assert.ok(source !== null);
    if (bench.reader.imports.whole(claim) === null)
      await bench.importer.importFile({ claim, source }, { signal });
  }
}

test("after 200 unplugs at random bytes every file is whole, and nothing is stored twice", async (t) => {
  const bench = await ImportBench.open(t, { chunkBytes: 65_536 });
  const folder = temporaryDirectory(t);
  const hub = join(folder, "hub");
  let attached: (device: UsbDevice) => void = () => {};
  let detached = 0;
  const host = await UsbHost.start({
    bus: { bus: "virtual", hub },
    folder: join(folder, "run"),
    clock: systemClock,
    random: systemRandom,
    onEvent: (event: UsbHostEvent) => {
      if (event.kind === "attached") attached(event.device);
      if (event.kind === "detached") detached++;
    },
  });
  t.after(() => host.stop());
  const contents = new Map(
    Array.from({ length: FILES }, (_, i) => [`DCIM/${i}.mp4`, randomBytes(FILE_BYTES)]),
  );
  const next = seeded(SEED);
  const device = mtpWith(Object.fromEntries(contents), { serial: "S-1" });
  const startMs = Date.now();

  /** One insertion; answers whether the whole card was imported before the cable was cut. */
  const insert = async (cutAt: number | null): Promise<boolean> => {
    const arrival = new Promise<UsbDevice>((resolve) => {
      attached = resolve;
    });
    const goneBefore = detached;
    const plugged = await plugIn(hub, "1-1", device, systemClock);
    if (cutAt !== null) plugged.fault({ kind: "unplug", atByte: cutAt });
    let isWhole = false;
    try {
      const driver = await host.open(await arrival, {}, new AbortController().signal);
      await importCard(bench, driver, new AbortController().signal);
      isWhole = true;
    } catch (error) {
      assert.equal(errorCode(error), "recorder-gone");
    }
    await plugged.unplug();
    await eventually("it is told as gone", () => detached > goneBefore);
    return isWhole;
  };

  let unplugs = 0;
  for (; unplugs < UNPLUGS; unplugs++) {
    assert.equal(await insert(Math.floor(next() * MOST_BYTES)), false, `${unplugs} unplugs`);
  }
  const cutWhole = [...contents].filter(
    ([path]) => bench.reader.imports.whole({ serial: "S-1", path, bytes: FILE_BYTES }) !== null,
  ).length;
  t.diagnostic(
    `${unplugs} unplugs in ${Date.now() - startMs} ms, ${cutWhole} of ${FILES} files whole by then`,
  );
  assert.equal(await insert(null), true);

  let stored = 0;
  const digests = new Set<string>();
  for (const [path, content] of contents) {
    const row = bench.reader.imports.whole({ serial: "S-1", path, bytes: content.length });
    assert.equal(row?.fileDigest, sha256sum(content), path);
    assert.deepEqual(bench.content(row?.rec as string), content);
    for (const { digest } of bench.reader.media.of(row?.rec as string)) {
      digests.add(digest);
      stored++;
    }
  }
  assert.equal(bench.reader.recordings.all().length, FILES, "one recording a file, whatever happened to it");
  assert.equal(digests.size, stored, "no chunk twice");
  const lying = readdirSync(join(bench.dataDir, "media"), { recursive: true, withFileTypes: true });
  assert.equal(lying.filter((entry) => entry.isFile()).length, stored, "and no other in the store");
  assert.equal(await verdictOf(bench.dataDir), "authentic-unwitnessed-tail");
});
