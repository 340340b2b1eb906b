import type { Clock } from "../../../config/base/clock.ts";
import type { Counters } from "../../../config/base/counters.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import type { Frame } from "../frames/frame.ts";
import { Framing } from "../frames/framing.ts";
import { keepOpen } from "../line/keep-open.ts";
import type { OpenSerialPort, SerialPort } from "../line/serial-port.ts";
import { away, BoardLink } from "./board-link.ts";
import type { BoardListener, BoardState, ControlBoard } from "./control-board.ts";
import { EventLog } from "./event-log.ts";
import {
  type Alive,
  type AnswerOf,
  type AskOf,
  type CallName,
  MESSAGE_VERSION,
  type ToldEvent,
  unpackEvent,
} from "./messages/messages.ts";
import type {
  BoardBattery,
  BoardClock,
  BuzzerStep,
  LampStep,
  Pattern,
  VibrationStep,
} from "./messages/values.ts";
import { Turns } from "./turns.ts";

const MOST_WAITING = 16;
/** A board that starts with its line takes a few seconds. */
const HELLO_TRIES = 10;

export interface ControlBoardMeans {
  open: OpenSerialPort;
  clock: Clock;
  random: Random;
  /** `board-…` and `serial-…`: repeats, noise, late answers, unknown frames, lost events, ends of the line. */
  counters: Counters;
  listener: BoardListener;
}

/** A control board behind a serial line. Does nothing until `run`. */
export class SerialControlBoard implements ControlBoard {
  readonly #means: ControlBoardMeans;
  readonly #turns = new Turns(MOST_WAITING);
  readonly #events = new EventLog();
  #state: BoardState = { kind: "away", reason: null };
  /** Set as long as the state is `there`. */
  #link: BoardLink | null = null;

  constructor(means: ControlBoardMeans) {
    this.#means = means;
  }

  get state(): BoardState {
    return this.#state;
  }

  /** Keeps the line open, over unplugging and replugging, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const framing = await Framing.load();
    const { open, clock, random, counters } = this.#means;
    const onTrouble = (reason: AgentError) => this.#lose(reason);
    await keepOpen(
      { open, clock, random, counters, onTrouble },
      (port) => this.#connect(port, framing),
      signal,
    );
    this.#link = null;
    this.#state = { kind: "away", reason: new AgentError("serial-closed", "stopped") };
  }

  battery(signal: AbortSignal): Promise<BoardBattery> {
    return this.#call("battery", {}, signal);
  }

  async temperature(signal: AbortSignal): Promise<number> {
    return (await this.#call("temperature", {}, signal)).tenthsC;
  }

  readClock(signal: AbortSignal): Promise<BoardClock> {
    return this.#call("clock-get", {}, signal);
  }

  setClock(utcMs: number, signal: AbortSignal): Promise<BoardClock> {
    return this.#call("clock-set", { utcMs }, signal);
  }

  async showLamp(lamp: number, pattern: Pattern<LampStep>, signal: AbortSignal): Promise<void> {
    await this.#call("lamp", { lamp, ...pattern }, signal);
  }

  async sound(pattern: Pattern<BuzzerStep>, signal: AbortSignal): Promise<void> {
    await this.#call("buzzer", pattern, signal);
  }

  async vibrate(pattern: Pattern<VibrationStep>, signal: AbortSignal): Promise<void> {
    await this.#call("vibration", pattern, signal);
  }

  async armWatchdog(timeoutS: number, signal: AbortSignal): Promise<void> {
    await this.#call("watchdog-arm", { timeoutS }, signal);
  }

  async petWatchdog(signal: AbortSignal): Promise<void> {
    await this.#call("watchdog-pet", {}, signal);
  }

  #call<K extends CallName>(name: K, ask: AskOf<K>, signal: AbortSignal): Promise<AnswerOf<K>> {
    return this.#turns.take(async () => {
      if (this.#state.kind === "away" || this.#link === null) {
        throw away(this.#state.kind === "away" ? this.#state.reason : null);
      }
      return this.#link.call(name, ask, signal);
    }, signal);
  }

  #connect(port: SerialPort, framing: Framing): void {
    const { clock, counters, listener } = this.#means;
    let bootId: number | null = null;
    const link = new BoardLink(
      port,
      { framing, clock, counters },
      {
        // before the hello nobody knows whose events they are; the board repeats them
        onEvent: (frame) => {
          if (bootId !== null) this.#receiveEvent(link, frame);
        },
        onAlive: (alive) => {
          if (bootId === null) return;
          if (alive.bootId === bootId) this.#countLost(alive);
          else link.end(new AgentError("board-restarted", port.path));
        },
        onNoise: (bytes) => listener({ kind: "noise", bytes }),
      },
    );
    link.start();
    void this.#greet(link, port, (id) => {
      bootId = id;
      this.#link = link;
    });
  }

  /** Says hello, and on its answer is connected; without one it ends the line. */
  async #greet(link: BoardLink, port: SerialPort, onGreeted: (bootId: number) => void): Promise<void> {
    const greeting = new AbortController();
    const nonce = this.#means.random.bytes(4).readUInt32LE();
    try {
      const { nonce: echo, ...identity } = await link.call(
        "hello",
        { nonce, version: MESSAGE_VERSION },
        greeting.signal,
        HELLO_TRIES,
      );
      if (link.hasEnded) return;
      if (echo !== nonce) throw new AgentError("board-answer", `${port.path}: answers another hello`);
      if (identity.version !== MESSAGE_VERSION) {
        throw new AgentError("board-version", `${port.path}: version ${identity.version}`);
      }
      this.#events.startedAs(identity.bootId);
      this.#state = { kind: "there", identity };
      onGreeted(identity.bootId);
      this.#means.listener({ kind: "connected", identity });
    } catch (error) {
      link.end(error as AgentError);
    }
  }

  #lose(reason: AgentError): void {
    const isNews = this.#state.kind === "there" || this.#state.reason === null;
    this.#link = null;
    this.#state = { kind: "away", reason };
    if (isNews) this.#means.listener({ kind: "lost", reason });
  }

  #countLost(alive: Alive): void {
    const lost = this.#events.newlyLost(alive);
    if (lost > 0) this.#means.counters.add("board-events-lost", lost);
  }

  #receiveEvent(link: BoardLink, frame: Frame): void {
    link.confirm(frame.seq);
    const { counters } = this.#means;
    if (this.#events.isNew(frame.seq)) this.#tell(frame);
    else counters.add("board-event-repeated");
  }

  #tell({ type, payload }: Frame): void {
    let event: ToldEvent | null;
    try {
      event = unpackEvent(type, payload);
    } catch {
      // a button or a press that a later version knows
      event = null;
    }
    if (event === null) this.#means.counters.add("board-event-unknown");
    else this.#means.listener(event);
  }
}
