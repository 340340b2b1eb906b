import type { Clock } from "../../../config/base/clock.ts";
import type { Counters } from "../../../config/base/counters.ts";
import type { Random } from "../../../config/base/random.ts";
import type { BayLamp } from "../../../drivers/recorders/recorder-driver.ts";
import type { LampStep, Pattern } from "../../../drivers/serial/board/messages/values.ts";
import { MAX_LAMPS } from "../../../drivers/serial/board/messages/values.ts";
import { SerialControlBoard } from "../../../drivers/serial/board/serial-control-board.ts";
import { systemPort } from "../../../drivers/serial/line/system-port.ts";
import type { Alarms } from "../../alarms.ts";

const BOARD_BAUD = 115_200;
const LAMP_MS = 5_000;

const dark = (ms: number): LampStep => ({ red: 0, green: 0, blue: 0, ms });
const lit = (red: number, green: number, blue: number, ms: number): LampStep => ({ red, green, blue, ms });
const steady = (step: LampStep): Pattern<LampStep> => ({ steps: [step], times: 0 });

/** What the lamp over a bay shows: docs/dock.md. Only steady green says: take it. */
export const BAY_PATTERNS: Readonly<Record<BayLamp, Pattern<LampStep>>> = {
  off: { steps: [], times: 0 },
  busy: { steps: [lit(0, 0, 255, 500), dark(500)], times: 0 },
  waiting: steady(lit(0, 0, 255, 1000)),
  ready: steady(lit(0, 255, 0, 1000)),
  kept: { steps: [lit(255, 160, 0, 1000), dark(1000)], times: 0 },
  fault: { steps: [lit(255, 0, 0, 200), dark(200)], times: 0 },
};

export interface BayLampsParts {
  /** Control boards in the order of the bays: the first has the first eight. */
  readonly devices: readonly string[];
  /** Names of the bays in the order of their lamps. */
  readonly bays: readonly string[];
  readonly clock: Clock;
  readonly random: Random;
  readonly counters: Counters;
  readonly alarms: Alarms;
}

/** The lamps of the dock itself, one over each bay, on control boards of eight lamps. */
export class BayLamps {
  readonly #parts: BayLampsParts;
  readonly #boards: SerialControlBoard[];
  /** What each lamp is to show; a board that comes back is told again. */
  readonly #shown: BayLamp[];

  constructor(parts: BayLampsParts) {
    this.#parts = parts;
    this.#shown = parts.bays.map(() => "off");
    const { clock, random, counters, alarms } = parts;
    this.#boards = parts.devices.map(
      (path, board) =>
        new SerialControlBoard({
          open: systemPort({ path, baud: BOARD_BAUD, clock }),
          clock,
          random,
          counters,
          listener: (event) => {
            if (event.kind === "lost") alarms.raise(`bay-lamps-${board}`, event.reason.code);
            if (event.kind !== "connected") return;
            alarms.clear(`bay-lamps-${board}`);
            this.#tellAll(board);
          },
        }),
    );
  }

  /** Keeps the lines open until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#boards.map((board) => board.run(signal)));
  }

  show(bay: string, lamp: BayLamp): void {
    const index = this.#parts.bays.indexOf(bay);
    if (index < 0 || this.#shown[index] === lamp) return;
    this.#shown[index] = lamp;
    this.#tell(index);
  }

  #tellAll(board: number): void {
    for (let lamp = 0; lamp < MAX_LAMPS; lamp++) this.#tell(board * MAX_LAMPS + lamp);
  }

  #tell(index: number): void {
    const shown = this.#shown[index];
    const board = this.#boards[Math.floor(index / MAX_LAMPS)];
    if (shown === undefined || board?.state.kind !== "there") return;
    board
      .showLamp(index % MAX_LAMPS, BAY_PATTERNS[shown], AbortSignal.timeout(LAMP_MS))
      .catch(() => this.#parts.counters.add("bay-lamp"));
  }
}
