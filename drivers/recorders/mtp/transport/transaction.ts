import type { Clock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { hex, UNKNOWN_LENGTH } from "../protocol/codes.ts";
import {
  CONTAINER,
  type ContainerHeader,
  decodeHeader,
  decodeParameters,
  encodeCall,
  encodeHeader,
  HEADER_BYTES,
} from "../protocol/container.ts";
import type { BulkPipe, Transfer } from "./bulk-pipe.ts";
import { raced } from "./raced.ts";
import { TRANSFER_BYTES } from "./transfer-memory.ts";
import { asRecorderError } from "./usb-errors.ts";

const MAX_EMPTY_TRANSFERS = 2;

export interface Request {
  operation: number;
  parameters: readonly number[];
  /** A data phase towards the device. */
  send?: Uint8Array;
  /** How much data is expected: what the first transfer asks for. */
  expectBytes: number;
  /** More is a broken answer. */
  mostBytes: number;
}

export interface Response {
  code: number;
  parameters: readonly number[];
}

export interface Limits {
  clock: Clock;
  /** For one transfer. */
  timeoutMs: number;
  /** For all of it, however lively; pauses of the reader do not count. */
  transactionMs: number;
}

/**
 * One operation: command, data, response (USB still image class §7). Its calls throw `recorder-silent`,
 * `recorder-answer`, `recorder-gone` or the signal's reason; `recovery.ts` sets right what they leave behind.
 */
export class Transaction {
  readonly #pipe: BulkPipe;
  readonly #id: number;
  readonly #request: Request;
  readonly #limits: Limits;
  readonly #what: string;
  #leftMs: number;
  #takenBytes = 0;
  /** Data still to come; null: until a short transfer, UNKNOWN_LENGTH was announced. */
  #left: number | null = 0;
  #preparedBytes = 0;
  #response: ContainerHeader | null = null;
  #responseBytes: Uint8Array = new Uint8Array();

  constructor(pipe: BulkPipe, id: number, request: Request, limits: Limits) {
    this.#pipe = pipe;
    this.#id = id;
    this.#request = request;
    this.#limits = limits;
    this.#leftMs = limits.transactionMs;
    this.#what = `operation ${hex(request.operation)}`;
  }

  get id(): number {
    return this.#id;
  }

  /** Data still to come; null: its length was not told. */
  get leftBytes(): number | null {
    return this.#left;
  }

  /** Sends the command and its data. */
  async begin(signal: AbortSignal): Promise<void> {
    const { operation, parameters, send } = this.#request;
    const command = encodeCall(CONTAINER.command, operation, this.#id, parameters);
    await this.#timed(signal, (timeoutMs) => this.#pipe.send(command, timeoutMs));
    if (send === undefined) return;
    const header = { length: HEADER_BYTES + send.length, type: CONTAINER.data };
    const data = Buffer.concat([encodeHeader({ ...header, code: operation, transaction: this.#id }), send]);
    await this.#timed(signal, (timeoutMs) => this.#pipe.send(data, timeoutMs));
  }

  /** The first part of the data, which may be empty; null: the device answered without data. */
  async firstPart(signal: AbortSignal): Promise<Uint8Array | null> {
    const { expectBytes, mostBytes, operation } = this.#request;
    const transfer = await this.#transfer(Math.min(expectBytes + HEADER_BYTES, TRANSFER_BYTES), signal);
    const header = this.#header(transfer.bytes);
    if (header.type === CONTAINER.response) {
      this.#keepResponse(header, transfer.bytes);
      return null;
    }
    if (header.type !== CONTAINER.data) throw this.#broken(`a container of type ${header.type}`);
    if (header.code !== operation) throw this.#broken(`data of operation ${hex(header.code)}`);
    if (header.length < HEADER_BYTES) throw this.#broken(`a length of ${header.length}`);
    this.#left = header.length === UNKNOWN_LENGTH ? null : header.length - HEADER_BYTES;
    if (this.#left !== null && this.#left > mostBytes) throw this.#broken(`${this.#left} bytes announced`);
    const rest = transfer.bytes.subarray(HEADER_BYTES);
    // a header that travels alone is no end of the data
    const alone = rest.length === 0 && this.#left !== 0;
    return this.#take({ bytes: rest, short: transfer.short && !alone });
  }

  /** The next part of the data; null: that was all. */
  async nextPart(signal: AbortSignal): Promise<Uint8Array | null> {
    if (this.#left === 0) return null;
    this.#preparedBytes = 0;
    const transfer = await this.#transfer(this.#wanted(), signal);
    if (this.#left === null && this.#isResponse(transfer.bytes)) {
      this.#left = 0;
      this.#pipe.putBack(transfer);
      return null;
    }
    const part = this.#take(transfer);
    return part.length === 0 && this.#left === 0 ? null : part;
  }

  async response(signal: AbortSignal): Promise<Response> {
    if (this.#response === null) {
      const transfer = await this.#transfer(HEADER_BYTES, signal);
      const header = this.#header(transfer.bytes);
      if (header.type !== CONTAINER.response) throw this.#broken(`no response but type ${header.type}`);
      this.#keepResponse(header, transfer.bytes);
    }
    const { length, code } = this.#response as unknown as ContainerHeader;
    const parameters = decodeParameters(this.#responseBytes, length);
    if (parameters === null) throw this.#broken(`a response of ${length} bytes`);
    if (this.#responseBytes.length !== length) throw this.#broken("bytes after the response");
    return { code, parameters };
  }

  /** Behind all that was expected of data whose length was not told: a device that leaves out the empty packet. */
  #isResponse(bytes: Uint8Array): boolean {
    if (this.#takenBytes < this.#request.expectBytes) return false;
    const header = decodeHeader(bytes);
    return header?.type === CONTAINER.response && header.transaction === this.#id;
  }

  #keepResponse(header: ContainerHeader, bytes: Uint8Array): void {
    this.#response = header;
    this.#responseBytes = bytes;
  }

  #header(bytes: Uint8Array): ContainerHeader {
    const header = decodeHeader(bytes);
    if (header === null) throw this.#broken(`${bytes.length} bytes where a container begins`);
    if (header.transaction !== this.#id) {
      throw this.#broken(`transaction ${header.transaction}, not ${this.#id}`);
    }
    return header;
  }

  /** The data in a transfer; what is more belongs to the next container. */
  #take({ bytes, short }: Transfer): Uint8Array {
    const left = this.#left;
    const part = left === null ? bytes : bytes.subarray(0, left);
    this.#takenBytes += part.length;
    if (this.#takenBytes > this.#request.mostBytes) throw this.#broken(`over ${this.#takenBytes} bytes`);
    if (left === null) {
      if (short) this.#left = 0;
      return part;
    }
    this.#left = left - part.length;
    if (part.length < bytes.length) this.#pipe.putBack({ bytes: bytes.subarray(part.length), short });
    else if (short && this.#left > 0) throw this.#broken(`data ends ${this.#left} bytes early`);
    return part;
  }

  #wanted(): number {
    const left = this.#left ?? Math.max(0, this.#request.expectBytes - this.#takenBytes);
    return Math.min(Math.max(left - this.#preparedBytes, 1), TRANSFER_BYTES);
  }

  /** The next transfer that is not empty: a zero-length packet ends data of whole packets. */
  async #transfer(bytes: number, signal: AbortSignal): Promise<Transfer> {
    for (let empty = 0; empty <= MAX_EMPTY_TRANSFERS; empty++) {
      const transfer = await this.#timed(signal, (timeoutMs) => {
        const next = this.#pipe.next(bytes, timeoutMs);
        this.#prepareAfter(bytes, timeoutMs);
        return next;
      });
      if (transfer.bytes.length > 0) return transfer;
      // in the middle of data it is an early end
      if (this.#left !== 0) return { bytes: transfer.bytes, short: true };
    }
    throw this.#broken("only empty transfers");
  }

  /** Lets the device fill the next transfer while this one is waited for. */
  #prepareAfter(bytes: number, timeoutMs: number): void {
    if (this.#left === null || this.#left <= bytes) return;
    this.#preparedBytes = bytes;
    this.#pipe.prepare(this.#wanted(), timeoutMs);
  }

  async #timed<T>(signal: AbortSignal, step: (timeoutMs: number) => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.#limits;
    if (this.#leftMs <= 0) {
      throw new AgentError("recorder-silent", `${this.#what}: not done in ${this.#limits.transactionMs} ms`);
    }
    const beganUs = clock.monoUs();
    try {
      return await raced(step(Math.ceil(Math.min(timeoutMs, this.#leftMs))), signal);
    } catch (error) {
      throw asRecorderError(error, this.#what);
    } finally {
      this.#leftMs -= (clock.monoUs() - beganUs) / 1000;
    }
  }

  #broken(why: string): AgentError {
    return new AgentError("recorder-answer", `${this.#what}: ${why}`);
  }
}
