import { join } from "node:path";
import { systemClock } from "../../../../config/base/clock.ts";
import { rackCommand } from "../../../../drivers/simulator/rack/commands.ts";
import { makeRack } from "../../../../drivers/simulator/rack/rack.ts";
import type { RecorderInPort } from "../../../../drivers/simulator/rack/recorder-in-port.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { right, table } from "../../face/table.ts";
import { rackWords } from "../../text/simulate/recorder.ts";
import { followLines } from "./follow-lines.ts";
import { obey } from "./recorder.ts";
import { sightText } from "./recorder-sights.ts";

export interface DockOptions {
  hub: string;
  recorders: number;
  files: number;
  bytes: number;
}

/** Plays a rack of recorders that are put into a dock, until `quit`, SIGINT or SIGTERM. */
export async function simulateDock(face: Face, options: DockOptions): Promise<ExitCode> {
  const { hub, recorders } = options;
  face.print(face.say(rackWords.filling, { recorders, folder: join(hub, "cards") }));
  const rack = makeRack({
    ...options,
    clock: systemClock,
    onSight: (number, sight) => face.print(`${String(number).padStart(2)}  ${sightText(face, sight)}`),
  });
  try {
    for (const recorder of rack) await recorder.plug();
    face.print(face.say(rackWords.ready, { recorders }));
    await followLines(face, async (line) => {
      const command = rackCommand(line, rack.length);
      switch (command?.kind) {
        case undefined:
          return "not-understood";
        case "quit":
          return "quit";
        case "help":
          face.print(face.say(rackWords.help));
          return "done";
        case "list":
          face.print(...listed(face, rack));
          return "done";
        case "recorder":
          await obey(face, rack[command.number - 1] as RecorderInPort, command.command);
          return "done";
      }
    });
    return 0;
  } finally {
    await Promise.all(rack.map((recorder) => recorder.unplug()));
  }
}

function listed(face: Face, rack: readonly RecorderInPort[]): string[] {
  const { number, make, serial, port, card } = rackWords;
  const left = [make, serial, port, card].map((title) => ({ title: face.say(title), side: "left" as const }));
  return table(
    [right(face.say(number)), ...left],
    rack.map(({ traits, port: at, isPlugged }, index) => [
      String(index + 1),
      traits.make,
      traits.serial,
      isPlugged ? at : face.say(rackWords.out),
      traits.card,
    ]),
  );
}
