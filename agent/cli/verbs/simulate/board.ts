import { systemClock } from "../../../../config/base/clock.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import type { Pattern } from "../../../../drivers/serial/board/messages/values.ts";
import { Framing } from "../../../../drivers/serial/frames/framing.ts";
import { boardCommand, carryOut } from "../../../../drivers/simulator/board/commands.ts";
import type { BoardSight } from "../../../../drivers/simulator/board/sight.ts";
import { SimulatedBoard } from "../../../../drivers/simulator/board/simulated-board.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { boardWords } from "../../text/simulate/board.ts";
import { playAtTerminal } from "./at-terminal.ts";

/** Plays a control board at `link` until `quit`, SIGINT or SIGTERM; commands are lines on stdin. */
export async function simulateBoard(face: Face, { link }: { link: string }): Promise<ExitCode> {
  const board = new SimulatedBoard({
    framing: await Framing.load(),
    clock: systemClock,
    random: systemRandom,
    onSight: (sight) => face.print(sightText(face, sight)),
  });
  return playAtTerminal(face, board, {
    link,
    words: boardWords,
    obey: (line) => {
      const command = boardCommand(line);
      return command === null ? null : carryOut(board, command);
    },
  });
}

/** One line for what a person before the board would see, hear or feel. */
export function sightText(face: Face, sight: BoardSight): string {
  switch (sight.kind) {
    case "greeted":
      return face.say(boardWords.greeted);
    case "lamp": {
      const pattern = patternText(face, sight.pattern, ({ red, green, blue }) => colour(red, green, blue));
      return face.say(boardWords.lampShows, { lamp: sight.lamp, pattern });
    }
    case "buzzer": {
      const pattern = patternText(face, sight.pattern, ({ hertz }) => `${hertz} Hz`);
      return face.say(boardWords.buzzer, { pattern });
    }
    case "vibration": {
      const pattern = patternText(face, sight.pattern, ({ percent }) => `${percent} %`);
      return face.say(boardWords.vibration, { pattern });
    }
    case "clock-set":
      return face.say(boardWords.clockSet, { time: new Date(sight.utcMs).toISOString() });
    case "watchdog":
      return sight.timeoutS === 0
        ? face.say(boardWords.watchdogOff)
        : face.say(boardWords.watchdogArmed, { seconds: sight.timeoutS });
    case "unit-reset":
      return face.say(boardWords.unitReset);
    case "power-cut":
      return face.say(boardWords.powerCut);
    case "reset":
      return face.say(boardWords.reset, { reason: sight.reason });
    case "event-lost":
      return face.say(boardWords.eventLost, { event: sight.event });
  }
}

function patternText<Step extends { ms: number }>(
  face: Face,
  { steps, times }: Pattern<Step>,
  text: (step: Step) => string,
): string {
  if (steps.length === 0) return face.say(boardWords.off);
  const shown = steps.map((step) => `${text(step)} ${step.ms} ms`).join(", ");
  return `${shown}, ${times === 0 ? face.say(boardWords.endless) : face.say(boardWords.times, { times })}`;
}

function colour(...parts: number[]): string {
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}
