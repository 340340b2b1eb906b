import { AgentError } from "../../../../config/base/errors.ts";
import { DatasetReader, DatasetWriter } from "./dataset.ts";

/** The datasets that recorders answer with: MTP 1.1 §5.1.1, §5.2.1, §5.2.2, §5.3.1, as far as they are used. */

/** More operations, properties or formats no device declares. */
const MAX_DECLARED = 1024;
const MAX_STORAGES = 64;
/** Values of an enumeration. */
const MAX_VALUES = 1024;

export interface DeviceInfo {
  /** Such as `microsoft.com: 1.0; android.com: 1.0;`. */
  extensions: string;
  operations: readonly number[];
  properties: readonly number[];
  manufacturer: string;
  model: string;
  version: string;
  serial: string;
}

export interface ObjectInfo {
  storage: number;
  format: number;
  /** 0xFFFFFFFF: more than 32 bits can say. */
  compressedBytes: number;
  /** 0 in no folder; some say 0xFFFFFFFF. */
  parent: number;
  name: string;
  /** As the device writes it: see timestamp.ts. */
  modified: string;
  created: string;
}

export function decodeDeviceInfo(bytes: Uint8Array): DeviceInfo {
  const fields = new DatasetReader(bytes, "DeviceInfo");
  // standard version, vendor extension and its version
  fields.skip(2 + 4 + 2);
  const extensions = fields.text();
  fields.skip(2);
  const operations = fields.u16s(MAX_DECLARED);
  fields.u16s(MAX_DECLARED);
  const properties = fields.u16s(MAX_DECLARED);
  fields.u16s(MAX_DECLARED);
  fields.u16s(MAX_DECLARED);
  const [manufacturer, model] = [fields.text(), fields.text()];
  // the last two are missing in the field
  const version = fields.left > 0 ? fields.text() : "";
  const serial = fields.left > 0 ? fields.text() : "";
  return { extensions, operations, properties, manufacturer, model, version, serial };
}

export function encodeDeviceInfo(info: DeviceInfo): Buffer {
  return new DatasetWriter()
    .u16(100)
    .u32(6)
    .u16(100)
    .text(info.extensions)
    .u16(0)
    .u16s(info.operations)
    .u16s([])
    .u16s(info.properties)
    .u16s([])
    .u16s([])
    .text(info.manufacturer)
    .text(info.model)
    .text(info.version)
    .text(info.serial)
    .bytes();
}

export function decodeObjectInfo(bytes: Uint8Array): ObjectInfo {
  const fields = new DatasetReader(bytes, "ObjectInfo");
  const [storage, format] = [fields.u32(), fields.u16()];
  fields.skip(2);
  const compressedBytes = fields.u32();
  // the thumbnail and the picture: format, sizes, depth
  fields.skip(2 + 6 * 4);
  const parent = fields.u32();
  // kind and description of the folder, number in the sequence
  fields.skip(2 + 4 + 4);
  const name = fields.text();
  const created = fields.left > 0 ? fields.text() : "";
  const modified = fields.left > 0 ? fields.text() : "";
  return { storage, format, compressedBytes, parent, name, modified, created };
}

export function encodeObjectInfo(info: ObjectInfo): Buffer {
  const fields = new DatasetWriter()
    .u32(info.storage)
    .u16(info.format)
    .u16(0)
    .u32(info.compressedBytes)
    .u16(0);
  for (let i = 0; i < 6; i++) fields.u32(0);
  fields.u32(info.parent).u16(0).u32(0).u32(0);
  return fields.text(info.name).text(info.created).text(info.modified).text("").bytes();
}

export function decodeStorages(bytes: Uint8Array): Uint32Array {
  return new DatasetReader(bytes, "StorageIDs").u32s(MAX_STORAGES);
}

/** Handles as they come, repeated ones too; at most `most`. */
export function decodeHandles(bytes: Uint8Array, most: number): Uint32Array {
  return new DatasetReader(bytes, "ObjectHandles").u32s(most);
}

/** What can be done with a property of the device, and which values a number may have. */
export interface PropertyDescription {
  type: number;
  writable: boolean;
  /** Least and greatest value of a number; null: not told, or no number. */
  range: { least: number; most: number } | null;
}

/** Types of values, MTP 1.1 §3.2.1. */
export const TYPE = { i8: 1, u8: 2, i16: 3, u16: 4, i32: 5, u32: 6, u64: 8, text: 0xffff } as const;

export function decodePropertyDescription(bytes: Uint8Array): PropertyDescription {
  const fields = new DatasetReader(bytes, "DevicePropDesc");
  fields.skip(2);
  const [type, writable] = [fields.u16(), fields.u8() === 1];
  if (type === TYPE.text) return { type, writable, range: null };
  // factory default and current value
  readNumber(fields, type);
  readNumber(fields, type);
  const form = fields.left > 0 ? fields.u8() : 0;
  if (form === 1) {
    return { type, writable, range: { least: readNumber(fields, type), most: readNumber(fields, type) } };
  }
  if (form !== 2) return { type, writable, range: null };
  const count = Math.min(fields.u16(), MAX_VALUES);
  const values = Array.from({ length: count }, () => readNumber(fields, type));
  if (values.length === 0) return { type, writable, range: null };
  return { type, writable, range: { least: Math.min(...values), most: Math.max(...values) } };
}

export function decodeNumber(bytes: Uint8Array, type: number): number {
  return readNumber(new DatasetReader(bytes, "property value"), type);
}

function readNumber(fields: DatasetReader, type: number): number {
  switch (type) {
    case TYPE.i8:
    case TYPE.u8:
      return fields.u8();
    case TYPE.i16:
    case TYPE.u16:
      return fields.u16();
    case TYPE.i32:
    case TYPE.u32:
      return fields.u32();
    case TYPE.u64:
      return fields.u64();
  }
  throw new AgentError("recorder-answer", `property value: type ${type} is no number`);
}
