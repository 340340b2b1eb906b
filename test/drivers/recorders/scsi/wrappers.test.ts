import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { errorCode } from "../../../../config/base/errors.ts";
import { commandWrapper, parseStatusWrapper } from "../../../../drivers/recorders/scsi/wrappers.ts";
import { statusOf } from "../../../support/usb/status-wrapper.ts";

const TAG = 0x01020304;

describe("a command wrapper (Bulk-Only 1.0 §5.1)", () => {
  it("has these bytes", () => {
    const inquiry = Uint8Array.of(0x12, 0, 0, 0, 36, 0);
    const read = commandWrapper({ tag: TAG, dataBytes: 36, direction: "in", command: inquiry });
    assert.equal(
      read.toString("hex"),
      `55534243 04030201 24000000 80 00 06 120000002400${"00".repeat(10)}`.replaceAll(" ", ""),
    );
    const vendor = Uint8Array.from({ length: 16 }, (_, at) => at);
    const written = commandWrapper({ tag: 1, dataBytes: 0x01_0002, direction: "out", command: vendor });
    assert.equal(
      written.toString("hex"),
      "55534243010000000200010000" + "0010" + "000102030405060708090a0b0c0d0e0f",
    );
    assert.deepEqual([read.length, written.length], [31, 31]);
  });
});

describe("a status wrapper (Bulk-Only 1.0 §5.2, §6.3)", () => {
  const refusal = (bytes: Uint8Array, dataBytes = 36): string => {
    try {
      return parseStatusWrapper(bytes, TAG, dataBytes).status;
    } catch (error) {
      assert.equal(errorCode(error), "recorder-answer");
      return String(error);
    }
  };

  it("is read", () => {
    assert.deepEqual(parseStatusWrapper(statusOf({ tag: TAG, residue: 5 }), TAG, 36), {
      status: "passed",
      residue: 5,
    });
    assert.deepEqual(parseStatusWrapper(statusOf({ tag: TAG, residue: 36, status: 1 }), TAG, 36), {
      status: "failed",
      residue: 36,
    });
    // a view into a larger buffer, as a link may hand it out
    const within = Buffer.concat([Buffer.alloc(7, 0xff), statusOf({ tag: TAG })]).subarray(7);
    assert.equal(parseStatusWrapper(new Uint8Array(within.buffer, within.byteOffset, 13), TAG, 0).residue, 0);
  });

  it("is refused with the reason when it is not valid or not meaningful", () => {
    const good = { tag: TAG };
    assert.match(refusal(statusOf(good).subarray(0, 12)), /status of 12 bytes/);
    assert.match(refusal(Buffer.concat([statusOf(good), Buffer.alloc(1)])), /status of 14 bytes/);
    assert.match(refusal(Buffer.alloc(0)), /status of 0 bytes/);
    assert.match(refusal(statusOf({ ...good, signature: 0x53425354 })), /signature/);
    assert.match(refusal(statusOf({ tag: TAG + 1 })), /another command/);
    assert.match(refusal(statusOf({ ...good, status: 3 })), /status 3/);
    assert.match(refusal(statusOf({ ...good, residue: 37 })), /residue 37 of 36/);
    assert.match(refusal(statusOf({ ...good, residue: 2 ** 32 - 1 })), /residue/);
    // after a phase error the residue means nothing
    assert.equal(refusal(statusOf({ ...good, status: 2, residue: 2 ** 32 - 1 })), "phase-error");
  });

  it("is never taken for good with one byte of its frame changed", () => {
    const good = statusOf({ tag: TAG, residue: 0 });
    fc.assert(
      fc.property(fc.nat(7), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const changed = Buffer.from(good);
        changed.writeUInt8(changed.readUInt8(at) ^ bits, at);
        assert.match(refusal(changed), /signature|another command/);
      }),
    );
  });
});
