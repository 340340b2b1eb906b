import { listSerialPorts, type SerialPortSeen } from "../../../../probes/serial/ports.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { harmless } from "../../../face/width.ts";
import { serialUses, serialWords } from "../../../text/probes/serial.ts";
import { configOf, type ProbeOptions } from "../../target.ts";

/** Serial lines of this machine; exit 1: there is none, or one that the configuration names is missing. */
export async function list(face: Face, options: ProbeOptions): Promise<ExitCode> {
  const config = await configOf(face, options);
  const ports = await listSerialPorts(config);
  if (options.json === true) face.printJson({ ports });
  else if (ports.length === 0) face.print(face.say(serialWords.noPorts));
  else for (const port of ports) face.print(...lines(face, port));
  return ports.length === 0 || ports.some(({ missing }) => missing === true) ? 1 : 0;
}

/** The path to write into a configuration, and below it what is known: by-id paths fill a line of 80 columns. */
function lines(face: Face, port: SerialPortSeen): string[] {
  const { device, stable, driver, product, usb_port: usbPort, used_by: use } = port;
  const known = [
    stable === undefined ? undefined : device,
    product,
    driver,
    usbPort === undefined ? undefined : face.say(serialWords.usbPort, { port: usbPort }),
    use === undefined ? undefined : face.say(serialWords.usedBy, { use: face.say(serialUses[use]) }),
  ].filter((part) => part !== undefined);
  const trouble =
    port.missing === true ? serialWords.missing : port.may_open ? undefined : serialWords.mayNotOpen;
  return [
    harmless(stable ?? device),
    ...(known.length === 0 ? [] : [`  ${harmless(known.join(", "))}`]),
    ...(trouble === undefined ? [] : [`  ${face.paint("yellow", face.say(trouble))}`]),
  ];
}
