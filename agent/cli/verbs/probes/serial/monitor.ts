import { systemClock } from "../../../../../config/base/clock.ts";
import { systemPort } from "../../../../../drivers/serial/line/system-port.ts";
import type { LineLanguage, LineSight } from "../../../../probes/serial/line-reader.ts";
import { monitorLine } from "../../../../probes/serial/monitor.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { clockText } from "../../../face/units.ts";
import { harmless } from "../../../face/width.ts";
import { serialWords } from "../../../text/probes/serial.ts";
import { untilStopped } from "../../until-stopped.ts";

export interface MonitorOptions {
  baud: number;
  as: LineLanguage | "auto";
  forS?: number;
  json?: boolean;
}

/** Shows what stands on a serial line until it is ended. */
export async function monitor(face: Face, path: string, options: MonitorOptions): Promise<ExitCode> {
  const { baud, as: language, forS, json } = options;
  const show = (sight: LineSight) => {
    const atMs = systemClock.utcMs();
    if (json === true) face.printJsonLine({ at_ms: atMs, ...sight });
    else face.print(`${face.paint("dim", clockText(atMs))}  ${sightText(face, sight)}`);
  };
  const open = systemPort({ path, baud, clock: systemClock });
  await untilStopped(face, (signal) => monitorLine(open, language, show, signal), forS);
  return 0;
}

function sightText(face: Face, sight: LineSight): string {
  switch (sight.kind) {
    case "frame": {
      const { way, name, fields, type, payload_hex: hex } = sight;
      if (way === undefined || name === undefined || fields === undefined)
        return face.say(serialWords.unknownFrame, { type: type.toString(16).padStart(2, "0"), hex });
      const told = Object.entries(fields).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      return harmless([way === name ? way : `${way} ${name}`, `#${sight.seq}`, ...told].join(" "));
    }
    case "sentence":
      return sight.checksum === "right"
        ? harmless(sight.text)
        : `${harmless(sight.text)}  ${face.paint("yellow", face.say(serialWords.checksum[sight.checksum]))}`;
    case "bytes":
      return `${sight.hex.replace(/(..)(?=.)/g, "$1 ").padEnd(47)}  ${printable(sight.hex)}`;
    case "discarded":
      return face.paint("yellow", face.say(serialWords.discarded, { bytes: sight.bytes }));
  }
}

/** As `hexdump -C` has it at the right. */
function printable(hex: string): string {
  return Buffer.from(hex, "hex")
    .toString("latin1")
    .replace(/[^\x20-\x7e]/g, ".");
}
