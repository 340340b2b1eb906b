import type { Clock } from "../../../config/base/clock.ts";
import type { Counters } from "../../../config/base/counters.ts";
import { errorCode } from "../../../config/base/errors.ts";
import { type Layout, pack, unpack } from "../../serial/board/messages/layout.ts";
import {
  type AnswerOf,
  type AskOf,
  CALLS,
  type CallName,
  DONE,
  refusal,
} from "../../serial/board/messages/messages.ts";
import {
  type BoardBattery,
  type BoardIdentity,
  type Feature,
  type Refusal,
  WATCHDOG_S,
} from "../../serial/board/messages/values.ts";
import type { Frame } from "../../serial/frames/frame.ts";
import type { BoardSight } from "./sight.ts";

/** What a simulated board is made of; its values may be changed at any time. */
export interface BoardHardware extends Omit<BoardIdentity, "version"> {
  /** Which messages it speaks. */
  versions: { lowest: number; highest: number };
  battery: BoardBattery;
  tenthsC: number;
  /** What its clock shows, as distance from the true time. */
  clock: { offsetMs: number; valid: boolean };
}

export interface AnswererMeans {
  hardware: BoardHardware;
  clock: Clock;
  onSight(sight: BoardSight): void;
  carriedOut: Counters;
}

type Work = { [K in CallName]: (ask: AskOf<K>) => AnswerOf<K> };

class Refused extends Error {
  readonly refusal: Refusal;

  constructor(reason: Refusal) {
    super(reason);
    this.refusal = reason;
  }
}

/** Carries out requests, each once: the last one that comes again gets the same answer again. */
export class Answerer {
  readonly #means: AnswererMeans;
  #isGreeted = false;
  #last: { frame: Frame; payload: Uint8Array } | null = null;
  #watchdog: { timeoutS: number; pettedUs: number } | null = null;

  constructor(means: AnswererMeans) {
    this.#means = means;
  }

  reset(): void {
    this.#isGreeted = false;
    this.#last = null;
    this.#watchdog = null;
  }

  /** Whether it is armed and was not petted in time. */
  isWatchdogDue(): boolean {
    if (this.#watchdog === null) return false;
    return this.#means.clock.monoUs() - this.#watchdog.pettedUs >= this.#watchdog.timeoutS * 1_000_000;
  }

  /** The payload of the answer. */
  answer(frame: Frame): Uint8Array {
    if (this.#last !== null && isSame(this.#last.frame, frame)) return this.#last.payload;
    const payload = this.#carryOut(frame);
    this.#last = { frame, payload };
    return payload;
  }

  #carryOut({ type, payload }: Frame): Uint8Array {
    try {
      const name = nameOf(type);
      if (!this.#isGreeted && name !== "hello") throw new Refused("hello-first");
      if (name === null) throw new Refused("type");
      const needed = NEEDED[name];
      if (needed !== undefined && !this.#means.hardware.features.includes(needed)) {
        throw new Refused("unsupported");
      }
      const call = CALLS[name] as { ask: Layout<object>; answer: Layout<object> };
      const ask = unpack(call.ask, payload, name);
      const answer = (this.#work[name] as (ask: object) => object)(ask);
      this.#means.carriedOut.add(name);
      return Buffer.concat([Buffer.of(DONE), pack(call.answer, answer, name)]);
    } catch (error) {
      return pack(refusal, refusalOf(error), "refusal");
    }
  }

  readonly #work: Work = {
    hello: ({ nonce, version }) => {
      this.#isGreeted = true;
      this.#means.onSight({ kind: "greeted" });
      const { lowest, highest } = this.#means.hardware.versions;
      // the highest that both speak; if there is none, its own lowest says why
      return { ...this.#means.hardware, nonce, version: Math.max(lowest, Math.min(version, highest)) };
    },
    battery: () => this.#means.hardware.battery,
    temperature: () => ({ tenthsC: this.#means.hardware.tenthsC }),
    "clock-get": () => this.#shownTime(),
    "clock-set": ({ utcMs }) => {
      this.#means.hardware.clock = { offsetMs: utcMs - this.#means.clock.utcMs(), valid: true };
      this.#means.onSight({ kind: "clock-set", utcMs });
      return this.#shownTime();
    },
    lamp: ({ lamp, ...pattern }) => {
      if (lamp >= this.#means.hardware.lamps) throw new Refused("value");
      this.#means.onSight({ kind: "lamp", lamp, pattern });
      return {};
    },
    buzzer: (pattern) => {
      this.#means.onSight({ kind: "buzzer", pattern });
      return {};
    },
    vibration: (pattern) => {
      this.#means.onSight({ kind: "vibration", pattern });
      return {};
    },
    "watchdog-arm": ({ timeoutS }) => {
      if (timeoutS !== 0 && timeoutS < WATCHDOG_S.least) throw new Refused("value");
      this.#watchdog = timeoutS === 0 ? null : { timeoutS, pettedUs: this.#means.clock.monoUs() };
      this.#means.onSight({ kind: "watchdog", timeoutS });
      return {};
    },
    "watchdog-pet": () => {
      if (this.#watchdog !== null) this.#watchdog.pettedUs = this.#means.clock.monoUs();
      return {};
    },
  };

  #shownTime(): AnswerOf<"clock-get"> {
    const { offsetMs, valid } = this.#means.hardware.clock;
    return { utcMs: this.#means.clock.utcMs() + offsetMs, valid };
  }
}

const NEEDED: Partial<Record<CallName, Feature>> = {
  temperature: "thermometer",
  "clock-get": "clock",
  "clock-set": "clock",
  buzzer: "buzzer",
  vibration: "vibration",
  "watchdog-arm": "watchdog",
  "watchdog-pet": "watchdog",
};

function nameOf(type: number): CallName | null {
  const names = Object.keys(CALLS) as CallName[];
  return names.find((name) => CALLS[name].type === type) ?? null;
}

/** A hello is never one that came before: its nonce differs. */
function isSame(a: Frame, b: Frame): boolean {
  return a.type === b.type && a.seq === b.seq && Buffer.compare(a.payload, b.payload) === 0;
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refused) return error.refusal;
  switch (errorCode(error)) {
    case "message-length":
      return "length";
    case "message-value":
      return "value";
  }
  return "failed";
}
