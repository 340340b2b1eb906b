import type { Clock } from "../../../config/base/clock.ts";
import type { Counters } from "../../../config/base/counters.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { Frame } from "../frames/frame.ts";
import type { Framing } from "../frames/framing.ts";
import type { SerialPort } from "../line/serial-port.ts";
import { PayloadReader, pack, unpack } from "./messages/layout.ts";
import {
  ALIVE,
  type Alive,
  ANSWER,
  type AnswerOf,
  type AskOf,
  alive,
  CALLS,
  type CallName,
  DONE,
  EVENT_TYPES,
  refusal,
  TAKEN,
} from "./messages/messages.ts";
import type { Refusal } from "./messages/values.ts";

/** A board answers within 100 ms; the rest is for a line that is repeating events. */
const ANSWER_MS = 500;
const TRIES = 3;
/** A board says that it is alive every 2 s: three are missing. */
const SILENT_MS = 6_000;

export interface LinkListener {
  /** An event of a number that events have; the board repeats it until `confirm`. */
  onEvent(frame: Frame): void;
  onAlive(alive: Alive): void;
  onNoise(bytes: number): void;
}

export interface LinkMeans {
  framing: Framing;
  clock: Clock;
  counters: Counters;
}

interface Pending {
  type: number;
  seq: number;
  onAnswer(frame: Frame): void;
  onEnd(reason: AgentError): void;
}

/** The protocol over one open port: one request in flight, its repeats, and what comes unasked. */
export class BoardLink {
  readonly #port: SerialPort;
  readonly #means: LinkMeans;
  readonly #listener: LinkListener;
  readonly #ended = new AbortController();
  #pending: Pending | null = null;
  #nextSeq = 0;
  #heardUs: number;

  constructor(port: SerialPort, means: LinkMeans, listener: LinkListener) {
    this.#port = port;
    this.#means = means;
    this.#listener = listener;
    this.#heardUs = means.clock.monoUs();
  }

  get hasEnded(): boolean {
    return this.#ended.signal.aborted;
  }

  /** Reads the line, and ends it with `board-silent` when no frame came for 6 s. */
  start(): void {
    const reader = this.#means.framing.reader({
      onFrame: (frame) => this.#receive(frame),
      onDiscarded: (bytes) => {
        this.#means.counters.add("board-noise-bytes", bytes);
        this.#listener.onNoise(bytes);
      },
    });
    void this.#port.ended.then((reason) => {
      this.#ended.abort(reason);
      reader.end();
      this.#pending?.onEnd(reason);
    });
    void this.#watch();
    this.#port.deliverTo((bytes) => reader.push(bytes));
  }

  /** Ends the line: it is opened anew, and everything begins with a hello. */
  end(reason: AgentError): void {
    void this.#port.close(reason);
  }

  confirm(seq: number): void {
    this.#send({ type: TAKEN, seq, payload: new Uint8Array() });
  }

  /**
   * One request and its answer; nothing else may be asked meanwhile. The same frame is sent again when no answer
   * came in time: the board knows it by its sequence number and does nothing twice.
   */
  async call<K extends CallName>(
    name: K,
    ask: AskOf<K>,
    signal: AbortSignal,
    tries = TRIES,
  ): Promise<AnswerOf<K>> {
    const { type, ask: layout } = CALLS[name];
    const payload = pack(layout as never, ask as never, name);
    const seq = this.#nextSeq;
    this.#nextSeq = (seq + 1) % 0x1_0000;
    for (let tried = 0; tried < tries; tried++) {
      if (tried > 0) this.#means.counters.add("board-call-repeated");
      const answer = await this.#exchange({ type, seq, payload }, signal);
      if (answer !== null) return this.#parse(name, answer);
    }
    throw new AgentError("board-silent", `${this.#port.path}: no answer to ${name}`);
  }

  /** null: no answer in time. */
  #exchange(frame: Frame, signal: AbortSignal): Promise<Frame | null> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      if (this.#ended.signal.aborted) throw away(this.#ended.signal.reason as AgentError);
      const waiting = new AbortController();
      const settle = () => {
        this.#pending = null;
        waiting.abort();
        signal.removeEventListener("abort", onAbort);
      };
      const onAbort = () => {
        settle();
        reject(signal.reason);
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#pending = {
        type: frame.type + ANSWER,
        seq: frame.seq,
        onAnswer: (answer) => {
          settle();
          resolve(answer);
        },
        onEnd: (reason) => {
          settle();
          reject(away(reason));
        },
      };
      this.#means.clock.sleep(ANSWER_MS, waiting.signal).then(
        () => {
          settle();
          resolve(null);
        },
        () => undefined,
      );
      this.#send(frame);
    });
  }

  #send(frame: Frame): void {
    // a write that fails ends the port, and its end is what everyone waits for
    this.#port.write(this.#means.framing.encode(frame)).catch(() => undefined);
  }

  #receive(frame: Frame): void {
    this.#heardUs = this.#means.clock.monoUs();
    if (frame.type >= ANSWER) this.#receiveAnswer(frame);
    else if (frame.type === ALIVE) this.#receiveAlive(frame);
    else if (frame.type >= EVENT_TYPES.first && frame.type <= EVENT_TYPES.last) this.#listener.onEvent(frame);
    else this.#means.counters.add("board-frame-unknown");
  }

  #receiveAnswer(frame: Frame): void {
    const pending = this.#pending;
    if (pending?.type === frame.type && pending.seq === frame.seq) pending.onAnswer(frame);
    else this.#means.counters.add("board-answer-late");
  }

  #receiveAlive({ payload }: Frame): void {
    let told: Alive;
    try {
      told = unpack(alive, payload, "alive");
    } catch {
      this.#means.counters.add("board-frame-unknown");
      return;
    }
    this.#listener.onAlive(told);
  }

  #parse<K extends CallName>(name: K, { payload }: Frame): AnswerOf<K> {
    let refused: Refusal;
    try {
      if (payload[0] === DONE) {
        return unpack(CALLS[name].answer as never, payload.subarray(1), name) as AnswerOf<K>;
      }
      refused = refusal.read(new PayloadReader(payload), name);
    } catch (cause) {
      throw new AgentError("board-answer", `${this.#port.path}: ${name}`, { cause });
    }
    const error = new AgentError("board-refused", `${this.#port.path}: ${name}: ${refused}`);
    // it was reset behind our back: what it shows and watches is gone
    if (refused === "hello-first") this.end(new AgentError("board-restarted", this.#port.path));
    throw error;
  }

  async #watch(): Promise<void> {
    const { clock } = this.#means;
    try {
      for (;;) {
        const leftMs = SILENT_MS - (clock.monoUs() - this.#heardUs) / 1000;
        if (leftMs <= 0) break;
        await clock.sleep(leftMs, this.#ended.signal);
      }
      this.end(new AgentError("board-silent", `${this.#port.path}: nothing for ${SILENT_MS} ms`));
    } catch {
      // the port has ended by itself
    }
  }
}

/** Why a call has no answer: the line to the board is lost. */
export function away(reason: AgentError | null): AgentError {
  return new AgentError("board-away", reason === null ? "not connected yet" : reason.message, {
    cause: reason,
  });
}
