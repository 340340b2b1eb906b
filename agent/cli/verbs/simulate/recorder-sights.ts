import type { RecorderSight } from "../../../../drivers/simulator/rack/recorder-in-port.ts";
import type { Face } from "../../face/face.ts";
import { momentText } from "../../face/units.ts";
import { harmless } from "../../face/width.ts";
import { recorderWords } from "../../text/simulate/recorder.ts";

/** One line for what happens to a simulated recorder. */
export function sightText(face: Face, sight: RecorderSight): string {
  switch (sight.kind) {
    case "plugged":
      return face.say(recorderWords.plugged, { port: sight.port });
    case "opened":
      return face.say(recorderWords.opened);
    case "clock-set":
      return face.say(recorderWords.clockSet, { time: momentText(sight.utcMs) });
    case "wearer-set":
      return face.say(recorderWords.wearerSet, { wearer: harmless(sight.wearer) });
    case "file-read":
      return face.say(recorderWords.fileRead, { path: harmless(sight.path) });
    case "file-removed":
      return face.say(recorderWords.fileRemoved, { path: harmless(sight.path) });
    case "switched":
      return face.say(recorderWords.switched);
    case "unplugged":
      return face.say(recorderWords.unplugged);
  }
}
