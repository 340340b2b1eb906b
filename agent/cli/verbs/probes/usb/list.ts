import { systemClock } from "../../../../../config/base/clock.ts";
import { listUsb, placeOf } from "../../../../probes/usb/bus-watch.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { usbWords } from "../../../text/probes/usb.ts";
import { configOf, type ProbeOptions } from "../../target.ts";
import { deviceLines } from "./device-text.ts";

/** What is plugged in; exit 1: nothing is. */
export async function list(face: Face, options: ProbeOptions): Promise<ExitCode> {
  const config = await configOf(face, options);
  const place = placeOf(config);
  const devices = await listUsb(place, config, systemClock);
  if (options.json === true) face.printJson({ bus: place.bus, devices });
  else if (devices.length === 0) face.print(face.say(usbWords.nothing));
  else for (const device of devices) face.print(...deviceLines(face, device));
  return devices.length === 0 ? 1 : 0;
}
