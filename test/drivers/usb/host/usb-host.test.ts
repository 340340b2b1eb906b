import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { Listed, RecorderDriver, RecorderFile } from "../../../../drivers/recorders/recorder-driver.ts";
import { HostBench } from "../../../support/usb/host-bench.ts";
import { bytesAt } from "../../../support/usb/test-recorder.ts";
import { eventually } from "../../../support/waiting.ts";

const NEVER = new AbortController().signal;
const FILE: RecorderFile = { handle: "1", path: "1.MP4", bytes: 20_000_000 };

describe("the USB process", () => {
  let bench: HostBench;

  beforeEach(async () => {
    bench = await HostBench.start(undefined, 700);
  });
  afterEach(() => bench.end());

  it("answers for a recorder as its driver does", async () => {
    const { device } = await bench.plug("1-1", "R-1");
    const found = bench.events.find((event) => event.kind === "attached");
    assert.deepEqual(found?.kind === "attached" ? found.finding : null, {
      kind: "recorder",
      driver: "mtp",
      interfaceNumber: 3,
      family: "MTP",
    });
    const recorder = await bench.open(device);
    assert.equal(recorder.name, "mtp");
    assert.ok(recorder.capabilities.has("files") && !recorder.capabilities.has("lamp"));
    assert.deepEqual(await recorder.identify(NEVER), { serial: "R-1", model: "test" });
    assert.deepEqual(await recorder.battery(NEVER), { percent: 50 });
    await recorder.setClock(5, NEVER);
    await assert.rejects(recorder.setClock(-1, NEVER), { code: "recorder-refused", place: "6" });
    await assert.rejects(recorder.showLamp("busy", NEVER), { code: "unsupported" });
    await recorder.close();
    await assert.rejects(recorder.battery(NEVER), { code: "recorder-gone" });
  });

  it("lists in pages, whole or in part", async () => {
    const { device } = await bench.plug("1-1");
    const recorder = await bench.open(device);
    const paths = (await all(recorder)).map((one) => (one.kind === "file" ? one.file.path : ""));
    assert.equal(new Set(paths).size, 1_000);
    // who stops early leaves no listing open: far more of them than are allowed at once
    for (let round = 0; round < 20; round++) for await (const _ of recorder.list(NEVER)) break;
    assert.equal((await all(recorder)).length, 1_000);
  });

  it("ends an endless listing in bounded memory", async () => {
    const { device } = await bench.plug("1-1", "endless");
    const recorder = await bench.open(device);
    await assert.rejects(all(recorder), { code: "recorder-listing" });
    assert.equal((await recorder.battery(NEVER)).percent, 50);
    assert.equal(bench.host.restarts, 0);
  });

  it("does not know what is not plugged in any more", async () => {
    const { device, plugged } = await bench.plug("1-1");
    const recorder = await bench.open(device);
    await plugged.unplug();
    await eventually("detached", () => bench.events.at(-1)?.kind === "detached");
    await assert.rejects(recorder.identify(NEVER), { code: "recorder-gone" });
    await assert.rejects(bench.open(device), { code: "recorder-gone" });
    assert.equal(bench.host.restarts, 0);
  });

  it("ends a call with its signal", async () => {
    const { device } = await bench.plug("1-1");
    const recorder = await bench.open(device);
    const stop = new AbortController();
    const waiting = assert.rejects(collect(recorder.read(FILE, 0, FILE.bytes, stop.signal)), /enough/);
    stop.abort(new Error("enough"));
    await waiting;
    await assert.rejects(recorder.identify(stop.signal), /enough/);
    assert.equal((await recorder.identify(NEVER)).model, "test");
  });

  for (const [mischief, why] of [
    ["crash", "process-died"],
    ["exit", "process-died"],
    ["throw", "process-died"],
    ["hang", "usb-process-hung"],
    ["devour", "usb-process-memory"],
  ] as const) {
    it(`is started again after a recorder made it ${mischief}; others lose their link, not more`, async () => {
      const bad = await bench.plug("1-1");
      const other = await bench.plug("1-2");
      const recorder = await bench.open(bad.device);
      const beside = await bench.open(other.device);
      const reading = assert.rejects(collect(beside.read({ ...FILE, bytes: 1e12 }, 0, 1e12, NEVER)), {
        code: "recorder-gone",
      });
      const before = bench.events.length;
      const asked = recorder.writeWearer({ id: "1", name: mischief }, NEVER);
      if (mischief === "devour") await asked;
      else await assert.rejects(asked, { code: "recorder-gone" });
      await reading;
      await eventually("its end", () => bench.host.restarts === 1);
      const told = bench.events.slice(before).map((event) => event.kind);
      assert.deepEqual(told.slice(0, 3), ["detached", "detached", "restarting"]);
      const ended = bench.events[before + 2];
      assert.equal(ended?.kind === "restarting" ? ended.error.code : "", why);
      const again = await bench.attached("1-1", before);
      assert.ok(again.insertion > other.device.insertion);
      assert.equal((await (await bench.open(again)).identify(NEVER)).serial, "1-1");
      // the old proxies stay gone
      await assert.rejects(beside.identify(NEVER), { code: "recorder-gone" });
    });
  }

  it("inherits no secret, and its socket is its own", async () => {
    const { device } = await bench.plug("1-1");
    const recorder = await bench.open(device);
    const names = (await readFile(`/proc/${bench.host.pid}/environ`, "latin1"))
      .split("\0")
      .map((line) => line.split("=")[0] ?? "")
      .filter((name) => name !== "");
    const known =
      /^(PATH|LANG|LC_ALL|TZ|LIBUSB_DEBUG|UV_USE_IO_URING|MALLOC_ARENA_MAX|MALLOC_MMAP_THRESHOLD_|NODE_CHANNEL_\w+|NODE_V8_COVERAGE)$/;
    assert.deepEqual(
      names.filter((name) => !known.test(name)),
      [],
    );
    // control: this process has more
    assert.ok(Object.keys(process.env).some((name) => !known.test(name)));
    const source = recorder.sourceOf(FILE);
    assert.ok(source?.kind === "socket");
    assert.equal((await stat(source.socket)).mode & 0o777, 0o600);
    assert.equal((await stat(`${bench.folder}/run`)).mode & 0o777, 0o700);
  });

  it("serves twenty recorders at once, all bytes right", async () => {
    const ports = Array.from({ length: 20 }, (_, at) => `1-${at + 1}`);
    const recorders = await Promise.all(
      ports.map(async (port) => bench.open((await bench.plug(port)).device)),
    );
    const file = { ...FILE, bytes: 300_001 };
    const read = await Promise.all(
      recorders.map((one) => collect(one.read(file, 1, 400_000, new AbortController().signal))),
    );
    const expected = Buffer.from(bytesAt(1, 300_000));
    for (const bytes of read) assert.ok(bytes.equals(expected));
    const serials = await Promise.all(recorders.map(async (one) => (await one.identify(NEVER)).serial));
    assert.deepEqual(serials, ports);
  });
});

describe("the USB process on a machine without USB", () => {
  it("has an empty bus, and says so once", async () => {
    const bench = await HostBench.start({ bus: "libusb" });
    try {
      assert.deepEqual(
        bench.events.map((event) => (event.kind === "warning" ? event.code : event.kind)),
        ["usb-none"],
      );
      assert.equal(bench.host.restarts, 0);
    } finally {
      await bench.end();
    }
  });
});

async function all(recorder: RecorderDriver): Promise<Listed[]> {
  const listed: Listed[] = [];
  for await (const one of recorder.list(NEVER)) listed.push(one);
  return listed;
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const kept: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    // each piece is good until the next one only
    if (bytes < 2 ** 20) kept.push(Uint8Array.from(piece));
  }
  return Buffer.concat(kept);
}
