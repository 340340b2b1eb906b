import { systemClock } from "../../../../config/base/clock.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import { carryOut, gnssCommand } from "../../../../drivers/simulator/gnss/commands.ts";
import { SimulatedGnss } from "../../../../drivers/simulator/gnss/simulated-gnss.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { gnssWords } from "../../text/simulate/gnss.ts";
import { playAtTerminal } from "./at-terminal.ts";

/** Plays a GNSS receiver at `link` until `quit`, SIGINT or SIGTERM; commands are lines on stdin. */
export function simulateGnss(face: Face, { link }: { link: string }): Promise<ExitCode> {
  const gnss = new SimulatedGnss({ clock: systemClock, random: systemRandom });
  return playAtTerminal(face, gnss, {
    link,
    words: gnssWords,
    obey: (line) => {
      const command = gnssCommand(line);
      return command === null ? null : carryOut(gnss, command);
    },
  });
}
