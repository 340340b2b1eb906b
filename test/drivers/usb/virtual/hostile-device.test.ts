import assert from "node:assert/strict";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";
import fc from "fast-check";
import { systemClock } from "../../../../config/base/clock.ts";
import type { UsbChange } from "../../../../drivers/usb/usb-link.ts";
import { plugIn } from "../../../../drivers/usb/virtual/plug-in.ts";
import { VirtualBus } from "../../../../drivers/usb/virtual/virtual-bus.ts";
import { FrameReader, frameBytes, KIND, textOf } from "../../../../drivers/usb/virtual/wire.ts";
import { bytesAt, testRecorderDevice } from "../../../support/usb/test-recorder.ts";
import { virtualDisk } from "../../../support/usb/virtual-disk.ts";
import { eventually } from "../../../support/waiting.ts";

const HELLO = frameBytes(KIND.hello, 0, textOf(virtualDisk("x", systemClock).descriptors));

describe("a virtual bus with hostile devices", () => {
  let hub = "";
  let bus: VirtualBus;
  let changes: UsbChange[] = [];
  const ends: (() => Promise<void>)[] = [];
  const watching = new AbortController();

  beforeEach(async () => {
    hub = await mkdtemp(join(tmpdir(), "hub-"));
    bus = new VirtualBus({ hub, clock: systemClock });
    changes = [];
    await bus.watch((change) => changes.push(change), watching.signal);
  });
  afterEach(async () => {
    await bus.close();
    for (const end of ends.splice(0)) await end();
    await rm(hub, { recursive: true, force: true });
  });

  /** A device that is only what it says, and how it answers. */
  async function rogue(port: string, onCable: (socket: Socket) => void): Promise<void> {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      onCable(socket);
    });
    await new Promise<void>((resolve) => server.listen(join(hub, port), resolve));
    ends.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
  }

  const attached = async (port: string) => {
    const found = () =>
      changes.flatMap((one) => (one.kind === "attached" && one.device.port === port ? [one.device] : []))[0];
    await eventually(port, () => found() !== undefined);
    const device = found();
    assert.ok(device);
    return device;
  };

  it("does not let in one that greets wrongly, and lets in the others", async () => {
    const greetings = [
      Buffer.from([0xff, 0xff, 0xff, 0xff, 0]),
      Buffer.from([1, 0, 0, 0, 0]),
      frameBytes(KIND.hello, 0, textOf({ interfaces: Array.from({ length: 33 }, () => ({})) })),
      frameBytes(KIND.hello, 0, Buffer.from("no JSON")),
      frameBytes(KIND.hello, 0, Buffer.alloc(70_000, 0x20)),
    ];
    for (const [at, greeting] of greetings.entries())
      await rogue(`1-${at + 2}`, (socket) => socket.write(greeting));
    const good = await plugIn(hub, "1-1", virtualDisk("x", systemClock), systemClock);
    ends.push(() => good.unplug());
    await attached("1-1");
    await eventually("all refused", () => bus.counters.get("usb-wire") >= 3);
    assert.deepEqual(
      changes.map((change) => change.device.port),
      ["1-1"],
    );
  });

  it("follows no link and opens no file in the hub", async () => {
    const good = await plugIn(hub, "1-1", virtualDisk("x", systemClock), systemClock);
    ends.push(() => good.unplug());
    await attached("1-1");
    await symlink(join(hub, "1-1"), join(hub, "1-2"));
    await writeFile(join(hub, "1-3"), "no socket");
    await rogue("not a port", (socket) => socket.write(HELLO));
    const next = await plugIn(hub, "1-4", virtualDisk("x", systemClock), systemClock);
    ends.push(() => next.unplug());
    await attached("1-4");
    assert.equal(changes.length, 2);
  });

  it("pulls the cable of one that answers with more than a frame holds", async () => {
    await rogue("1-1", (socket) => {
      socket.write(HELLO);
      socket.on("data", () => socket.write(Buffer.alloc(100_000, 0xff)));
    });
    const device = await attached("1-1");
    await assert.rejects(bus.open(device, 0), { code: "usb-gone" });
    await eventually("its going", () => changes.some((change) => change.kind === "detached"));
    assert.equal(bus.counters.get("usb-wire"), 1);
  });

  it("gives no more bytes than were asked for", async () => {
    await rogue("1-1", (socket) => {
      socket.write(HELLO);
      const frames = new FrameReader(({ call, kind }) => {
        socket.write(frameBytes(KIND.value, call, Buffer.alloc(kind === KIND.open ? 0 : 65)));
      });
      socket.on("data", (piece: Buffer) => frames.push(piece));
    });
    const link = await bus.open(await attached("1-1"), 0);
    await assert.rejects(link.bulkIn(0x81, 64, 1_000), { code: "usb-overflow" });
    assert.equal((await link.bulkIn(0x81, 65, 1_000)).length, 65);
  });

  it("does not wait for one that is silent, nor take what nobody asked for", async () => {
    await rogue("1-1", (socket) => {
      socket.write(HELLO);
      for (let call = 1_000; call < 2_000; call++)
        socket.write(frameBytes(KIND.value, call, Buffer.alloc(1_000)));
    });
    const device = await attached("1-1");
    await assert.rejects(bus.open(device, 0), { code: "usb-timeout" });
    // the next one is not held up by it
    await assert.rejects(bus.open(device, 0), { code: "usb-timeout" });
  });

  it("takes frames apart, whatever pieces they come in", () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(255), fc.nat(0xffff), fc.uint8Array({ maxLength: 300 })), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }),
        (frames, cuts) => {
          const got: [number, number, string][] = [];
          const reader = new FrameReader(({ kind, call, body }) =>
            got.push([kind, call, Buffer.from(body).toString("hex")]),
          );
          const stream = Buffer.concat(frames.map(([kind, call, body]) => frameBytes(kind, call, body)));
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const cut = cuts[turn % cuts.length] ?? 1;
            reader.push(stream.subarray(at, at + cut));
            at += cut;
          }
          assert.deepEqual(
            got,
            frames.map(([kind, call, body]) => [kind, call, Buffer.from(body).toString("hex")]),
          );
        },
      ),
    ));
});

describe("faults of a virtual device, on demand", () => {
  let hub = "";
  beforeEach(async () => {
    hub = await mkdtemp(join(tmpdir(), "hub-"));
  });
  afterEach(() => rm(hub, { recursive: true, force: true }));

  async function reading(total: number) {
    const plugged = await plugIn(hub, "1-1", testRecorderDevice("x", systemClock), systemClock);
    const bus = new VirtualBus({ hub, clock: systemClock });
    const changes: UsbChange[] = [];
    await bus.watch((change) => changes.push(change), new AbortController().signal);
    const device = changes[0]?.device;
    assert.ok(device);
    const link = await bus.open(device, 3);
    const command = Buffer.alloc(16);
    command.writeBigUInt64BE(BigInt(total), 8);
    await link.bulkOut(0x01, command, 1_000);
    const end = async (): Promise<void> => {
      await bus.close();
      await plugged.unplug();
    };
    return { plugged, link, end };
  }

  it("stalls at a byte, and gives it after the halt is cleared", async () => {
    const { plugged, link, end } = await reading(2_000);
    plugged.fault({ kind: "stall", atByte: 1_500 });
    const first = await link.bulkIn(0x81, 1_000, 1_000);
    await assert.rejects(link.bulkIn(0x81, 1_000, 1_000), { code: "usb-stall" });
    await assert.rejects(link.bulkIn(0x81, 1_000, 1_000), { code: "usb-stall" });
    await link.clearHalt(0x81);
    const rest = await link.bulkIn(0x81, 1_000, 1_000);
    assert.ok(Buffer.concat([first, rest]).equals(Buffer.from(bytesAt(0, 2_000))));
    await end();
  });

  it("spoils bytes, is slow, and heals", async () => {
    const { plugged, link, end } = await reading(300);
    plugged.fault({ kind: "garbage", atByte: 90, count: 20 });
    const read = Buffer.concat([await link.bulkIn(0x81, 100, 1_000), await link.bulkIn(0x81, 100, 1_000)]);
    const wrong = [...bytesAt(0, 200)].flatMap((byte, at) => (byte === read[at] ? [] : [at]));
    assert.deepEqual(
      wrong,
      Array.from({ length: 20 }, (_, at) => 90 + at),
    );
    plugged.fault({ kind: "delay", delayMs: 5_000 });
    await assert.rejects(link.bulkIn(0x81, 50, 50), { code: "usb-timeout" });
    plugged.heal();
    assert.equal((await link.bulkIn(0x81, 50, 1_000)).length, 50);
    await end();
  });

  it("is unplugged within the transfer that holds the byte", async () => {
    const { plugged, link, end } = await reading(3_000);
    plugged.fault({ kind: "unplug", atByte: 2_000 });
    await link.bulkIn(0x81, 1_000, 1_000);
    await link.bulkIn(0x81, 1_000, 1_000);
    await assert.rejects(link.bulkIn(0x81, 1_000, 1_000), { code: "usb-gone" });
    await plugged.unplugged;
    await end();
  });
});
