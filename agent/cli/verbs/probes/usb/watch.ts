import { systemClock } from "../../../../../config/base/clock.ts";
import { placeOf, type UsbChangeSeen, watchUsb } from "../../../../probes/usb/bus-watch.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { clockText } from "../../../face/units.ts";
import { harmless } from "../../../face/width.ts";
import { usbWords } from "../../../text/probes/usb.ts";
import { configOf, type ProbeOptions } from "../../target.ts";
import { untilStopped } from "../../until-stopped.ts";
import { deviceText } from "./device-text.ts";

/** Tells what is there, and what comes and goes, until it is ended. */
export async function watch(face: Face, options: ProbeOptions & { forS?: number }): Promise<ExitCode> {
  const config = await configOf(face, options);
  const show = ({ change, device }: UsbChangeSeen) => {
    const atMs = systemClock.utcMs();
    if (options.json === true) face.printJsonLine({ at_ms: atMs, change, device });
    else {
      const word = face.paint(change === "attached" ? "green" : "yellow", face.say(usbWords[change]));
      face.print(`${face.paint("dim", clockText(atMs))}  ${word}  ${harmless(deviceText(face, device))}`);
    }
  };
  await untilStopped(
    face,
    (signal) => watchUsb(placeOf(config), config, show, { clock: systemClock, signal }),
    options.forS,
  );
  return 0;
}
