import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import type { UsbLink } from "../../../usb/usb-link.ts";
import { hex, OPERATION, RESPONSE } from "../protocol/codes.ts";
import { BulkPipe, type Endpoints } from "./bulk-pipe.ts";
import { raced } from "./raced.ts";
import { recover } from "./recovery.ts";
import { type Limits, type Request, type Response, Transaction } from "./transaction.ts";

const BUSY_PAUSES_MS = [50, 100, 200, 400, 800];
const SESSION_ID = 1;
/** Datasets, not files. */
const DATASET_BYTES = 4096;
const MOST_DATASET_BYTES = 64 * 1024;
const CLOSE_MS = 300;

export interface Answer extends Response {
  /** The data, in the parts in which it came. */
  parts: Uint8Array[];
}

/** A request whose data is a dataset, unless it says otherwise. */
export type Question = Pick<Request, "operation" | "parameters"> & Partial<Request>;

/** Holds the link until it is released; released twice does nothing. */
interface Turn {
  release(): void;
}

/** Talks with one device, one transaction at a time: transaction numbers, the session, busy devices, repairs. */
export class Conversation {
  readonly #link: UsbLink;
  readonly #endpoints: Endpoints;
  readonly #limits: Limits;
  readonly #pipe: BulkPipe;
  readonly #ending = new AbortController();
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #nextId = 1;
  #open = false;
  #wasReset = false;
  #onWanted: (() => void) | null = null;
  #lost = false;
  #closed: Promise<void> | null = null;

  constructor(link: UsbLink, endpoints: Endpoints, limits: Limits) {
    this.#link = link;
    this.#endpoints = endpoints;
    this.#limits = limits;
    this.#pipe = new BulkPipe(link, endpoints);
  }

  get hasSession(): boolean {
    return this.#open;
  }

  /** For what needs no transaction: throws if called off, closed or lost. */
  check(signal: AbortSignal): void {
    signal.throwIfAborted();
    this.#ending.signal.throwIfAborted();
    if (this.#lost) throw new AgentError("recorder-gone", "the link is lost");
  }

  /** The answer, whatever its code; a busy device is asked again, a forgotten session opened again. */
  async ask(question: Question, signal: AbortSignal): Promise<Answer> {
    let reopened = false;
    if (this.#wasReset) await this.openSession(signal, true);
    for (const pauseMs of [...BUSY_PAUSES_MS, null]) {
      let answer = await this.#once(question, signal);
      if (answer.code === RESPONSE.sessionNotOpen && !reopened) {
        reopened = true;
        await this.openSession(signal);
        answer = await this.#once(question, signal);
      }
      if (answer.code !== RESPONSE.deviceBusy || pauseMs === null) return answer;
      await raced(this.#limits.clock.sleep(pauseMs, signal), signal, this.#ending.signal);
    }
    throw new AgentError("recorder-silent", `operation ${hex(question.operation)}: busy`);
  }

  /** As `ask`; throws `recorder-refused` with the code of any answer but OK. */
  async demand(question: Question, signal: AbortSignal): Promise<Answer> {
    const answer = await this.ask(question, signal);
    if (answer.code !== RESPONSE.ok) throw refusal(question.operation, answer.code);
    return answer;
  }

  /** MTP 1.1 §D.2.2; a session left open by another host is closed first. All in one turn: nobody asks between. */
  async openSession(signal: AbortSignal, onlyAfterReset = false): Promise<void> {
    const turn = await this.#turn(signal);
    if (onlyAfterReset && !this.#wasReset) {
      turn.release();
      return;
    }
    this.#open = false;
    const opening = { operation: OPERATION.openSession, parameters: [SESSION_ID] };
    const closing = { operation: OPERATION.closeSession, parameters: [] };
    let { code } = await this.#within(turn, opening, signal);
    if (code === RESPONSE.sessionAlreadyOpen) {
      await this.#within(turn, closing, signal);
      ({ code } = await this.#within(turn, opening, signal));
    }
    if (code === RESPONSE.ok) {
      this.#open = true;
      this.#wasReset = false;
    }
    turn.release();
    if (code !== RESPONSE.ok) throw refusal(OPERATION.openSession, code);
  }

  /**
   * A transaction that spans several calls of the reader. Whoever wants the link meanwhile waits until it is
   * finished or abandoned, and `onWanted` tells of each.
   */
  async begin(question: Question, signal: AbortSignal, onWanted: () => void): Promise<OpenTransaction> {
    let turn = await this.#turn(signal);
    while (this.#wasReset) {
      turn.release();
      await this.openSession(signal, true);
      turn = await this.#turn(signal);
    }
    const transaction = this.#transaction(question);
    const both = AbortSignal.any([signal, this.#ending.signal]);
    try {
      await transaction.begin(both);
      this.#onWanted = onWanted;
      if (this.#waiting > 0) queueMicrotask(onWanted);
      return { transaction, abandon: () => this.#repair(transaction, turn), finish: () => turn.release() };
    } catch (error) {
      this.#repair(transaction, turn);
      throw error;
    }
  }

  /** Of an answer's part that is read: the next data may come to where it lies. */
  release(part: Uint8Array): void {
    this.#pipe.release(part);
  }

  /** Ends the session if the device listens, and the link in any case; never throws. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    if (this.#open && !this.#lost && this.#waiting === 0) {
      const late = AbortSignal.timeout(CLOSE_MS);
      await this.#once({ operation: OPERATION.closeSession, parameters: [] }, late).catch(() => {});
    }
    this.#ending.abort(new AgentError("recorder-gone", "the link was closed"));
    await this.#link.close();
  }

  async #once(question: Question, signal: AbortSignal): Promise<Answer> {
    const turn = await this.#turn(signal);
    const answer = await this.#within(turn, question, signal);
    turn.release();
    return answer;
  }

  /** One transaction within a turn, which ends if it fails. */
  async #within(turn: Turn, question: Question, signal: AbortSignal): Promise<Answer> {
    const transaction = this.#transaction(question);
    try {
      return await raced(this.#exchange(transaction, signal), signal, this.#ending.signal);
    } catch (error) {
      if (errorCode(error) === "recorder-gone" && !signal.aborted) this.#lost = true;
      this.#repair(transaction, turn);
      throw error;
    }
  }

  async #exchange(transaction: Transaction, signal: AbortSignal): Promise<Answer> {
    const parts: Uint8Array[] = [];
    await transaction.begin(signal);
    for (let part = await transaction.firstPart(signal); part !== null; ) {
      if (part.length > 0) parts.push(part);
      part = await transaction.nextPart(signal);
    }
    return { ...(await transaction.response(signal)), parts };
  }

  #transaction(question: Question): Transaction {
    const request = { expectBytes: DATASET_BYTES, mostBytes: MOST_DATASET_BYTES, ...question };
    // outside a session, and to open one: 0
    const outside = question.operation === OPERATION.openSession || !this.#open;
    if (question.operation === OPERATION.openSession) this.#nextId = 1;
    const id = outside ? 0 : this.#nextId++;
    if (this.#nextId >= 0xffff_ffff) this.#nextId = 1;
    return new Transaction(this.#pipe, id, request, this.#limits);
  }

  /** Waits until all who came before are done. */
  async #turn(signal: AbortSignal): Promise<Turn> {
    const before = this.#last;
    let release = (): void => {};
    this.#last = new Promise((resolve) => {
      release = resolve;
    });
    this.#waiting++;
    this.#onWanted?.();
    try {
      await raced(before, signal, this.#ending.signal);
      this.#onWanted = null;
      if (this.#lost) throw new AgentError("recorder-gone", "the link is lost");
      return { release };
    } catch (error) {
      void before.then(release);
      throw error;
    } finally {
      this.#waiting--;
    }
  }

  /** Sets right what a broken transaction left, before anyone else has a turn. */
  #repair(transaction: Transaction, turn: Turn): void {
    void this.#recover(transaction).then(() => turn.release());
  }

  async #recover(transaction: Transaction): Promise<void> {
    if (this.#lost || this.#ending.signal.aborted) return;
    const { clock } = this.#limits;
    const [link, pipe, endpoints] = [this.#link, this.#pipe, this.#endpoints];
    const { id: transactionId, leftBytes } = transaction;
    const result = await recover({ link, pipe, endpoints, clock, transactionId, leftBytes });
    if (result === "reset") {
      this.#wasReset ||= this.#open;
      this.#open = false;
    }
    if (result === "lost") this.#lost = true;
  }
}

export interface OpenTransaction {
  transaction: Transaction;
  /** Leaves it in the middle. */
  abandon(): void;
  /** After its response. */
  finish(): void;
}

export function refusal(operation: number, code: number): AgentError {
  return new AgentError("recorder-refused", `operation ${hex(operation)}: ${hex(code)}`);
}
