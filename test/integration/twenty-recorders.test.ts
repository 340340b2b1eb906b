import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { DockRig, mtpWith, rssOf } from "../support/agents/dock-rig.ts";

const BAYS = 20;
const FILES = 2;
const FILE_BYTES = 1_000_000;
/** Far above what is measured: a machine that tests many things at once is slow, and not for ever. */
const MOST_RSS_BYTES = 400 * 2 ** 20;

test("twenty recorders at once all become ready, and share the dock", async (t) => {
  process.env.FULLTRACE_WATCH_LOOP = "1";
  t.after(() => {
    delete process.env.FULLTRACE_WATCH_LOOP;
  });
  const serials = Array.from({ length: BAYS }, (_, i) => `S-${i + 1}`);
  const rig = await DockRig.lay(t, BAYS, { recorders: serials });
  const { recorder, receiver } = rig.office;
  await receiver.start();
  await recorder.start();
  const startMs = Date.now();
  for (const [i, serial] of serials.entries()) {
    const files = Array.from({ length: FILES }, (_, n) => [`DCIM/${n}.mp4`, randomBytes(FILE_BYTES)]);
    await rig.plug(i + 1, mtpWith(Object.fromEntries(files), { serial }));
  }
  const { pid } = await recorder.call("status", {});
  let peakRssBytes = 0;
  const importedMs: number[] = [];
  for (let bay = 1; bay <= BAYS; bay++) {
    await rig.bayHas(bay, "ready", ({ state }) => {
      peakRssBytes = Math.max(peakRssBytes, rssOf(pid));
      return state === "ready";
    });
  }
  for (const { since_ms: sinceMs } of await rig.bays()) importedMs.push(sinceMs - startMs);
  const { loop_delay_p99_ms: delayMs } = await recorder.call("status", {});
  const [first, last] = [Math.min(...importedMs), Math.max(...importedMs)];
  t.diagnostic(
    `ready after ${first} to ${last} ms; loop delay p99 ${delayMs} ms; peak ${peakRssBytes / 2 ** 20} MiB`,
  );
  assert.ok(peakRssBytes < MOST_RSS_BYTES, `${peakRssBytes} bytes`);
  assert.equal(rig.entries("dock.wipe").length, BAYS * FILES);
  await rig.office.settle();
  await recorder.stop();
  const accounts = rig.entries("dock.account") as unknown as { imported: number; left_out: number }[];
  assert.deepEqual(
    accounts.map(({ imported, left_out: leftOut }) => [imported, leftOut]),
    Array.from({ length: BAYS }, () => [FILES, 0]),
  );
  assert.notEqual((await rig.office.verdictOn(rig.dataDir)).verdict, "altered");
});
