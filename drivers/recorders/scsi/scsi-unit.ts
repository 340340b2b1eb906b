import { AgentError } from "../../../config/base/errors.ts";
import type { BulkOnlyTransport, TransportCommand } from "./bulk-only-transport.ts";

/** Time limits of one command, all its phases together. */
export const READ_TIMEOUT_MS = 2_000;
export const WRITE_TIMEOUT_MS = 10_000;

const OPCODE = { testUnitReady: 0x00, requestSense: 0x03, inquiry: 0x12 } as const;
/** Standard INQUIRY data up to the revision, SPC-4 §6.6.2. */
const INQUIRY_BYTES = 36;
/** Fixed format sense data, SPC-4 §4.5.3. */
const SENSE_BYTES = 18;
/** Up to the additional length: the sense key is known. */
const LEAST_SENSE_BYTES = 8;
const UNIT_ATTENTION = 6;
/** A device tells each pending attention once: power on, medium changed. */
const MAX_ATTENTIONS = 4;

/** Who a device claims to be; printable ASCII, blanks at the ends taken off. */
export interface Inquiry {
  vendor: string;
  product: string;
  revision: string;
}

/** Why a command failed: key, additional code and qualifier, SPC-4 §4.5. */
export interface Sense {
  key: number;
  code: number;
  qualifier: number;
}

/** Logical unit 0 of a device. Every call throws `recorder-gone`, `recorder-silent` or `recorder-answer`. */
export class ScsiUnit {
  readonly #transport: BulkOnlyTransport;

  constructor(transport: BulkOnlyTransport) {
    this.#transport = transport;
  }

  async inquiry(): Promise<Inquiry> {
    const command = Uint8Array.of(OPCODE.inquiry, 0, 0, 0, INQUIRY_BYTES, 0);
    const data = await this.read("INQUIRY", command, INQUIRY_BYTES, INQUIRY_BYTES);
    return {
      vendor: printable(data.subarray(8, 16)),
      product: printable(data.subarray(16, 32)),
      revision: printable(data.subarray(32, 36)),
    };
  }

  /** Null: ready; else why not. */
  async testUnitReady(): Promise<Sense | null> {
    const command = new Uint8Array(6);
    const answer = await this.#transport.run({
      name: "TEST UNIT READY",
      command,
      data: { direction: "none" },
      timeoutMs: READ_TIMEOUT_MS,
    });
    return answer.passed ? null : this.requestSense();
  }

  /** Takes the attentions that a device has pending since it was plugged in; others would fail instead. */
  async takeAttentions(): Promise<void> {
    for (let asked = 0; asked < MAX_ATTENTIONS; asked++) {
      const sense = await this.testUnitReady();
      if (sense?.key !== UNIT_ATTENTION) return;
    }
  }

  /** Throws `recorder-answer` also where the device does not know why either. */
  async requestSense(): Promise<Sense> {
    const command = Uint8Array.of(OPCODE.requestSense, 0, 0, 0, SENSE_BYTES, 0);
    const answer = await this.#transport.run({
      name: "REQUEST SENSE",
      command,
      data: { direction: "in", bytes: SENSE_BYTES },
      timeoutMs: READ_TIMEOUT_MS,
    });
    const data = answer.passed ? answer.data : new Uint8Array(0);
    if (data.length < LEAST_SENSE_BYTES)
      throw new AgentError("recorder-answer", `REQUEST SENSE: ${data.length} bytes`);
    return { key: (data[2] ?? 0) & 0x0f, code: data[12] ?? 0, qualifier: data[13] ?? 0 };
  }

  /** Reads `bytes`, or at least `leastBytes`. Throws `recorder-refused` too, with the sense. */
  async read(name: string, command: Uint8Array, bytes: number, leastBytes = bytes): Promise<Uint8Array> {
    const data = await this.#run({
      name,
      command,
      data: { direction: "in", bytes },
      timeoutMs: READ_TIMEOUT_MS,
    });
    if (data.length < leastBytes)
      throw new AgentError("recorder-answer", `${name}: ${data.length} of ${leastBytes} bytes`);
    return data;
  }

  /** Writes `bytes`, none if empty; `onTaken` is called when the device has taken the command. */
  async write(name: string, command: Uint8Array, bytes: Uint8Array, onTaken?: () => void): Promise<void> {
    await this.#run({
      name,
      command,
      data: bytes.length === 0 ? { direction: "none" } : { direction: "out", bytes },
      timeoutMs: WRITE_TIMEOUT_MS,
      ...(onTaken === undefined ? {} : { onTaken }),
    });
  }

  async #run(command: TransportCommand): Promise<Uint8Array> {
    const answer = await this.#transport.run(command);
    if (answer.passed) return answer.data;
    const { key, code, qualifier } = await this.requestSense();
    const sense = [key, code, qualifier].map((byte) => byte.toString(16).padStart(2, "0")).join("/");
    throw new AgentError("recorder-refused", `${command.name}: sense ${sense}`);
  }
}

function printable(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("latin1")
    .replace(/[^ -~]/g, " ")
    .trim();
}
