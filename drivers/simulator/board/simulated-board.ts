import type { Clock } from "../../../config/base/clock.ts";
import { Counters } from "../../../config/base/counters.ts";
import type { Random } from "../../../config/base/random.ts";
import { pack } from "../../serial/board/messages/layout.ts";
import {
  ALIVE,
  ANSWER,
  alive,
  EVENTS,
  type EventName,
  type EventOf,
  MESSAGE_VERSION,
  TAKEN,
} from "../../serial/board/messages/messages.ts";
import {
  type BoardBattery,
  type Button,
  FEATURES,
  type PowerOffReason,
  type Press,
  type ResetReason,
} from "../../serial/board/messages/values.ts";
import type { Frame } from "../../serial/frames/frame.ts";
import type { FrameReader } from "../../serial/frames/frame-reader.ts";
import type { Framing } from "../../serial/frames/framing.ts";
import { Answerer, type BoardHardware } from "./answerer.ts";
import { type Faults, NO_FAULTS, STALL_MS, spoil } from "./faults.ts";
import type { BoardSight } from "./sight.ts";

const TICK_MS = 50;
const ALIVE_MS = 2_000;
const REPEAT_MS = 250;
const EVENT_LIFE_MS = 3_000;
const MOST_EVENTS = 8;
const MOST_HELD_PIECES = 1_000;

export interface SimulatedBoardMeans {
  framing: Framing;
  clock: Clock;
  random: Random;
  /** Told of everything that a person before the board would see, hear or feel. */
  onSight(sight: BoardSight): void;
}

interface WaitingEvent {
  name: EventName;
  seq: number;
  payload(ageMs: number): Uint8Array;
  bornUs: number;
  sentUs: number;
}

/**
 * A control board that is a program: the other end of docs/control-link.md, with faults on demand. Bytes come in
 * by `receive` and leave through whatever is plugged in; time passes while it runs.
 */
export class SimulatedBoard {
  readonly faults: Faults = { ...NO_FAULTS };
  /** How often each request was carried out, repeats left out. */
  readonly carriedOut = new Counters();
  readonly hardware: BoardHardware;
  readonly #means: SimulatedBoardMeans;
  readonly #answerer: Answerer;
  readonly #held: Uint8Array[] = [];
  #reader: FrameReader;
  #send: ((bytes: Uint8Array) => void) | null = null;
  #events: WaitingEvent[] = [];
  #nextEventSeq = 0;
  #eventsLost = 0;
  #startedUs: number;
  #aliveUs = 0;
  #heldUntilUs: number | null = null;
  #powerOffUs: number | null = null;

  constructor(means: SimulatedBoardMeans) {
    this.#means = means;
    const { clock, random, onSight } = means;
    this.#startedUs = clock.monoUs();
    this.hardware = {
      bootId: random.bytes(4).readUInt32LE(),
      resetReason: "power-on",
      model: "simulated board",
      serial: "SIM-0001",
      firmware: "1.0",
      lamps: 2,
      features: FEATURES,
      versions: { lowest: MESSAGE_VERSION, highest: MESSAGE_VERSION },
      battery: { percent: 80, milliVolts: 3_900, charging: "no" },
      tenthsC: 251,
      clock: { offsetMs: 0, valid: true },
    };
    this.#answerer = new Answerer({
      hardware: this.hardware,
      clock,
      onSight,
      onPowerReady: () => {
        // at the next tick: after the answer
        if (this.#powerOffUs !== null) this.#powerOffUs = clock.monoUs();
      },
      carriedOut: this.carriedOut,
    });
    this.#reader = this.#newReader();
  }

  /** Connects a line; what is sent while none is connected is lost. */
  plug(send: (bytes: Uint8Array) => void): void {
    this.#send = send;
    this.#reader = this.#newReader();
  }

  unplug(): void {
    this.#send = null;
    this.#held.length = 0;
    this.#heldUntilUs = null;
  }

  receive(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  press(button: Button, press: Press): void {
    this.#tell("button", (ageMs) => ({ button, press, ageMs: Math.min(ageMs, 0xffff) }));
  }

  setBattery(battery: BoardBattery): void {
    this.hardware.battery = battery;
    this.#tell("battery", () => battery);
  }

  setTemperature(tenthsC: number): void {
    this.hardware.tenthsC = tenthsC;
    this.#tell("temperature", () => ({ tenthsC }));
  }

  /** Tells that the power goes, and cuts it `secondsLeft` later. */
  powerOff(secondsLeft: number, reason: PowerOffReason): void {
    this.#powerOffUs = this.#means.clock.monoUs() + secondsLeft * 1_000_000;
    this.#tell("power-off", (ageMs) => ({
      secondsLeft: Math.max(0, secondsLeft - Math.floor(ageMs / 1000)),
      reason,
    }));
  }

  /** A frame as a test or a later version of the protocol would send it, as it is. */
  sendFrame(frame: Frame): void {
    this.#transmit(frame);
  }

  /** Bytes of a line that belong to no frame, as they are. */
  sendBytes(bytes: Uint8Array): void {
    this.#put(bytes);
  }

  sendNoise(bytes: number): void {
    this.#put(this.#means.random.bytes(bytes));
  }

  /** Starts anew: everything dark, nothing watched, nothing known of any agent. */
  reset(reason: ResetReason): void {
    const { clock, random, onSight } = this.#means;
    this.hardware.bootId = random.bytes(4).readUInt32LE();
    this.hardware.resetReason = reason;
    this.#answerer.reset();
    this.#events = [];
    this.#nextEventSeq = 0;
    this.#eventsLost = 0;
    this.#startedUs = clock.monoUs();
    this.#powerOffUs = null;
    onSight({ kind: "reset", reason });
  }

  /** Lets time pass on the board until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.tick();
      await this.#means.clock.sleep(TICK_MS, signal).catch(() => undefined);
    }
  }

  /** What is due now: held bytes, repeats, the sign of life, the watchdog, the end of the power. */
  tick(): void {
    const nowUs = this.#means.clock.monoUs();
    if (this.#heldUntilUs !== null && nowUs >= this.#heldUntilUs) this.#release();
    this.#repeatEvents(nowUs);
    if (nowUs - this.#aliveUs >= ALIVE_MS * 1000) this.#tellAlive(nowUs);
    if (this.#answerer.isWatchdogDue()) {
      this.#means.onSight({ kind: "unit-reset" });
      this.reset("watchdog");
    }
    if (this.#powerOffUs !== null && nowUs >= this.#powerOffUs) {
      this.#means.onSight({ kind: "power-cut" });
      this.reset("power-on");
    }
  }

  #newReader(): FrameReader {
    return this.#means.framing.reader({
      onFrame: (frame) => this.#receiveFrame(frame),
      onDiscarded: () => undefined,
    });
  }

  #receiveFrame(frame: Frame): void {
    if (frame.type === TAKEN) {
      this.#events = this.#events.filter(({ seq }) => seq !== frame.seq);
      return;
    }
    const payload = this.#answerer.answer(frame);
    this.#transmit({ type: (frame.type + ANSWER) % 0x100, seq: frame.seq, payload });
  }

  #tell<K extends EventName>(name: K, value: (ageMs: number) => EventOf<K>): void {
    if (this.#events.length === MOST_EVENTS) this.#giveUp(this.#events.shift() as WaitingEvent);
    const nowUs = this.#means.clock.monoUs();
    const event: WaitingEvent = {
      name,
      seq: this.#nextEventSeq,
      payload: (ageMs) => pack(EVENTS[name].layout as never, value(ageMs) as never, name),
      bornUs: nowUs,
      sentUs: nowUs,
    };
    this.#nextEventSeq = (this.#nextEventSeq + 1) % 0x1_0000;
    this.#events.push(event);
    this.#sendEvent(event, nowUs);
  }

  #repeatEvents(nowUs: number): void {
    for (const event of [...this.#events]) {
      if (nowUs - event.bornUs >= EVENT_LIFE_MS * 1000) {
        this.#events = this.#events.filter((other) => other !== event);
        this.#giveUp(event);
      } else if (nowUs - event.sentUs >= REPEAT_MS * 1000) this.#sendEvent(event, nowUs);
    }
  }

  #giveUp({ name }: WaitingEvent): void {
    this.#eventsLost = Math.min(this.#eventsLost + 1, 0xffff);
    this.#means.onSight({ kind: "event-lost", event: name });
  }

  #sendEvent(event: WaitingEvent, nowUs: number): void {
    event.sentUs = nowUs;
    const ageMs = Math.round((nowUs - event.bornUs) / 1000);
    this.#transmit({ type: EVENTS[event.name].type, seq: event.seq, payload: event.payload(ageMs) });
  }

  #tellAlive(nowUs: number): void {
    this.#aliveUs = nowUs;
    const uptimeS = Math.floor((nowUs - this.#startedUs) / 1_000_000);
    const told = { bootId: this.hardware.bootId, uptimeS, eventsLost: this.#eventsLost };
    this.#transmit({ type: ALIVE, seq: 0, payload: pack(alive, told, "alive") });
  }

  #transmit(frame: Frame): void {
    const { framing, random, clock } = this.#means;
    for (const { bytes, stallsAfter } of spoil(
      framing.encode(frame),
      frame.type >= ANSWER,
      this.faults,
      random,
    )) {
      this.#put(bytes);
      if (stallsAfter) this.#heldUntilUs = clock.monoUs() + STALL_MS * 1000;
    }
  }

  #put(bytes: Uint8Array): void {
    if (this.#send === null) return;
    if (this.#heldUntilUs === null) this.#send(bytes);
    else if (this.#held.length < MOST_HELD_PIECES) this.#held.push(bytes);
  }

  #release(): void {
    this.#heldUntilUs = null;
    for (const bytes of this.#held.splice(0)) this.#send?.(bytes);
  }
}
