import { readSentence } from "../../../drivers/serial/gnss/sentence.ts";
import type { OpenSerialPort } from "../../../drivers/serial/line/serial-port.ts";
import { monitorLine } from "./monitor.ts";

/** `silent`: nothing came that a GNSS receiver says. */
export type GnssAnswer = "fix" | "no-fix" | "silent";

/**
 * Listens to a GNSS receiver until it vouches for a fix, or until the signal aborts; never where it is. Throws what
 * opening the line throws, or why it ended.
 */
export async function gnssFix(open: OpenSerialPort, signal: AbortSignal): Promise<GnssAnswer> {
  const found = new AbortController();
  let answer: GnssAnswer = "silent";
  await monitorLine(
    open,
    "nmea",
    (sight) => {
      if (sight.kind !== "sentence" || sight.checksum !== "right") return;
      if (answer === "silent") answer = "no-fix";
      if (!vouchesForFix(sight.text)) return;
      answer = "fix";
      found.abort();
    },
    AbortSignal.any([signal, found.signal]),
  );
  return answer;
}

function vouchesForFix(sentence: string): boolean {
  try {
    const reading = readSentence(sentence);
    return reading?.kind === "minimum" && reading.valid;
  } catch {
    return false;
  }
}
