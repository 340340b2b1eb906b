import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { systemClock } from "../../../../config/base/clock.ts";
import { openMtp } from "../../../../drivers/recorders/mtp/mtp-driver.ts";
import { SimulatedCard } from "../../../../drivers/simulator/recorders/mtp/card.ts";
import { SimulatedMtp } from "../../../../drivers/simulator/recorders/mtp.ts";
import { content, fileAt, filesOf, MODIFIED_MS } from "../../../contract/recorder/calls.ts";
import { seededRandom, temporaryDirectory } from "../../../support/surroundings.ts";

const FILES: Record<string, Uint8Array> = {
  "DCIM/100MEDIA/DCAM_000001_012345_20261123_093010_IMP.mp4": seededRandom("film").bytes(700_001),
  "DCIM/100MEDIA/empty.mp4": new Uint8Array(0),
  "收件/说明 1.txt": Buffer.from("说明"),
};
const [FILM = ""] = Object.keys(FILES);
const { signal } = new AbortController();

/** A folder of recordings with a folder that is empty and a link that leads out, and the card that it is. */
function folderCard(t: TestContext) {
  const folder = temporaryDirectory(t);
  for (const [path, bytes] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
    utimesSync(join(folder, path), MODIFIED_MS / 1000, MODIFIED_MS / 1000);
  }
  mkdirSync(join(folder, "LOG"));
  symlinkSync("/etc/passwd", join(folder, "passwd.mp4"));
  const told: string[] = [];
  const card = SimulatedCard.ofFolder(folder, {
    onRead: (path) => told.push(`read ${path}`),
    onErase: (path) => told.push(`erased ${path}`),
  });
  return { folder, card, told };
}

describe("a simulated card that is a folder", () => {
  it("has every file and folder below it as it is on the disk, and follows no link", (t) => {
    const { card } = folderCard(t);
    for (const [path, bytes] of Object.entries(FILES)) {
      const object = card.at(path);
      assert.equal(object?.content?.bytes, bytes.length, path);
      assert.equal(object?.modifiedMs, MODIFIED_MS, path);
    }
    assert.equal(card.at("LOG")?.content, null, "a folder");
    assert.equal(card.at("passwd.mp4"), null);
    assert.equal(card.objects.size, Object.keys(FILES).length + ["DCIM", "100MEDIA", "收件", "LOG"].length);
  });

  it("is listed, read and emptied by the real driver, and tells of it", async (t) => {
    const { folder, card, told } = folderCard(t);
    const device = new SimulatedMtp({ card, clock: systemClock });
    const usb = { ...device.descriptors, port: "1-1", insertion: 1 };
    const driver = await openMtp(device.open(), usb, { clock: systemClock });
    t.after(() => driver.close());
    assert.deepEqual([...(await filesOf(driver)).keys()].sort(), Object.keys(FILES).sort());
    const film = await fileAt(driver, FILM);
    assert.ok((await content(driver, film, 0, film.bytes)).equals(FILES[FILM] as Uint8Array));
    assert.deepEqual(told, [`read ${FILM}`]);
    await driver.remove(film, signal);
    assert.deepEqual(told, [`read ${FILM}`, `erased ${FILM}`]);
    assert.ok(!existsSync(join(folder, FILM)), "the file is still there");
    // control: nothing else went
    assert.equal(readFileSync(join(folder, "收件/说明 1.txt"), "utf8"), "说明");
    assert.deepEqual([...(await filesOf(driver)).keys()].sort(), Object.keys(FILES).slice(1).sort());
  });

  it("tells of a file that is read once its end has been, in whatever pieces", (t) => {
    const { card, told } = folderCard(t);
    const film = card.at(FILM)?.content;
    assert.ok(film);
    const bytes = FILES[FILM] as Uint8Array;
    assert.deepEqual(Buffer.from(film.read(100, 500)), Buffer.from(bytes.subarray(100, 600)));
    assert.deepEqual(told, []);
    assert.deepEqual(Buffer.from(film.read(700_000, 1)), Buffer.from(bytes.subarray(700_000)));
    assert.deepEqual(told, [`read ${FILM}`]);
  });

  it("stalls where a file is gone or shorter since, and gives no byte that is not there", (t) => {
    const { folder, card, told } = folderCard(t);
    const film = card.at(FILM)?.content;
    truncateSync(join(folder, FILM), 600_000);
    assert.equal(film?.read(0, 600_000).length, 600_000);
    assert.throws(() => film?.read(599_999, 2), { code: "usb-stall" });
    unlinkSync(join(folder, FILM));
    assert.throws(() => film?.read(0, 1), { code: "usb-stall" });
    assert.deepEqual(told, []);
  });

  it("is the folder as it was when it was put in: what came later is seen the next time", (t) => {
    const { folder, card } = folderCard(t);
    writeFileSync(join(folder, "later.mp4"), "later");
    assert.equal(card.at("later.mp4"), null);
    assert.equal(SimulatedCard.ofFolder(folder).at("later.mp4")?.content?.bytes, 5);
  });
});
