import { systemClock } from "../../../../../config/base/clock.ts";
import { systemRandom } from "../../../../../config/base/random.ts";
import { systemPort } from "../../../../../drivers/serial/line/system-port.ts";
import { loopback as runLoopback } from "../../../../probes/serial/loopback.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { serialWords } from "../../../text/probes/serial.ts";
import { untilStopped } from "../../until-stopped.ts";

export interface LoopbackOptions {
  baud: number;
  bytes: number;
  json?: boolean;
}

/** Sends bytes over a bridged line and compares what comes back; exit 1: not all of them did as they were. */
export async function loopback(
  face: Face,
  path: string,
  { baud, bytes, json }: LoopbackOptions,
): Promise<ExitCode> {
  const open = systemPort({ path, baud, clock: systemClock });
  const parts = { open, clock: systemClock, random: systemRandom, baud };
  const told = await untilStopped(face, (signal) => runLoopback(parts, bytes, signal));
  const isGood = told.wrong_bytes + told.lost_bytes + told.extra_bytes === 0;
  if (json === true) face.printJson({ baud, ...told });
  else {
    const values = {
      sent: told.sent_bytes,
      received: told.received_bytes,
      wrong: told.wrong_bytes,
      lost: told.lost_bytes,
      extra: told.extra_bytes,
      baud,
    };
    face.print(
      face.paint(
        isGood ? "green" : "red",
        face.say(isGood ? serialWords.loopGood : serialWords.loopBad, values),
      ),
    );
  }
  return isGood ? 0 : 1;
}
