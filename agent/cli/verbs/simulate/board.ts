import { createInterface } from "node:readline";
import { systemClock } from "../../../../config/base/clock.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import type { Pattern } from "../../../../drivers/serial/board/messages/values.ts";
import { Framing } from "../../../../drivers/serial/frames/framing.ts";
import { type BoardCommand, boardCommand, carryOut } from "../../../../drivers/simulator/board/commands.ts";
import type { BoardSight } from "../../../../drivers/simulator/board/sight.ts";
import { SimulatedBoard } from "../../../../drivers/simulator/board/simulated-board.ts";
import { BoardAtTerminal } from "../../../../drivers/simulator/board/terminal/board-at-terminal.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { harmless } from "../../face/width.ts";
import { boardWords } from "../../text/simulate.ts";

/** Plays a control board at `link` until `quit`, SIGINT or SIGTERM; commands are lines on stdin. */
export async function simulateBoard(face: Face, { link }: { link: string }): Promise<ExitCode> {
  const board = new SimulatedBoard({
    framing: await Framing.load(),
    clock: systemClock,
    random: systemRandom,
    onSight: (sight) => face.print(sightText(face, sight)),
  });
  const plug = new BoardAtTerminal(board, link, systemClock, () =>
    face.print(face.say(boardWords.unplugged)),
  );
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  await plug.plug();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const running = board.run(stopping.signal);
  try {
    face.print(face.say(boardWords.opened, { path: link }));
    const lines = createInterface({ input: process.stdin, signal: stopping.signal });
    for await (const line of lines) {
      if (line.trim() === "") continue;
      const command = boardCommand(line);
      if (command === null) {
        face.tell(face.say(boardWords.notUnderstood, { line: harmless(line) }));
      } else if (command.kind === "quit") break;
      else if (!carryOut(board, command, systemRandom)) await handle(face, plug, command, link);
    }
    // without commands it goes on: a script may have no more to say
    if (!stopping.signal.aborted && process.stdin.readableEnded) await aborted(stopping.signal);
    return 0;
  } finally {
    stop();
    await running;
    await plug.unplug();
    process.off("SIGINT", stop).off("SIGTERM", stop);
    process.stdin.destroy();
  }
}

async function handle(
  face: Face,
  plug: BoardAtTerminal,
  { kind }: BoardCommand,
  link: string,
): Promise<void> {
  if (kind === "unplug") {
    await plug.unplug();
    face.print(face.say(boardWords.unplugged));
  } else if (kind === "replug") {
    await plug.plug();
    face.print(face.say(boardWords.plugged, { path: link }));
  } else face.print(face.say(boardWords.help));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
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
