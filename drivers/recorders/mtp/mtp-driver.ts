import { createHash } from "node:crypto";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { UsbDevice, UsbInterface, UsbLink } from "../../usb/usb-link.ts";
import { BareRecorder } from "../bare-recorder.ts";
import { claimedPath } from "../claimed-path.ts";
import type {
  BatteryLevel,
  Capability,
  Listed,
  RecorderDriver,
  RecorderFile,
  RecorderIdentity,
} from "../recorder-driver.ts";
import { Card } from "./card/card.ts";
import { WholeReader } from "./card/object-stream.ts";
import { readParts } from "./card/partial-reader.ts";
import { DeviceProperties } from "./device-properties.ts";
import { OPERATION, RESPONSE } from "./protocol/codes.ts";
import { type DeviceInfo, decodeDeviceInfo } from "./protocol/datasets.ts";
import type { Endpoints } from "./transport/bulk-pipe.ts";
import { Conversation, refusal } from "./transport/conversation.ts";

const MAX_LETTERS = 64;
const CHINA_MIN = 480;

export interface MtpOptions {
  clock: Clock;
  /** Of a recorder's times without a zone; default +480, China. */
  utcOffsetMin?: number;
  /** For one transfer; default 10 s. */
  timeoutMs?: number;
  /** For one whole transaction, pauses of the reader left out; default 60 s. */
  transactionMs?: number;
  /** Objects on a card; default `MAX_LISTED`. */
  mostListed?: number;
}

/** Where a device speaks MTP: a still image interface, or a maker's own with two bulk endpoints; null: nowhere. */
export function mtpInterface({ interfaces }: Pick<UsbDevice, "interfaces">): UsbInterface | null {
  const speaks = (one: UsbInterface) => endpointsOf(one) !== null;
  const still = interfaces.find((one) => one.class === 6 && one.subclass === 1 && speaks(one));
  const named = (one: UsbInterface) => one.class === 255 && one.subclass === 255 && one.protocol === 0;
  return still ?? interfaces.find((one) => named(one) && one.endpoints.length === 3 && speaks(one)) ?? null;
}

/**
 * A driver for the recorder behind `link`, which is open on `mtpInterface(device)`. Opens the session; throws as
 * the calls of a driver do, and leaves the link open then.
 */
export async function openMtp(
  link: UsbLink,
  device: UsbDevice,
  options: MtpOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<RecorderDriver> {
  const one = mtpInterface(device);
  const endpoints = one === null ? null : endpointsOf(one);
  if (endpoints === null) throw new AgentError("unsupported", `${device.port}: no MTP interface`);
  const { clock, timeoutMs = 10_000, transactionMs = 60_000 } = options;
  const conversation = new Conversation(link, endpoints, { clock, timeoutMs, transactionMs });
  const info = await introduced(conversation, signal).catch((error: unknown) => {
    // an answer that another host left in the pipe: it is out now
    if (errorCode(error) !== "recorder-answer") throw error;
    return introduced(conversation, signal);
  });
  const properties = await DeviceProperties.describe(
    conversation,
    info,
    options.utcOffsetMin ?? CHINA_MIN,
    signal,
  );
  return new MtpRecorder(conversation, identityOf(info, device), info, properties, options);
}

/** DeviceInfo and an open session; some tell who they are only within one. */
async function introduced(conversation: Conversation, signal: AbortSignal): Promise<DeviceInfo> {
  const question = { operation: OPERATION.getDeviceInfo, parameters: [] };
  const answer = await conversation.ask(question, signal);
  if (answer.code !== RESPONSE.ok) throw refusal(question.operation, answer.code);
  const info = decodeDeviceInfo(Buffer.concat(answer.parts));
  if (!conversation.hasSession) await conversation.openSession(signal);
  return info;
}

function endpointsOf({ number, endpoints }: UsbInterface): Endpoints | null {
  const bulk = endpoints.filter(({ type }) => type === "bulk");
  const bulkIn = bulk.find(({ address }) => (address & 0x80) !== 0);
  const bulkOut = bulk.find(({ address }) => (address & 0x80) === 0);
  if (bulkIn === undefined || bulkOut === undefined || bulkIn.packetBytes < 8) return null;
  const { address, packetBytes } = bulkIn;
  return { interfaceNumber: number, bulkIn: address, bulkOut: bulkOut.address, packetBytes };
}

function identityOf(info: DeviceInfo, device: UsbDevice): RecorderIdentity {
  const serial = bounded(info.serial) || bounded(device.serial ?? "");
  if (serial === "") throw new AgentError("recorder-answer", `${device.port}: no serial number`);
  const model = bounded(`${info.manufacturer} ${info.model}`) || bounded(device.product ?? "") || "MTP";
  const firmware = bounded(info.version);
  return firmware === "" ? { serial, model } : { serial, model, firmware };
}

/** At most 64 harmless letters; two long texts stay two. */
function bounded(text: string): string {
  const harmless = claimedPath(text.trim());
  if (harmless.length <= MAX_LETTERS) return harmless;
  const digest = createHash("sha256").update(harmless).digest("hex").slice(0, 16);
  return `${harmless
    .slice(0, MAX_LETTERS - 17)
    .toWellFormed()
    .replace(/\uFFFD$/, "")}~${digest}`;
}

class MtpRecorder extends BareRecorder {
  readonly name = "mtp";
  readonly capabilities: ReadonlySet<Capability>;
  readonly #conversation: Conversation;
  readonly #identity: RecorderIdentity;
  readonly #operations: ReadonlySet<number>;
  readonly #properties: DeviceProperties;
  readonly #card: Card;
  readonly #whole: WholeReader;

  constructor(
    conversation: Conversation,
    identity: RecorderIdentity,
    info: DeviceInfo,
    properties: DeviceProperties,
    { utcOffsetMin = CHINA_MIN, mostListed }: MtpOptions,
  ) {
    super();
    this.#conversation = conversation;
    this.#identity = identity;
    this.#operations = new Set(info.operations);
    this.#properties = properties;
    const hasProperties = this.#operations.has(OPERATION.getObjectPropValue);
    this.#card = new Card(conversation, hasProperties, utcOffsetMin, mostListed);
    this.#whole = new WholeReader(conversation);
    const removes = this.#operations.has(OPERATION.deleteObject);
    this.capabilities = new Set<Capability>([
      "files",
      ...(removes ? ["remove" as const] : []),
      ...properties.capabilities,
    ]);
  }

  async identify(signal: AbortSignal): Promise<RecorderIdentity> {
    this.#conversation.check(signal);
    return this.#identity;
  }

  override async battery(signal: AbortSignal): Promise<BatteryLevel> {
    await this.#need("battery");
    return this.#properties.battery(signal);
  }

  override async readClock(signal: AbortSignal): Promise<number> {
    await this.#need("clock-read");
    return this.#properties.readClock(signal);
  }

  override async setClock(utcMs: number, signal: AbortSignal): Promise<void> {
    await this.#need("clock-set");
    return this.#properties.setClock(utcMs, signal);
  }

  override list(signal: AbortSignal): AsyncIterable<Listed> {
    return this.#card.list(signal);
  }

  override async *read(
    file: RecorderFile,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    this.#conversation.check(signal);
    const handle = await this.#card.find(file, signal);
    const end = Math.min(file.bytes, offset + length);
    if (offset >= end) return;
    if (this.#operations.has(OPERATION.getPartialObject64)) {
      yield* readParts(this.#conversation, true, handle, offset, end, signal);
    } else if (this.#operations.has(OPERATION.getPartialObject) && file.bytes < 2 ** 32) {
      yield* readParts(this.#conversation, false, handle, offset, end, signal);
    } else {
      yield* this.#whole.read(handle, file.bytes, offset, end, signal);
    }
  }

  override async remove(file: RecorderFile, signal: AbortSignal): Promise<void> {
    await this.#need("remove");
    const handle = await this.#card.find(file, signal);
    const question = { operation: OPERATION.deleteObject, parameters: [handle, 0] };
    const { code } = await this.#conversation.ask(question, signal);
    if (code === RESPONSE.invalidObject) throw new AgentError("file-gone", file.path);
    if (code !== RESPONSE.ok) throw refusal(OPERATION.deleteObject, code);
  }

  close(): Promise<void> {
    return this.#conversation.close();
  }

  async #need(capability: Capability): Promise<void> {
    if (!this.capabilities.has(capability)) await this.lacks(capability);
  }
}
