import { systemClock } from "../../../../../config/base/clock.ts";
import { systemRandom } from "../../../../../config/base/random.ts";
import { systemPort } from "../../../../../drivers/serial/line/system-port.ts";
import { pingBoard } from "../../../../probes/serial/ping.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { pairs } from "../../../face/table.ts";
import { microsText, spreadText } from "../../../face/units.ts";
import { serialWords } from "../../../text/probes/serial.ts";
import { words } from "../../../text/words.ts";
import { untilStopped } from "../../until-stopped.ts";

export interface PingOptions {
  baud: number;
  count: number;
  json?: boolean;
}

/** Asks a control board who it is, and how quickly it answers; exit 1: an answer is missing. */
export async function ping(face: Face, path: string, { baud, count, json }: PingOptions): Promise<ExitCode> {
  const open = systemPort({ path, baud, clock: systemClock });
  const parts = { open, clock: systemClock, random: systemRandom };
  const told = await untilStopped(face, (signal) => pingBoard(parts, count, signal));
  if (json === true) face.printJson(told);
  else {
    const { battery_pct: percent, battery_mv: millivolts } = told;
    const battery = percent === null ? face.say(serialWords.unknown) : `${percent} %`;
    face.print(
      ...pairs([
        [face.say(words.board), `${told.model} ${told.serial}`],
        [face.say(serialWords.firmware), told.firmware],
        [face.say(serialWords.features), [...told.features, `lamps ${told.lamps}`].join(", ")],
        [face.say(serialWords.lastStart), told.reset_reason],
        [face.say(serialWords.battery), `${battery}, ${millivolts} mV`],
        [face.say(serialWords.answers), `${told.answered}/${told.sent}`],
        [face.say(serialWords.roundTrip), spreadText(told.round_trip, microsText)],
        [face.say(serialWords.noise), `${told.noise_bytes} B`],
      ]),
    );
  }
  return told.answered === told.sent ? 0 : 1;
}
