import {
  ASSOCIATION,
  OPERATION,
  PROPERTY,
  RESPONSE,
  ROOT,
  UNKNOWN_LENGTH,
} from "../../../recorders/mtp/protocol/codes.ts";
import { DatasetReader, DatasetWriter } from "../../../recorders/mtp/protocol/dataset.ts";
import { encodeDeviceInfo, encodeObjectInfo, TYPE } from "../../../recorders/mtp/protocol/datasets.ts";
import { formatTimestamp, parseTimestamp } from "../../../recorders/mtp/protocol/timestamp.ts";
import type { MtpBehaviour } from "./behaviour.ts";
import type { CardContent, SimulatedCard } from "./card.ts";

const STORAGE = 0x0001_0001;

/** What an operation answers: its data, a dataset or a range of a file, and a response code. */
export interface Reply {
  code: number;
  data?: Uint8Array;
  content?: { of: CardContent; offset: number; length: number; whole: boolean };
}

export interface SimulatedRecorder {
  card: SimulatedCard;
  serial: string;
  model: string;
  batteryPercent: number;
  /** What its clock shows, as UTC; its zone is +8. */
  clockMs: number;
  behaviour: MtpBehaviour;
}

const ZONE_MIN = 480;
const refused = (code: number): Reply => ({ code });

/** Which operation awaits data of the host. */
export const takesData = (operation: number) => operation === OPERATION.setDevicePropValue;

/** The meaning of each operation, for one recorder. */
export class Responder {
  readonly #recorder: SimulatedRecorder;
  #open = false;

  constructor(recorder: SimulatedRecorder) {
    this.#recorder = recorder;
    this.#open = recorder.behaviour.staleSession;
  }

  answer(
    operation: number,
    [first = 0, second = 0, third = 0, fourth = 0]: number[],
    data: Uint8Array,
  ): Reply {
    const { behaviour } = this.#recorder;
    if (!this.#operations().includes(operation)) return refused(RESPONSE.operationNotSupported);
    switch (operation) {
      case OPERATION.openSession:
        if (this.#open) return refused(RESPONSE.sessionAlreadyOpen);
        this.#open = true;
        return { code: RESPONSE.ok };
      case OPERATION.getDeviceInfo:
        if (behaviour.needsSession && !this.#open) return refused(RESPONSE.sessionNotOpen);
        return { code: RESPONSE.ok, data: this.#deviceInfo() };
    }
    if (!this.#open) return refused(RESPONSE.sessionNotOpen);
    if (behaviour.busyTimes > 0) {
      behaviour.busyTimes--;
      return refused(RESPONSE.deviceBusy);
    }
    switch (operation) {
      case OPERATION.closeSession:
        this.#open = false;
        return { code: RESPONSE.ok };
      case OPERATION.getStorageIds:
        return { code: RESPONSE.ok, data: new DatasetWriter().u32s([STORAGE]).bytes() };
      case OPERATION.getObjectHandles:
        return this.#handles(third);
      case OPERATION.getObjectInfo:
        return this.#objectInfo(first);
      case OPERATION.getObjectPropValue:
        return this.#objectSize(first, second);
      case OPERATION.getObject:
        return this.#content(first, 0, Number.POSITIVE_INFINITY);
      case OPERATION.getPartialObject:
        return this.#content(first, second, third);
      case OPERATION.getPartialObject64:
        return this.#content(first, second + third * 2 ** 32, fourth);
      case OPERATION.deleteObject:
        return this.#delete(first);
      case OPERATION.getDevicePropDesc:
        return this.#describe(first);
      case OPERATION.getDevicePropValue:
        return this.#value(first);
      case OPERATION.setDevicePropValue:
        return this.#set(first, data);
    }
    return refused(RESPONSE.generalError);
  }

  #operations(): number[] {
    const { noPartial, no64, noRemove, noProperties } = this.#recorder.behaviour;
    const lacking = new Set<number>();
    if (noPartial) lacking.add(OPERATION.getPartialObject);
    if (noPartial || no64) lacking.add(OPERATION.getPartialObject64);
    if (noRemove) lacking.add(OPERATION.deleteObject);
    if (noProperties) lacking.add(OPERATION.getDevicePropValue).add(OPERATION.setDevicePropValue);
    return Object.values(OPERATION).filter((operation) => !lacking.has(operation));
  }

  #deviceInfo(): Buffer {
    const { model, serial, behaviour } = this.#recorder;
    return encodeDeviceInfo({
      extensions: "microsoft.com: 1.0; android.com: 1.0;",
      operations: this.#operations(),
      properties: behaviour.noProperties ? [] : [PROPERTY.batteryLevel, PROPERTY.dateTime],
      manufacturer: "fulltrace",
      model,
      version: "1.0",
      serial,
    });
  }

  #handles(parent: number): Reply {
    const { card, behaviour } = this.#recorder;
    if (behaviour.endlessListing) {
      const base = parent === ROOT ? 0 : parent;
      const handles = Array.from({ length: 5000 }, (_, i) => ((base * 5000 + i + 1) % 0xffff_fff0) + 1);
      return { code: RESPONSE.ok, data: new DatasetWriter().u32s(handles).bytes() };
    }
    const folder = parent === ROOT ? 0 : parent;
    if (folder !== 0 && card.objects.get(folder) === undefined) return refused(RESPONSE.invalidObject);
    const handles = behaviour.ignoresParents ? [...card.objects.keys()] : card.handlesIn(folder);
    return { code: RESPONSE.ok, data: new DatasetWriter().u32s(handles).bytes() };
  }

  #objectInfo(handle: number): Reply {
    const { card, behaviour } = this.#recorder;
    const endless = { name: `folder ${handle}`, parent: 0, content: null, modifiedMs: 0 };
    const object = behaviour.endlessListing ? endless : card.objects.get(handle);
    if (object === undefined) return refused(RESPONSE.invalidObject);
    const bytes = (object.content?.bytes ?? 0) + (object.content === null ? 0 : behaviour.lyingBytes);
    const time = formatTimestamp(object.modifiedMs, ZONE_MIN);
    const data = encodeObjectInfo({
      storage: STORAGE,
      format: object.content === null ? ASSOCIATION : 0x3000,
      compressedBytes: Math.min(bytes, UNKNOWN_LENGTH),
      parent: object.parent,
      name: object.name,
      modified: time,
      created: time,
    });
    return { code: RESPONSE.ok, data };
  }

  #objectSize(handle: number, property: number): Reply {
    const content = this.#recorder.card.objects.get(handle)?.content;
    if (content === undefined || content === null) return refused(RESPONSE.invalidObject);
    if (property !== PROPERTY.objectSize) return refused(RESPONSE.propertyNotSupported);
    return { code: RESPONSE.ok, data: new DatasetWriter().u64(content.bytes).bytes() };
  }

  #content(handle: number, offset: number, most: number): Reply {
    const content = this.#recorder.card.objects.get(handle)?.content;
    if (content === undefined || content === null) return refused(RESPONSE.invalidObject);
    const length = Math.max(0, Math.min(most, content.bytes - offset));
    const whole = most === Number.POSITIVE_INFINITY;
    return { code: RESPONSE.ok, content: { of: content, offset, length, whole } };
  }

  #delete(handle: number): Reply {
    const { card, behaviour } = this.#recorder;
    const object = card.objects.get(handle);
    if (object === undefined) return refused(RESPONSE.invalidObject);
    if (behaviour.writeProtected) return refused(RESPONSE.writeProtected);
    card.objects.delete(handle);
    object.content?.erase?.();
    return { code: RESPONSE.ok };
  }

  #describe(property: number): Reply {
    const fields = new DatasetWriter().u16(property);
    if (property === PROPERTY.batteryLevel) {
      const level = fields.u16(TYPE.u8).u8(0).u8(100).u8(this.#recorder.batteryPercent);
      return { code: RESPONSE.ok, data: level.u8(1).u8(0).u8(100).u8(1).bytes() };
    }
    if (property !== PROPERTY.dateTime) return refused(RESPONSE.propertyNotSupported);
    const time = formatTimestamp(this.#recorder.clockMs, ZONE_MIN);
    return { code: RESPONSE.ok, data: fields.u16(TYPE.text).u8(1).text(time).text(time).u8(0).bytes() };
  }

  #value(property: number): Reply {
    const { batteryPercent, clockMs } = this.#recorder;
    if (property === PROPERTY.batteryLevel) return { code: RESPONSE.ok, data: Buffer.of(batteryPercent) };
    if (property !== PROPERTY.dateTime) return refused(RESPONSE.propertyNotSupported);
    return {
      code: RESPONSE.ok,
      data: new DatasetWriter().text(formatTimestamp(clockMs, ZONE_MIN)).bytes(),
    };
  }

  #set(property: number, data: Uint8Array): Reply {
    if (this.#recorder.behaviour.writeProtected) return refused(RESPONSE.writeProtected);
    if (property !== PROPERTY.dateTime) return refused(RESPONSE.propertyNotSupported);
    const utcMs = parseTimestamp(new DatasetReader(data, "DateTime").text(), ZONE_MIN);
    if (utcMs === null) return refused(RESPONSE.invalidPropertyValue);
    this.#recorder.clockMs = utcMs;
    return { code: RESPONSE.ok };
  }
}
