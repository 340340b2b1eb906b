import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  CONTAINER,
  decodeHeader,
  decodeParameters,
  encodeCall,
} from "../../../../drivers/recorders/mtp/protocol/container.ts";
import { DatasetReader, DatasetWriter } from "../../../../drivers/recorders/mtp/protocol/dataset.ts";
import {
  decodeDeviceInfo,
  decodeHandles,
  decodeObjectInfo,
  decodePropertyDescription,
  encodeDeviceInfo,
  encodeObjectInfo,
} from "../../../../drivers/recorders/mtp/protocol/datasets.ts";
import { formatTimestamp, parseTimestamp } from "../../../../drivers/recorders/mtp/protocol/timestamp.ts";

const u32 = fc.nat(0xffff_ffff);
const u16 = fc.nat(0xffff);
/** Any UTF-16, lone surrogates too, but no null: it ends a text. */
const text = fc
  .array(fc.integer({ min: 1, max: 0xffff }), { maxLength: 254 })
  .map((codes) => String.fromCharCode(...codes));

describe("containers of MTP", () => {
  it("are those of the specification, byte for byte", () => {
    const opening = encodeCall(CONTAINER.command, 0x1002, 0, [1]);
    assert.equal(opening.toString("hex"), "10000000010002100000000001000000");
    const ok = Buffer.from("0c0000000300012005000000", "hex");
    assert.deepEqual(decodeHeader(ok), { length: 12, type: 3, code: 0x2001, transaction: 5 });
    assert.deepEqual(decodeParameters(ok, 12), []);
  });

  it("carry at most five parameters, whole ones", () => {
    for (const length of [11, 13, 14, 36, 0xffff_ffff]) {
      assert.equal(decodeParameters(Buffer.alloc(64), length), null, `${length}`);
    }
    assert.equal(decodeParameters(Buffer.alloc(20), 32), null);
    assert.equal(decodeParameters(Buffer.alloc(64), 32)?.length, 5);
    assert.equal(decodeHeader(Buffer.alloc(11)), null);
  });

  it("come out as they went in", () => {
    fc.assert(
      fc.property(u16, u32, fc.array(u32, { maxLength: 5 }), (code, transaction, parameters) => {
        const bytes = encodeCall(CONTAINER.response, code, transaction, parameters);
        const header = decodeHeader(bytes);
        assert.deepEqual(header, { length: bytes.length, type: 3, code, transaction });
        assert.deepEqual(decodeParameters(bytes, bytes.length), parameters);
      }),
    );
  });
});

describe("datasets of MTP", () => {
  it("tell objects as they were written, whatever their names", () => {
    const info = fc.record(
      {
        storage: u32,
        format: u16,
        compressedBytes: u32,
        parent: u32,
        name: text,
        modified: text,
        created: text,
      },
      { noNullPrototype: true },
    );
    fc.assert(fc.property(info, (one) => assert.deepEqual(decodeObjectInfo(encodeObjectInfo(one)), one)));
  });

  it("tell devices as they were written, also without their last fields", () => {
    const codes = fc.array(u16, { maxLength: 100 });
    const info = fc.record(
      {
        extensions: text,
        operations: codes,
        properties: codes,
        manufacturer: text,
        model: text,
        version: text,
        serial: text,
      },
      { noNullPrototype: true },
    );
    fc.assert(fc.property(info, (one) => assert.deepEqual(decodeDeviceInfo(encodeDeviceInfo(one)), one)));
    const bare = {
      extensions: "",
      operations: [1],
      properties: [],
      manufacturer: "a",
      model: "b",
      version: "",
      serial: "",
    };
    assert.deepEqual(decodeDeviceInfo(encodeDeviceInfo(bare).subarray(0, -2)), bare);
  });

  it("never read beyond their end, nor take the memory that a count asks for", () => {
    const decoders = [decodeObjectInfo, decodeDeviceInfo, decodePropertyDescription];
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...decoders), (bytes, decode) => {
        try {
          decode(bytes);
        } catch (error) {
          assert.match(String(error), /recorder-answer/);
        }
      }),
      { numRuns: 2_000 },
    );
    const handles = new DatasetWriter().u32(0x3fff_ffff).bytes();
    assert.throws(() => decodeHandles(handles, 200_000), /recorder-answer.*at most 200000/);
    assert.throws(() => decodeHandles(new DatasetWriter().u32(9).bytes(), 200_000), /9 elements in 0 bytes/);
    const beyond = new DatasetWriter().u64(0).bytes().fill(0xff);
    assert.throws(() => new DatasetReader(beyond, "size").u64(), /is no size/);
  });

  it("tell the range of a property, in steps or one by one", () => {
    const level = () => new DatasetWriter().u16(0x5001).u16(2).u8(0).u8(4).u8(3);
    assert.deepEqual(decodePropertyDescription(level().u8(1).u8(0).u8(5).u8(1).bytes()).range, {
      least: 0,
      most: 5,
    });
    const listed = level().u8(2).u16(3).u8(0).u8(2).u8(4).bytes();
    assert.deepEqual(decodePropertyDescription(listed).range, { least: 0, most: 4 });
    assert.equal(decodePropertyDescription(level().bytes()).range, null);
  });
});

describe("times of MTP", () => {
  const TIMES: [string, string | null][] = [
    ["20261123T173020", "2026-11-23T09:30:20.000Z"],
    ["20261123T173020.5", "2026-11-23T09:30:20.500Z"],
    ["20261123T093020Z", "2026-11-23T09:30:20.000Z"],
    ["20261123T093020.0Z", "2026-11-23T09:30:20.000Z"],
    ["20261123T043020-0500", "2026-11-23T09:30:20.000Z"],
    ["20261123T173020+0800", "2026-11-23T09:30:20.000Z"],
    ["20260230T000000", null],
    ["20261123T240000", null],
    ["20261123T006000", null],
    ["19690101T000000", null],
    ["20261123T173020+9900", null],
    ["20261123", null],
    ["", null],
  ];

  it("are read in the zone that they name, else in the recorder's", () => {
    for (const [written, utc] of TIMES) {
      assert.equal(parseTimestamp(written, 480), utc === null ? null : Date.parse(utc), written);
    }
  });

  it("come back to the second", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e6, max: 4e9 }), fc.integer({ min: -720, max: 840 }), (utcS, zone) => {
        assert.equal(parseTimestamp(formatTimestamp(utcS * 1000, zone), zone), utcS * 1000);
      }),
    );
  });
});
