import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { LedgerReader } from "../../crypto/ledger/db/reader.ts";
import { MediaStore } from "../../crypto/media/store.ts";
import { DockRig, mtpWith } from "../support/agents/dock-rig.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const FILE_BYTES = 40_000_000;
const PATH = "DCIM/long.mp4";
/** Slow enough to be caught in the middle. */
const SLOW = { slowMs: 3 };

/** The pid of the USB process of an agent. */
function usbProcessOf(agentPid: number): number {
  const isUsb = (pid: string) => {
    try {
      const [, parent] = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
      return (
        Number(parent) === agentPid && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("usb-process")
      );
    } catch {
      return false;
    }
  };
  const found = readdirSync("/proc").find((pid) => /^\d+$/.test(pid) && isUsb(pid));
  assert.ok(found !== undefined, "the USB process runs");
  return Number(found);
}

/** The recordings of one file, oldest first, with their chunks' bytes joined. */
function importsOf(rig: DockRig) {
  const starts = rig.entries("recording.start") as unknown as { rec: string; continues?: string }[];
  const reader = LedgerReader.open(rig.dataDir);
  const store = new MediaStore(rig.dataDir);
  const imports = starts.map(({ rec, continues }) => {
    const chunks = reader.media.of(rec).map(({ digest }) => digest);
    const bytes = Buffer.concat(reader.media.of(rec).map(({ digest }) => readFileSync(store.path(digest))));
    return { rec, continues, chunks, bytes };
  });
  reader.close();
  return imports;
}

async function midway(rig: DockRig, bay: number): Promise<void> {
  await rig.bayHas(
    bay,
    "midway",
    ({ card }) => (card?.done_bytes ?? 0) >= 8_000_000 && (card?.done_bytes ?? 0) < FILE_BYTES,
  );
}

test("an import goes on by itself when the USB process is killed in the middle of it", async (t) => {
  const rig = await DockRig.lay(t, 2);
  const { recorder } = rig.office;
  await recorder.start();
  const content = randomBytes(FILE_BYTES);
  const behaviour = { ...SLOW };
  await rig.plug(1, mtpWith({ [PATH]: content }, { serial: "S-1", behaviour }));
  await midway(rig, 1);
  const { pid } = await recorder.call("status", {});
  process.kill(usbProcessOf(pid), "SIGKILL");
  const { dock } = await recorder.waitFor((status) => status.dock?.usb_restarts === 1, 30_000);
  assert.equal(dock?.usb_restarts, 1);
  await rig.bayIs(1, "awaiting-receipts");
  assert.equal((await recorder.call("status", {})).pid, pid, "the agent never ended");
  await recorder.stop();
  const [only, ...others] = importsOf(rig);
  assert.deepEqual(others, [], "one recording");
  assert.deepEqual(only?.bytes, content);
  assert.equal(rig.entries("recording.stop")[0]?.file_digest, sha256(content));
  assert.equal((await rig.office.verdictOn(rig.dataDir)).verdict, "authentic-unwitnessed-tail");
});

test("a recorder that moves to another bay in the middle of an import goes on there", async (t) => {
  const rig = await DockRig.lay(t, 2);
  const { recorder } = rig.office;
  await recorder.start();
  const content = randomBytes(FILE_BYTES);
  const device = () => mtpWith({ [PATH]: content }, { serial: "S-1", behaviour: SLOW });
  const first = await rig.plug(1, device());
  await midway(rig, 1);
  await first.unplug();
  await rig.plug(2, device());
  await rig.bayIs(2, "awaiting-receipts");
  await recorder.stop();
  const imports = importsOf(rig);
  assert.equal(imports.length, 1, "one recording over two dockings");
  assert.deepEqual(imports[0]?.bytes, content);
  assert.deepEqual(
    rig.entries("dock.attach").map(({ bay }) => bay),
    ["1", "2"],
  );
  assert.equal((await rig.office.verdictOn(rig.dataDir)).verdict, "authentic-unwitnessed-tail");
});

test("after a dock is killed in the middle of an import, a recording continues the one that was cut", async (t) => {
  const rig = await DockRig.lay(t, 2);
  const { recorder } = rig.office;
  await recorder.start();
  const content = randomBytes(FILE_BYTES);
  await rig.plug(1, mtpWith({ [PATH]: content }, { serial: "S-1", behaviour: SLOW }));
  await midway(rig, 1);
  await recorder.kill();
  await recorder.start();
  await rig.bayIs(1, "awaiting-receipts");
  await recorder.stop();
  const [cut, whole, ...others] = importsOf(rig);
  assert.deepEqual(others, []);
  assert.equal(whole?.continues, cut?.rec);
  assert.deepEqual(whole?.bytes, content);
  assert.ok((cut?.chunks.length ?? 0) > 0);
  assert.deepEqual(
    whole?.chunks.slice(0, cut?.chunks.length),
    cut?.chunks,
    "the same chunks have the same digest: each lies in the store once",
  );
  assert.equal((await rig.office.verdictOn(rig.dataDir)).verdict, "authentic-unwitnessed-tail");
});
