import { systemClock } from "../../../../config/base/clock.ts";
import {
  DeviceAtTerminal,
  type LineDevice,
} from "../../../../drivers/simulator/terminal/device-at-terminal.ts";
import type { PlugCommand } from "../../../../drivers/simulator/terminal/line-commands.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import type { Phrase } from "../../text/phrase.ts";
import { simulateWords } from "../../text/simulate/help.ts";
import { followLines } from "./follow-lines.ts";

/** A device that runs until its signal aborts. */
export interface PlayedDevice extends LineDevice {
  run(signal: AbortSignal): Promise<void>;
}

export interface Play {
  /** Where its serial port appears. */
  link: string;
  words: { opened: Phrase; help: Phrase };
  /** Does what a line says of the device itself; what concerns its plug is given back. null: not understood. */
  obey(line: string): PlugCommand["kind"] | "done" | null;
}

/** Plays a device at a pseudo-terminal until `quit`, SIGINT or SIGTERM; commands are lines on stdin. */
export async function playAtTerminal(
  face: Face,
  device: PlayedDevice,
  { link, words, obey }: Play,
): Promise<ExitCode> {
  const unplugged = () => face.print(face.say(simulateWords.unplugged));
  const plug = new DeviceAtTerminal(device, link, systemClock, unplugged);
  await plug.plug();
  const running = new AbortController();
  const run = device.run(running.signal);
  try {
    face.print(face.say(words.opened, { path: link }));
    await followLines(face, async (line) => {
      const asked = obey(line);
      switch (asked) {
        case null:
          return "not-understood";
        case "quit":
        case "done":
          return asked;
        case "unplug":
          await plug.unplug();
          unplugged();
          return "done";
        case "replug":
          await plug.plug();
          face.print(face.say(simulateWords.plugged, { path: link }));
          return "done";
        case "help":
          face.print(face.say(words.help));
          return "done";
      }
    });
    return 0;
  } finally {
    running.abort();
    await run;
    await plug.unplug();
  }
}
