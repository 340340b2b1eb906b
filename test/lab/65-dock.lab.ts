import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { BayStatus } from "../../agent/control/methods/dock-methods.ts";
import { systemClock } from "../../config/base/clock.ts";
import { Office } from "../support/agents/office.ts";
import { entriesOf } from "../support/ledger/bodies.ts";
import { askHost, hardware } from "./support/host.ts";
import { formatStick, pluggedStick, plugStick, portOf, stickPort, unplugStick } from "./support/stick.ts";

// The dock as it is started in an office: `fulltrace run` with its USB process, finding by itself what is plugged in.

const TEST_MS = 230_000;
const WAIT_MS = 150_000;
const START_MS = 90_000;
const RECEIPT_MS = 60_000;
const POLL_MS = 50;
const FILM = "DCIM/执法记录 路口处置.MP4";
const film = randomBytes(8 * 2 ** 20 + 11);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const mtpBytes = hardware.mtp.reduce((sum, { bytes }) => sum + bytes, 0);

test("a dock empties a camera and a disk with proof, one of them over an unplug", {
  timeout: TEST_MS,
}, async (t) => {
  await pluggedStick();
  formatStick("vfat", new Map([[FILM, film]]));
  const mtp = portOf("46f4", "0004");
  const stick = stickPort();
  await unplugStick();
  await askHost({ kind: "unplug", device: "mtp" });

  const office = await Office.open(t);
  try {
    await useDock(office, mtp, stick);
  } catch (error) {
    tell(office);
    throw error;
  }
});

async function useDock(office: Office, mtp: string, stick: string): Promise<void> {
  const dock = office.beDock({
    usb: "libusb",
    mount: "agent",
    bays: [
      { port: mtp, name: "camera" },
      { port: stick, name: "disk" },
    ],
    wipe_unknown: true,
    ready_without: ["clock", "battery"],
  });
  await office.receiver.start(START_MS);
  await dock.start(START_MS);
  await askHost({ kind: "plug", device: "mtp" });
  await bay(office, "camera", "in mid-import", ({ card }) => {
    const done = card?.done_bytes ?? 0;
    return done > 1_000_000 && done < mtpBytes;
  });
  await askHost({ kind: "unplug", device: "mtp" });
  await bay(office, "camera", "empty", ({ state }) => state === "empty");
  await askHost({ kind: "plug", device: "mtp" });
  await plugStick();
  const emptied = await bay(office, "camera", "ready", ({ state }) => state === "ready");
  await bay(office, "disk", "ready", ({ state }) => state === "ready");
  assert.equal(emptied.card?.wiped, emptied.card?.files);
  const { receipted } = await dock.call("sync.flush", { timeout_ms: RECEIPT_MS });
  assert.ok(receipted);
  await dock.stop();
  await office.receiver.stop();

  const imported = importsOf(office.layout.recorder);
  assert.equal(imported.get(FILM), sha256(film));
  // one file may have been deleted by the test of the driver
  for (const { path, sha256: digest } of hardware.mtp.filter((one) => !one.path.endsWith("/DELETE.MP4")))
    assert.equal(imported.get(path), digest, path);
  assert.ok(entriesOf(office.layout.recorder, "dock.detach").length >= 1, "the unplug is signed");
  const wiped = entriesOf(office.layout.recorder, "dock.wipe").map(({ path }) => path);
  assert.deepEqual(wiped.sort(), [...imported.keys()].sort());
  for (const copy of [office.layout.recorder, office.layout.replica])
    assert.match((await office.verdictOn(copy)).verdict, /^authentic(-unwitnessed-tail)?$/);
  const { stdout } = spawnSync("mtp-files", { encoding: "utf8" });
  assert.doesNotMatch(stdout, /\.MP4/);
}

/** Resolves when a bay is so. */
async function bay(
  office: Office,
  name: string,
  what: string,
  isSo: (bay: BayStatus) => boolean,
): Promise<BayStatus> {
  const endUs = systemClock.monoUs() + WAIT_MS * 1000;
  for (;;) {
    const { bays } = await office.recorder.call("dock.bays", {});
    const found = bays.find((one) => one.bay === name);
    if (found !== undefined && isSo(found)) return found;
    if (systemClock.monoUs() > endUs) throw new Error(`not ${what}: ${JSON.stringify(bays)}`);
    await systemClock.sleep(POLL_MS);
  }
}

/** Digest of each file by its path on the card; a path that was stored twice is no import of ours. */
function importsOf(dataDir: string): Map<string, unknown> {
  const stops = new Map(entriesOf(dataDir, "recording.stop").map((stop) => [stop.rec, stop]));
  const starts = entriesOf(dataDir, "recording.start");
  const found = new Map(
    starts.map(({ rec, source }) => [(source as { path: string }).path, stops.get(rec)?.file_digest]),
  );
  assert.equal(found.size, starts.length, "nothing is stored twice");
  return found;
}

/** What dock and receiver have logged is of use to whoever reads of a failure. */
function tell(office: Office): void {
  const logs = ["recorder", "receiver"].map((name) => join(office.layout.root, `${name}.log`));
  for (const log of logs.filter((path) => existsSync(path))) process.stdout.write(readFileSync(log, "utf8"));
}
