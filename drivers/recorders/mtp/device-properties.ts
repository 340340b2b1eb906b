import { AgentError } from "../../../config/base/errors.ts";
import type { BatteryLevel, Capability } from "../recorder-driver.ts";
import { OPERATION, PROPERTY, RESPONSE } from "./protocol/codes.ts";
import { DatasetReader, DatasetWriter } from "./protocol/dataset.ts";
import {
  type DeviceInfo,
  decodeNumber,
  decodePropertyDescription,
  type PropertyDescription,
  TYPE,
} from "./protocol/datasets.ts";
import { formatTimestamp, parseTimestamp } from "./protocol/timestamp.ts";
import type { Conversation } from "./transport/conversation.ts";

/** Battery and clock of a device, as far as it declares them: MTP 1.1 annex C, properties 0x5001 and 0x5011. */
export class DeviceProperties {
  readonly capabilities: readonly Capability[];
  readonly #conversation: Conversation;
  readonly #battery: PropertyDescription | null;
  readonly #utcOffsetMin: number;

  private constructor(
    conversation: Conversation,
    battery: PropertyDescription | null,
    clock: PropertyDescription | null,
    utcOffsetMin: number,
  ) {
    this.#conversation = conversation;
    this.#battery = battery;
    this.#utcOffsetMin = utcOffsetMin;
    const capabilities: Capability[] = [];
    if (battery !== null) capabilities.push("battery");
    if (clock !== null) capabilities.push("clock-read");
    if (clock?.writable === true) capabilities.push("clock-set");
    this.capabilities = capabilities;
  }

  /** Asks what the device declares. */
  static async describe(
    conversation: Conversation,
    info: DeviceInfo,
    utcOffsetMin: number,
    signal: AbortSignal,
  ): Promise<DeviceProperties> {
    const has = (operation: number) => info.operations.includes(operation);
    const described = async (property: number): Promise<PropertyDescription | null> => {
      if (!info.properties.includes(property) || !has(OPERATION.getDevicePropValue)) return null;
      if (!has(OPERATION.getDevicePropDesc)) return null;
      const question = { operation: OPERATION.getDevicePropDesc, parameters: [property] };
      const { code, parts } = await conversation.ask(question, signal);
      return code === RESPONSE.ok ? decodePropertyDescription(Buffer.concat(parts)) : null;
    };
    const battery = await described(PROPERTY.batteryLevel);
    const tellsLevel =
      battery !== null &&
      battery.type !== TYPE.text &&
      (await tellsPossibleLevel(conversation, battery, signal));
    const clock = await described(PROPERTY.dateTime);
    const readable = clock?.type === TYPE.text ? clock : null;
    const writable = readable?.writable === true && has(OPERATION.setDevicePropValue);
    return new DeviceProperties(
      conversation,
      tellsLevel ? battery : null,
      readable === null ? null : { ...readable, writable },
      utcOffsetMin,
    );
  }

  /** Levels that are not of 100 are told as parts of the greatest. */
  async battery(signal: AbortSignal): Promise<BatteryLevel> {
    const description = this.#battery;
    if (description === null) throw new AgentError("unsupported", "mtp: battery");
    const level = decodeNumber(await this.#value(PROPERTY.batteryLevel, signal), description.type);
    const percent = percentOf(level, description);
    if (percent > 100) throw new AgentError("recorder-answer", `a battery level of ${level}`);
    return { percent };
  }

  async readClock(signal: AbortSignal): Promise<number> {
    const text = new DatasetReader(await this.#value(PROPERTY.dateTime, signal), "DateTime").text();
    const utcMs = parseTimestamp(text, this.#utcOffsetMin);
    if (utcMs === null) throw new AgentError("recorder-answer", "a DateTime that is no time");
    return utcMs;
  }

  async setClock(utcMs: number, signal: AbortSignal): Promise<void> {
    const send = new DatasetWriter().text(formatTimestamp(utcMs, this.#utcOffsetMin)).bytes();
    const question = {
      operation: OPERATION.setDevicePropValue,
      parameters: [PROPERTY.dateTime],
      send,
    };
    await this.#conversation.demand(question, signal);
  }

  async #value(property: number, signal: AbortSignal): Promise<Uint8Array> {
    const question = { operation: OPERATION.getDevicePropValue, parameters: [property] };
    return Buffer.concat((await this.#conversation.demand(question, signal)).parts);
  }
}

function percentOf(level: number, { range }: PropertyDescription): number {
  const most = range?.most ?? 100;
  return most === 0 ? level : Math.round((level * 100) / most);
}

/** umtp-responder declares a battery and always tells 32,768: that is no battery that can be told. */
async function tellsPossibleLevel(
  conversation: Conversation,
  battery: PropertyDescription,
  signal: AbortSignal,
): Promise<boolean> {
  const question = { operation: OPERATION.getDevicePropValue, parameters: [PROPERTY.batteryLevel] };
  const { code, parts } = await conversation.ask(question, signal);
  // who does not tell it now may do so later
  if (code !== RESPONSE.ok) return true;
  return percentOf(decodeNumber(Buffer.concat(parts), battery.type), battery) <= 100;
}
