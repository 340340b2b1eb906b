import { AgentError } from "../../../../config/base/errors.ts";
import { OPERATION, RESPONSE } from "../protocol/codes.ts";
import { type Conversation, type OpenTransaction, refusal } from "../transport/conversation.ts";

/**
 * A file that comes whole, in one long transaction: for recorders that give no parts of files. It gives way to
 * whoever else wants the link, and is then begun anew.
 */
export class ObjectStream {
  readonly #handle: number;
  readonly #bytes: number;
  readonly #conversation: Conversation;
  #open: OpenTransaction | null = null;
  /** The part that the reader has now, and what of it has not been pulled. */
  #part: Uint8Array = new Uint8Array();
  #rest: Uint8Array | null = null;
  #at = 0;
  #pulling = false;
  #wanted = false;

  private constructor(conversation: Conversation, handle: number, bytes: number) {
    this.#conversation = conversation;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  /** Begins GetObject (MTP 1.1 §D.2.10) of a file of `bytes`. */
  static async open(
    conversation: Conversation,
    handle: number,
    bytes: number,
    signal: AbortSignal,
  ): Promise<ObjectStream> {
    const stream = new ObjectStream(conversation, handle, bytes);
    const question = {
      operation: OPERATION.getObject,
      parameters: [handle],
      expectBytes: bytes,
      mostBytes: bytes,
    };
    stream.#open = await conversation.begin(question, signal, () => stream.#giveWay());
    try {
      await stream.#start(stream.#open, signal);
    } catch (error) {
      stream.abandon();
      throw error;
    }
    return stream;
  }

  /** How many bytes have been pulled. */
  get position(): number {
    return this.#at;
  }

  /** Whether the byte at `offset` of `handle` can still be pulled from it. */
  leadsTo(handle: number, offset: number): boolean {
    const more = this.#open !== null || this.#rest !== null;
    return more && this.#handle === handle && this.#at <= offset;
  }

  /** The next bytes, at most `most`, good until more are pulled; null: it had to give way, or all has come. */
  async pull(most: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const part = this.#rest ?? (await this.#next(signal));
    if (part === null) return null;
    this.#rest = part.length > most ? part.subarray(most) : null;
    const taken = part.subarray(0, most);
    this.#at += taken.length;
    return taken;
  }

  abandon(): void {
    this.#open?.abandon();
    this.#open = null;
  }

  async #start({ transaction }: OpenTransaction, signal: AbortSignal): Promise<void> {
    this.#pulling = true;
    const first = await transaction.firstPart(signal);
    if (first === null) {
      const { code } = await transaction.response(signal);
      this.#finish();
      if (code === RESPONSE.invalidObject) throw new AgentError("file-gone", `object ${this.#handle}`);
      throw refusal(OPERATION.getObject, code);
    }
    const announced = transaction.leftBytes === null ? this.#bytes : first.length + transaction.leftBytes;
    if (announced !== this.#bytes) throw this.#lied(announced);
    this.#part = first;
    if (first.length > 0) this.#rest = first;
    await this.#endAfter(first.length, signal);
    this.#pulled();
  }

  async #next(signal: AbortSignal): Promise<Uint8Array | null> {
    const open = this.#open;
    if (open === null) return null;
    this.#pulling = true;
    this.#conversation.release(this.#part);
    try {
      let part = await open.transaction.nextPart(signal);
      // a part may be empty behind a header that travels alone
      while (part !== null && part.length === 0) part = await open.transaction.nextPart(signal);
      if (part === null) throw this.#lied(this.#at);
      this.#part = part;
      await this.#endAfter(this.#at + part.length, signal);
      this.#pulled();
      return part;
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  /** Takes in the response behind the last byte, so that the link is free before the reader goes on. */
  async #endAfter(come: number, signal: AbortSignal): Promise<void> {
    if (come < this.#bytes || this.#open === null) return;
    const { transaction } = this.#open;
    const more = await transaction.nextPart(signal);
    if (more !== null && more.length > 0) throw this.#lied(come + more.length);
    const { code } = await transaction.response(signal);
    this.#finish();
    if (code !== RESPONSE.ok) throw refusal(OPERATION.getObject, code);
  }

  #finish(): void {
    this.#open?.finish();
    this.#open = null;
  }

  #pulled(): void {
    this.#pulling = false;
    if (this.#wanted) this.abandon();
  }

  #giveWay(): void {
    this.#wanted = true;
    if (!this.#pulling) this.abandon();
  }

  #lied(come: number): AgentError {
    return new AgentError("recorder-answer", `object ${this.#handle}: ${come} bytes of ${this.#bytes}`);
  }
}

/** Reads files from streams, and keeps the last one for who goes on where it stands. */
export class WholeReader {
  readonly #conversation: Conversation;
  #kept: ObjectStream | null = null;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  async *read(
    handle: number,
    bytes: number,
    offset: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    const kept = this.#kept;
    this.#kept = null;
    let stream: ObjectStream | null = null;
    if (kept?.leadsTo(handle, offset) === true) stream = kept;
    else kept?.abandon();
    try {
      for (let at = offset; at < end; ) {
        if (stream?.leadsTo(handle, at) !== true) {
          stream = await ObjectStream.open(this.#conversation, handle, bytes, signal);
        }
        const skipBytes = stream.position < at ? at - stream.position : 0;
        const part: Uint8Array | null = await stream.pull(skipBytes > 0 ? skipBytes : end - at, signal);
        if (part === null || skipBytes > 0) continue;
        yield part;
        at += part.length;
      }
    } finally {
      this.#keep(stream);
    }
  }

  #keep(stream: ObjectStream | null): void {
    this.#kept?.abandon();
    this.#kept = stream;
  }
}
