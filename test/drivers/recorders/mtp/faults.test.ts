import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { systemClock } from "../../../../config/base/clock.ts";
import type { RecorderFile } from "../../../../drivers/recorders/recorder-driver.ts";
import type { MtpBehaviour } from "../../../../drivers/simulator/recorders/mtp/behaviour.ts";
import { inMemory } from "../../../../drivers/simulator/recorders/mtp/card.ts";
import { SimulatedMtp } from "../../../../drivers/simulator/recorders/mtp.ts";
import {
  content,
  fileAt,
  going,
  listing,
  MODIFIED_MS,
  refuses,
  within,
} from "../../../contract/recorder/calls.ts";
import type { CardFile } from "../../../contract/recorder/under-test.ts";
import { seededRandom } from "../../../support/surroundings.ts";
import { cardOf, openSimulated, simulatedMtp } from "./simulated.ts";

const QUICK = { timeoutMs: 60, transactionMs: 300 };
/** Where nothing is silent: no busy machine comes to the end of it. */
const PATIENT = { timeoutMs: 30_000, transactionMs: 60_000 };
const LIMIT_MS = 3_000;
const FILM: CardFile = {
  path: "DCIM/film.mp4",
  bytes: seededRandom("film").bytes(1_600_000),
  modifiedMs: MODIFIED_MS,
};

/** Opens a recorder that is good, makes it bad, and reads. */
async function readingFrom(
  behaviour: Partial<MtpBehaviour>,
  turnBad: (device: SimulatedMtp) => void,
): Promise<{ code: Promise<Buffer>; device: SimulatedMtp; file: RecorderFile; close: () => Promise<void> }> {
  const device = simulatedMtp([FILM], behaviour);
  const driver = await openSimulated(device, QUICK);
  const file = await fileAt(driver, FILM.path);
  turnBad(device);
  const code = within(LIMIT_MS, "read", content(driver, file, 0, file.bytes));
  const close = async () => {
    await driver.close();
    device.unplug();
  };
  return { code, device, file, close };
}

const FAULTS: [string, string, Partial<MtpBehaviour>, (device: SimulatedMtp) => void][] = [
  ["answers nothing", "recorder-silent", {}, (device) => device.hang()],
  ["numbers its answers wrongly", "recorder-answer", {}, become({ answers: "wrong-transaction" })],
  ["sends containers of another type", "recorder-answer", {}, become({ answers: "wrong-type" })],
  ["answers another operation", "recorder-answer", {}, become({ answers: "wrong-operation" })],
  ["sends more than it announces", "recorder-answer", {}, become({ answers: "longer" })],
  ["sends less than it announces", "recorder-answer", {}, become({ answers: "shorter" })],
  ["announces 4 GB", "recorder-answer", {}, become({ answers: "huge" })],
  ["stalls in the middle of a part", "recorder-answer", {}, (device) => device.stallAfter(700_000)],
  [
    "stalls in the middle of a whole file",
    "recorder-answer",
    { noPartial: true },
    (device) => device.stallAfter(700_000),
  ],
  [
    "is pulled out in the middle",
    "recorder-gone",
    { noPartial: true },
    (device) => device.unplugAfter(700_000),
  ],
  ["is busy for ever", "recorder-refused", {}, become({ busyTimes: 1_000 })],
];

function become(behaviour: Partial<MtpBehaviour>): (device: SimulatedMtp) => void {
  return (device) => Object.assign(device.recorder.behaviour, behaviour);
}

describe("an MTP recorder with a fault", () => {
  for (const [what, code, behaviour, turnBad] of FAULTS) {
    it(`is told as ${code} if it ${what}`, async () => {
      const reading = await readingFrom(behaviour, turnBad);
      await refuses(code, what, reading.code);
      await reading.close();
    });
  }

  it("is read as if nothing had been if it is busy, or slow, for a moment", async () => {
    for (const behaviour of [{ busyTimes: 3 }, { slowMs: 5 }]) {
      const reading = await readingFrom({}, become(behaviour));
      assert.ok((await reading.code).equals(FILM.bytes));
      await reading.close();
    }
  });

  it("can be used again after each of them", async () => {
    for (const answers of [
      "wrong-transaction",
      "wrong-type",
      "wrong-operation",
      "longer",
      "shorter",
      "huge",
    ] as const) {
      for (const quirks of [{}, { noClassRequests: true }, { noPartial: true }]) {
        const device = simulatedMtp([FILM], quirks);
        const driver = await openSimulated(device, { timeoutMs: 500 });
        const file = await fileAt(driver, FILM.path);
        become({ answers })(device);
        await refuses("recorder-answer", answers, content(driver, file, 0, file.bytes));
        become({ answers: "good" })(device);
        const bytes = await within(LIMIT_MS, `read after ${answers}`, content(driver, file, 0, file.bytes));
        assert.ok(bytes.equals(FILM.bytes), answers);
        await driver.close();
        device.unplug();
      }
    }
  });

  it("lies about a length: what it does not have is not made up, and the file is not removed for another", async () => {
    for (const [lyingBytes, noPartial] of [
      [5, false],
      [5, true],
      [-5, true],
    ] as const) {
      const device = simulatedMtp([FILM], { lyingBytes, noPartial });
      const driver = await openSimulated(device, QUICK);
      const file = await fileAt(driver, FILM.path);
      assert.equal(file.bytes, FILM.bytes.length + lyingBytes);
      await refuses("recorder-answer", `${lyingBytes}`, content(driver, file, 0, file.bytes));
      become({ lyingBytes: 0 })(device);
      await refuses("file-gone", "remove", driver.remove(file, going()));
      await driver.close();
    }
  });

  it("lists without end: recorder-listing in bounded time", async () => {
    const device = simulatedMtp([], { endlessListing: true });
    const driver = await openSimulated(device, { mostListed: 12_000 });
    await refuses("recorder-listing", "list", within(20_000, "list", listing(driver)));
    await driver.close();
  });

  it("keeps folders in a circle: recorder-listing, or nothing of them", async () => {
    const device = simulatedMtp([FILM], { ignoresParents: true });
    const { card } = device.recorder;
    const first = card.add("first", 0, null, MODIFIED_MS);
    const second = card.add("second", first, null, MODIFIED_MS);
    Object.assign(card.objects.get(first) ?? {}, { parent: second });
    const driver = await openSimulated(device);
    await refuses("recorder-listing", "list", within(LIMIT_MS, "list", listing(driver)));
    await driver.close();
  });

  it("has terrible names: each becomes a harmless claim of its own, and the file is read", async () => {
    const device = simulatedMtp([]);
    const names = [
      "../../etc/passwd",
      "-rf",
      "a\u0001b",
      "\ud800x",
      "字".repeat(254),
      "x".repeat(253),
      "..",
      " ",
    ];
    for (const name of names) device.recorder.card.add(name, 0, inMemory(Buffer.from(name)), MODIFIED_MS);
    const driver = await openSimulated(device);
    const files = (await listing(driver)).flatMap((one) => (one.kind === "file" ? [one.file] : []));
    assert.equal(new Set(files.map(({ path }) => path)).size, names.length);
    assert.ok(files.some(({ path }) => path === "..%2F..%2Fetc%2Fpasswd"));
    for (const [i, file] of files.entries())
      assert.ok((await content(driver, file, 0, file.bytes)).equals(Buffer.from(names[i] as string)));
    await driver.close();
  });

  it("holds folders deeper than anyone reads: told as skipped", async () => {
    const device = simulatedMtp([{ ...FILM, path: `${"d/".repeat(40)}film.mp4` }, FILM]);
    const driver = await openSimulated(device);
    const skipped = (await listing(driver)).filter((one) => one.kind === "skipped");
    assert.deepEqual(
      skipped.map((one) => one.kind === "skipped" && one.reason),
      ["too-deep"],
    );
    await driver.close();
  });

  it("refuses to set its clock or to delete: recorder-refused with its code, and the file stays", async () => {
    const device = simulatedMtp([FILM], { writeProtected: true });
    const driver = await openSimulated(device);
    await refuses("recorder-refused", "clock", driver.setClock(MODIFIED_MS, going()));
    const file = await fileAt(driver, FILM.path);
    await assert.rejects(driver.remove(file, going()), /0x200D/);
    assert.ok(device.recorder.card.at(FILM.path));
    await driver.close();
  });

  it("holds a file of 5 GiB: its length is told, and both ends of it are read", async () => {
    const bytes = 5 * 2 ** 30;
    const device = simulatedMtp([]);
    const read = (offset: number, length: number) =>
      Buffer.alloc(Math.min(length, bytes - offset), (offset / 2 ** 20) & 0xff);
    device.recorder.card.put("large.mp4", { bytes, read }, MODIFIED_MS);
    const driver = await openSimulated(device);
    const file = await fileAt(driver, "large.mp4");
    assert.equal(file.bytes, bytes);
    for (const offset of [0, 4 * 2 ** 30 - 10, 4 * 2 ** 30 + 2 ** 20, bytes - 10])
      assert.deepEqual(await content(driver, file, offset, 10), Buffer.from(read(offset, 10)));
    await driver.close();
  });

  it("lets a slow reader keep each piece until it asks for the next", async () => {
    const film = { ...FILM, bytes: seededRandom("long film").bytes(3_400_000) };
    for (const quirks of [{}, { noPartial: true }]) {
      const device = simulatedMtp([film], quirks);
      const driver = await openSimulated(device);
      const file = await fileAt(driver, film.path);
      let at = 0;
      for await (const piece of driver.read(file, 0, file.bytes, going())) {
        // the next part comes meanwhile
        for (let turns = 0; turns < 100; turns++) await turn();
        assert.ok(Buffer.from(piece).equals(film.bytes.subarray(at, at + piece.length)), `at ${at}`);
        at += piece.length;
      }
      assert.equal(at, film.bytes.length);
      await driver.close();
      device.unplug();
    }
  });

  it("is no recorder that tells a battery if its level cannot be", async () => {
    for (const [batteryPercent, tells] of [
      [100, true],
      [128, false],
    ] as const) {
      const device = new SimulatedMtp({ card: cardOf([]), clock: systemClock, batteryPercent });
      const driver = await openSimulated(device);
      assert.equal(driver.capabilities.has("battery"), tells, `${batteryPercent} %`);
      await driver.close();
      device.unplug();
    }
  });

  it("is unplugged two hundred times at any byte: the file is whole at the end", async () => {
    for (const quirks of [{}, { noPartial: true }]) {
      const device = simulatedMtp([FILM], quirks);
      const random = seededRandom("unplugs");
      const parts: Buffer[] = [];
      let at = 0;
      let unplugs = 0;
      while (at < FILM.bytes.length) {
        device.plug();
        const driver = await openSimulated(device, PATIENT);
        const file = await fileAt(driver, FILM.path);
        if (unplugs < 200) device.unplugAfter(random.bytes(4).readUInt32LE() % 7_000);
        const taken: Buffer[] = [];
        // every attempt reads a little, so that there are two hundred
        const most = unplugs < 200 ? 7_000 : FILM.bytes.length;
        await content(driver, file, at, most, going(), taken).catch(() => {});
        parts.push(...taken);
        at += taken.reduce((sum, { length }) => sum + length, 0);
        if (!device.plugged) unplugs++;
        device.unplug();
        await driver.close();
      }
      assert.equal(unplugs, 200);
      assert.ok(Buffer.concat(parts).equals(FILM.bytes));
    }
  });
});
