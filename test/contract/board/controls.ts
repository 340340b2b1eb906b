import { Counters } from "../../../config/base/counters.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { BoardEvent, ControlBoard } from "../../../drivers/serial/board/control-board.ts";
import { altered } from "../../support/altered.ts";
import type { BOARD_CHECKS, BoardRig } from "../control-board.ts";

export type BoardCheckTitle = keyof typeof BOARD_CHECKS;

/** A link that breaks one rule: the check it is filed under must fail, and say so. */
export interface BoardControl {
  /** What is wrong with it, after "a link that". */
  broken: string;
  /** What the check says. */
  says: RegExp;
  /** Other checks that see it as well; all that are not named here must pass. */
  seenToo?: readonly BoardCheckTitle[];
  change: (rig: BoardRig) => Partial<BoardRig>;
}

/** Makes calls in another way. */
const calling = (change: (board: ControlBoard) => Partial<ControlBoard>) => (rig: BoardRig) => ({
  board: altered(rig.board, change(rig.board)),
});

/** Tells each event as these, also those that come later. */
const telling = (change: (event: BoardEvent) => BoardEvent[]) => (rig: BoardRig) => ({
  events: new Proxy(rig.events, {
    get: (events, key) => {
      const told = events.flatMap(change);
      const member: unknown = Reflect.get(told, key);
      return typeof member === "function" ? member.bind(told) : member;
    },
  }),
});

/** `call`, and `otherwise` in place of an error with this code. */
const unless = <T>(code: string, call: Promise<T>, otherwise: T): Promise<T> =>
  call.catch((error: unknown) => {
    if (errorCode(error) !== code) throw error;
    return otherwise;
  });

const BATTERY = { percent: 80, milliVolts: 3_800, charging: "no" } as const;
const { signal: never } = new AbortController();

export const boardControls: Record<BoardCheckTitle, readonly [BoardControl, ...BoardControl[]]> = {
  "tells who the board is": [
    {
      broken: "tells the serial of another board",
      says: /"?9999/,
      change: telling((event) =>
        event.kind === "connected"
          ? [{ ...event, identity: { ...event.identity, serial: "9999" } }]
          : [event],
      ),
    },
    {
      broken: "forgets what the board can do",
      says: /watchdog/,
      change: telling((event) =>
        event.kind === "connected" ? [{ ...event, identity: { ...event.identity, features: [] } }] : [event],
      ),
    },
  ],

  "reads battery, temperature and clock, and sets the clock": [
    {
      broken: "remembers a battery",
      says: /41/,
      change: calling((board) => ({
        battery: async (signal) => ({ ...(await board.battery(signal)), ...BATTERY }),
      })),
    },
    {
      broken: "tells whole degrees",
      says: /-105/,
      change: calling((board) => ({
        temperature: async (signal) => Math.trunc((await board.temperature(signal)) / 10),
      })),
    },
    {
      broken: "believes a clock that stood still",
      says: /true !== false|false/,
      change: calling((board) => ({
        readClock: async (signal) => ({ ...(await board.readClock(signal)), valid: true }),
      })),
    },
    {
      broken: "sets the clock an hour off",
      says: /\d{13}/,
      change: calling((board) => ({
        setClock: (utcMs, signal) => board.setClock(utcMs + 3_600_000, signal),
      })),
    },
  ],

  "shows lamps, sounds and shakes": [
    {
      broken: "knows one lamp only",
      says: /lamp/,
      seenToo: ["says what the board refuses, and what the protocol cannot carry"],
      change: calling((board) => ({ showLamp: (_, pattern, signal) => board.showLamp(0, pattern, signal) })),
    },
    {
      broken: "leaves a lamp lit",
      says: /lamp/,
      change: calling((board) => ({
        showLamp: async (lamp, pattern, signal) => {
          if (lamp !== 0 || pattern.steps.length > 0) await board.showLamp(lamp, pattern, signal);
        },
      })),
    },
  ],

  "tells every button and every kind of press, each once and in order": [
    {
      broken: "tells each press twice",
      says: /record/,
      change: telling((event) => (event.kind === "button" ? [event, event] : [event])),
    },
    {
      broken: "takes a long press for a short one",
      says: /long/,
      change: telling((event) => [event.kind === "button" ? { ...event, press: "short" } : event]),
    },
    {
      broken: "has no mute button",
      says: /not within/,
      change: telling((event) => (event.kind === "button" && event.button === "mute" ? [] : [event])),
    },
  ],

  "tells battery, temperature and the end of the power": [
    {
      broken: "tells an unknown battery as an empty one",
      says: /percent: null/,
      change: telling((event) => [
        event.kind === "battery" ? { ...event, percent: event.percent ?? 0 } : event,
      ]),
    },
    {
      broken: "does not tell that the power goes",
      says: /not within/,
      change: telling((event) => (event.kind === "power-off" ? [] : [event])),
    },
  ],

  "gets an answer through noise, wrong checksums, stalls, lost and doubled answers, and does nothing twice": [
    {
      broken: "does again what was done",
      says: /10|5/,
      seenToo: ["shows lamps, sounds and shakes"],
      change: calling((board) => ({
        sound: async (pattern, signal) => {
          await board.sound(pattern, signal);
          await board.sound(pattern, signal);
        },
      })),
    },
    {
      broken: "counts nothing",
      says: /nothing was repeated/,
      change: () => ({ counters: new Counters() }),
    },
  ],

  "gives up a call after its repeats, and the next one works": [
    {
      broken: "tells what it knows in place of an answer",
      says: /rejection/,
      change: calling((board) => ({
        battery: (signal) => unless("board-silent", board.battery(signal), BATTERY),
      })),
    },
    {
      broken: "gives a silent board up",
      says: /board-away/,
      change: calling((board) => {
        let isGivenUp = false;
        return {
          battery: async (signal) => {
            if (isGivenUp) throw new AgentError("board-away", "given up");
            return board.battery(signal).catch((error: unknown) => {
              isGivenUp = errorCode(error) === "board-silent";
              throw error;
            });
          },
        };
      }),
    },
  ],

  "makes calls one after the other, in order, and lets 16 wait": [
    {
      broken: "lets any number wait",
      says: /rejection/,
      change: calling((board) => ({
        showLamp: (lamp, pattern, signal) =>
          unless("board-busy", board.showLamp(lamp, pattern, signal), undefined),
      })),
    },
    {
      broken: "lets the first call be overtaken",
      says: /deep-equal/,
      change: calling((board) => {
        let first = (): void => {};
        return {
          showLamp: (lamp, pattern, signal) => {
            const show = () => board.showLamp(lamp, pattern, signal);
            if (pattern.steps[0]?.red === 0)
              return new Promise((resolve, reject) => {
                first = () => void show().then(resolve, reject);
              });
            const shown = show();
            first();
            first = () => {};
            return shown;
          },
        };
      }),
    },
  ],

  "says what the board refuses, and what the protocol cannot carry": [
    {
      broken: "takes a refusal for done",
      says: /rejection/,
      change: calling((board) => ({
        showLamp: (lamp, pattern, signal) =>
          unless("board-refused", board.showLamp(lamp, pattern, signal), undefined),
      })),
    },
    {
      broken: "makes a value fit",
      says: /rejection/,
      change: calling((board) => ({
        armWatchdog: (timeoutS, signal) => board.armWatchdog(Math.min(timeoutS, 600), signal),
      })),
    },
  ],

  "goes on after unplug and replug; a call meanwhile is told that nobody is there": [
    {
      broken: "lets a call wait for a board that is gone",
      says: /a call to end/,
      change: calling((board) => ({
        battery: (signal) =>
          board.battery(signal).catch((error: unknown) => {
            if (errorCode(error) !== "board-away") throw error;
            return new Promise<never>(() => {});
          }),
      })),
    },
    {
      broken: "does not tell that the board is gone",
      says: /lost/,
      change: telling((event) => (event.kind === "lost" ? [] : [event])),
    },
    {
      broken: "tells the same loss twice",
      says: /lost/,
      change: telling((event) => (event.kind === "lost" ? [event, event] : [event])),
    },
  ],

  "a call is given up when its signal aborts": [
    {
      broken: "looks at no signal",
      says: /board-silent/,
      change: calling((board) => ({ battery: () => board.battery(never) })),
    },
  ],
};
