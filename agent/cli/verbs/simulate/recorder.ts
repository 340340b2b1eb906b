import { systemClock } from "../../../../config/base/clock.ts";
import { carryOut, type RecorderAct, recorderCommand } from "../../../../drivers/simulator/rack/commands.ts";
import { RecorderInPort } from "../../../../drivers/simulator/rack/recorder-in-port.ts";
import type { Make } from "../../../../drivers/simulator/recorders/by-make.ts";
import type { Face } from "../../face/face.ts";
import { type ExitCode, tellFailure } from "../../face/failure.ts";
import { recorderWords } from "../../text/simulate/recorder.ts";
import { followLines } from "./follow-lines.ts";
import { sightText } from "./recorder-sights.ts";

export interface RecorderOptions {
  make: Make;
  hub: string;
  port: string;
  card: string;
  serial: string;
  battery: number;
  clockOff: number;
  wearer?: string;
}

/** Plays a recorder in a port of a virtual hub until `quit`, SIGINT or SIGTERM; commands are lines on stdin. */
export async function simulateRecorder(face: Face, options: RecorderOptions): Promise<ExitCode> {
  const { make, hub, port, card, serial, battery, clockOff, wearer } = options;
  const recorder = new RecorderInPort({
    hub,
    port,
    traits: { make, serial, batteryPercent: battery, clockErrorMs: clockOff * 1000, wearer, card },
    clock: systemClock,
    onSight: (sight) => face.print(sightText(face, sight)),
  });
  if (wearer !== undefined && make !== "jieli")
    face.tell(face.say(recorderWords.cannotTell, { what: "--wearer" }));
  await recorder.plug();
  try {
    face.print(face.say(recorderWords.ready));
    await followLines(face, async (line) => {
      const command = recorderCommand(line);
      if (command === null) return "not-understood";
      if (command.kind === "quit") return "quit";
      if (command.kind === "help") face.print(face.say(recorderWords.help));
      else await obey(face, recorder, command);
      return "done";
    });
    return 0;
  } finally {
    await recorder.unplug();
  }
}

/** Does it, or tells why not; a port that is taken ends nothing. */
export async function obey(face: Face, recorder: RecorderInPort, command: RecorderAct): Promise<void> {
  try {
    switch (await carryOut(recorder, command)) {
      case "done":
        return;
      case "out":
        return face.tell(face.say(recorderWords.outNow));
      case "not-of-this-make":
        return face.tell(face.say(recorderWords.notOfThisMake));
    }
  } catch (error) {
    tellFailure(face, error, { asJson: false, withStack: false });
  }
}
