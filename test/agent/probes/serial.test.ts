import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { LineReader, type LineSight } from "../../../agent/probes/serial/line-reader.ts";
import { loopback } from "../../../agent/probes/serial/loopback.ts";
import { pingBoard } from "../../../agent/probes/serial/ping.ts";
import { listSerialPorts } from "../../../agent/probes/serial/ports.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { parseConfig } from "../../../config/load.ts";
import { pack } from "../../../drivers/serial/board/messages/layout.ts";
import { EVENTS } from "../../../drivers/serial/board/messages/messages.ts";
import { Framing } from "../../../drivers/serial/frames/framing.ts";
import { systemPort } from "../../../drivers/serial/line/system-port.ts";
import { DeviceAtTerminal, type LineDevice } from "../../../drivers/simulator/terminal/device-at-terminal.ts";
import { recorder } from "../../config/sample-config.ts";
import { assertFitsSchema } from "../../support/cli-schema.ts";
import { PluggedBoard, PluggedGnss } from "../../support/serial/serial-devices.ts";
import { seededRandom, temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "../cli/command-line.ts";

const BAUD = 115_200;
const never = new AbortController().signal;

function portAt(path: string) {
  return systemPort({ path, baud: BAUD, clock: systemClock });
}

describe("serial ping", () => {
  it("tells who answers and how quickly, and is refused while another holds the line", async (t) => {
    const { path, device } = await PluggedBoard.open(t);
    device.faults.noiseBytes = 3;
    const { exit, stdout, stderr } = await fulltrace(["serial", "ping", path, "--count", "4", "--json"]);
    assert.equal(exit, 0, stderr);
    const told = JSON.parse(stdout);
    assertFitsSchema("serial ping", told);
    assert.equal(told.answered, 4);
    assert.equal(told.round_trip.count, 4);
    assert.ok(told.noise_bytes > 0);
    device.faults.noiseBytes = 0;
    const held = await portAt(path)(never);
    t.after(() => held.close());
    const busy = await fulltrace(["serial", "ping", path, "--json"]);
    assert.equal(busy.exit, 1);
    assert.equal(JSON.parse(busy.stderr).error.code, "serial-busy");
  });

  it("counts an answer that is lost, and does not ask again for it", async (t) => {
    const { path, device } = await PluggedBoard.open(t);
    const open = async (signal: AbortSignal) => {
      const port = await portAt(path)(signal);
      let sent = 0;
      // the hello is answered, the question after it is not
      const write: typeof port.write = (bytes) => {
        if (++sent === 2) device.faults.lostAnswers = 1;
        return port.write(bytes);
      };
      return {
        path,
        ended: port.ended,
        write,
        deliverTo: port.deliverTo.bind(port),
        close: port.close.bind(port),
      };
    };
    const told = await pingBoard({ open, clock: systemClock, random: systemRandom }, 3, never);
    assert.deepEqual([told.sent, told.answered, told.round_trip?.count], [3, 2, 2]);
  });
});

describe("serial monitor", () => {
  async function sights(bytes: Uint8Array[], as: "auto" | "board" | "nmea" | "hex" = "auto") {
    const seen: LineSight[] = [];
    const reader = new LineReader(await Framing.load(), as, (sight) => seen.push(sight));
    for (const piece of bytes) reader.push(piece);
    reader.end();
    return seen;
  }

  it("finds out what a line speaks, and reads it from its beginning", async () => {
    const framing = await Framing.load();
    const { type, layout } = EVENTS.button;
    const payload = pack(layout, { button: "sos", press: "long", ageMs: 7 }, "test");
    const frame = framing.encode({ type, seq: 9, payload });
    const [board] = await sights([frame.subarray(0, 5), frame.subarray(5)]);
    assert.ok(board?.kind === "frame");
    assert.deepEqual([board.way, board.name, board.seq], ["event", "button", 9]);
    assert.deepEqual(board.fields, { button: "sos", press: "long", age_ms: 7 });
    const unknown = await sights([framing.encode({ type: 0x4f, seq: 1, payload: Buffer.of(1, 2) })]);
    assert.deepEqual(unknown, [{ kind: "frame", type: 0x4f, seq: 1, payload_hex: "0102" }]);

    const right = "$GPTXT,01,01,02,x*35";
    const wrong = right.replace("x", "y");
    const nmea = await sights([Buffer.from(`${right}\r\n${wrong}\r\n$GPTXT\r\n`)]);
    assert.deepEqual(
      nmea.map((sight) => sight.kind === "sentence" && [sight.text, sight.checksum]),
      [
        [right, "right"],
        [wrong, "wrong"],
        ["$GPTXT", "none"],
      ],
    );
    assert.deepEqual(await sights([Buffer.from("ab\u0000")]), [{ kind: "bytes", hex: "616200" }]);
    // a sentence with a wrong sum decides nothing
    assert.deepEqual((await sights([Buffer.from(`${wrong}\n`)]))[0]?.kind, "bytes");
  });

  it("shows a receiver's sentences line by line, and ends by itself when asked to", async (t) => {
    const { path } = await PluggedGnss.open(t);
    const { exit, stdout, stderr } = await fulltrace(["serial", "monitor", path, "--for-s", "2", "--json"]);
    assert.equal(exit, 0, stderr);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const line of lines) assertFitsSchema("serial monitor", line);
    assert.ok(
      lines.some(
        ({ kind, text, checksum }) => kind === "sentence" && text.includes("RMC") && checksum === "right",
      ),
    );
    assert.throws(() => assertFitsSchema("serial monitor", { ...lines[0], more: 1 }));
  });
});

describe("serial loopback", () => {
  /** A line whose TX is bridged to its RX, with `spoil` in between. */
  async function bridged(t: TestContext, spoil: (bytes: Buffer, block: number) => Buffer): Promise<string> {
    const path = join(temporaryDirectory(t), "line");
    let send: (bytes: Uint8Array) => void = () => {};
    let block = -1;
    let blockBytes = 0;
    const device: LineDevice = {
      receive: (bytes) => {
        // the first block is eight letters, each other 256 bytes
        if (blockBytes === 0) block++;
        blockBytes += bytes.length;
        if (blockBytes >= (block === 0 ? 8 : 256)) blockBytes = 0;
        send(spoil(Buffer.from(bytes), block));
      },
      plug: (line) => {
        send = line;
      },
      unplug: () => {},
    };
    const terminal = new DeviceAtTerminal(device, path, systemClock);
    await terminal.plug();
    t.after(() => terminal.unplug());
    return path;
  }

  function run(path: string, bytes: number) {
    const random = seededRandom("loopback");
    return loopback({ open: portAt(path), clock: systemClock, random, baud: BAUD }, bytes, never);
  }

  it("says that all came back as it was", async (t) => {
    const path = await bridged(t, (bytes) => bytes);
    const { exit, stdout } = await fulltrace(["serial", "loopback", path, "--bytes", "1000", "--json"]);
    assert.equal(exit, 0);
    const told = JSON.parse(stdout);
    assertFitsSchema("serial loopback", told);
    assert.deepEqual([told.sent_bytes, told.received_bytes, told.wrong_bytes], [1000, 1000, 0]);
  });

  it("counts what is spoilt and what is lost, block by block", async (t) => {
    const path = await bridged(t, (bytes, block) => {
      if (block === 1) bytes[0] = (bytes[0] as number) ^ 0x80;
      return block === 2 ? bytes.subarray(1) : bytes;
    });
    const told = await run(path, 768);
    assert.equal(told.sent_bytes, 768);
    assert.equal(told.received_bytes, 767);
    assert.equal(told.lost_bytes, 1);
    assert.ok(told.wrong_bytes >= 1);
  });

  it("writes eight letters and no more to a line that is not bridged", async (t) => {
    let received = 0;
    const path = await bridged(t, (bytes) => {
      received += bytes.length;
      return Buffer.alloc(0);
    });
    await assert.rejects(run(path, 10_000), { code: "loopback-open" });
    assert.equal(received, 8);
  });
});

describe("serial list", () => {
  it("has the stable path of each line, what is behind it, and what the configuration uses it for", async (t) => {
    const root = temporaryDirectory(t);
    const folders = { dev: join(root, "dev"), tty: join(root, "tty") };
    const usb = join(root, "sys", "1-1.2");
    const line = join(usb, "1-1.2:1.0");
    for (const folder of [join(folders.dev, "serial/by-id"), line, join(root, "drivers/cdc_acm")])
      mkdirSync(folder, { recursive: true });
    writeFileSync(join(usb, "idVendor"), "1234\n");
    writeFileSync(join(usb, "product"), "GNSS\n");
    symlinkSync(join(root, "drivers/cdc_acm"), join(line, "driver"));
    for (const name of ["ttyACM0", "ttyS5", "console"]) {
      mkdirSync(join(folders.tty, name), { recursive: true });
      writeFileSync(join(folders.dev, name), "");
    }
    symlinkSync(line, join(folders.tty, "ttyACM0", "device"));
    // a line of the 8250 driver without a chip, and a console without hardware
    symlinkSync(line, join(folders.tty, "ttyS5", "device"));
    writeFileSync(join(folders.tty, "ttyS5", "type"), "0\n");
    const stable = join(folders.dev, "serial/by-id/usb-GNSS-if00");
    symlinkSync("../../ttyACM0", stable);
    const config = parseConfig(
      `${recorder}\n[gnss]\ndevice = "${stable}"\n[board]\ndevice = "${join(root, "none")}"\n`,
      join(root, "agent.toml"),
    );
    const ports = await listSerialPorts(config, folders);
    assert.deepEqual(ports, [
      {
        device: join(folders.dev, "ttyACM0"),
        stable,
        driver: "cdc_acm",
        usb_port: "1-1.2",
        product: "GNSS",
        may_open: true,
        used_by: "gnss",
      },
      { device: join(root, "none"), may_open: false, used_by: "board", missing: true },
    ]);
    assertFitsSchema("serial list", { ports });
  });
});
