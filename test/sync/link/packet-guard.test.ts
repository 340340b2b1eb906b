import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PacketGuard } from "../../../sync/link/packet-guard.ts";

fc.configureGlobal({ seed: 42 });

const LIMIT = 1000;

/** An MQTT packet of any type with `length` bytes after its fixed header. */
function packet(length: number): Buffer {
  const head = [0x30];
  let left = length;
  do {
    head.push((left % 128) | (left >= 128 ? 0x80 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length, 0xff)]);
}

test("a stream of packets within the limit passes, however it is cut", () => {
  const lengths = fc.array(fc.integer({ min: 0, max: LIMIT }), { maxLength: 12 });
  fc.assert(
    fc.property(lengths, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (sizes, cuts) => {
      const stream = Buffer.concat(sizes.map(packet));
      const guard = new PacketGuard(LIMIT);
      let at = 0;
      for (let i = 0; at < stream.length; i++) {
        const end = at + (cuts[i % cuts.length] as number);
        guard.see(stream.subarray(at, end));
        at = end;
      }
      const byteByByte = new PacketGuard(LIMIT);
      for (const byte of stream) byteByByte.see(Buffer.of(byte));
    }),
  );
});

test("a packet that is too large is refused when its length is announced, before its content", () => {
  const guard = new PacketGuard(LIMIT);
  guard.see(packet(LIMIT));
  const head = packet(LIMIT + 1).subarray(0, 3);
  guard.see(head.subarray(0, 2));
  assert.throws(() => guard.see(head.subarray(2)), { code: "packet-too-large" });
  const endless = Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff]);
  assert.throws(() => new PacketGuard(2 ** 28).see(endless), { code: "packet-malformed" });
});
