import { among, decimal, whole } from "../command-words.ts";
import {
  carryOutOnLine,
  type LineCommand,
  lineCommand,
  type PlugCommand,
} from "../terminal/line-commands.ts";
import type { GnssSituation, SimulatedGnss } from "./simulated-gnss.ts";

/** What a line of a person or a script asks of a simulated GNSS receiver. */
export type GnssCommand =
  | { kind: "situation"; change: Partial<GnssSituation> }
  | { kind: "fault"; fault: "wrongChecksums" | "cutSentences"; sentences: number }
  | LineCommand;

const FAULTS = { corrupt: "wrongChecksums", cut: "cutSentences" } as const;
const MOST_SECONDS = 1_000_000_000;
/** GPS counts weeks modulo 1,024: what a receiver says that mistakes the count. */
const ROLLOVER_MS = -1024 * 7 * 86_400_000;

/** null: no command. Words are divided by blanks. */
export function gnssCommand(line: string): GnssCommand | null {
  const [verb = "", ...args] = line.trim().split(/\s+/);
  if (args.length > 2) return null;
  const [first, second] = args;
  switch (verb) {
    case "place":
    case "move":
    case "error":
    case "hdop":
    case "clock": {
      const change = CHANGES[verb](first, second);
      return change === null ? null : { kind: "situation", change };
    }
    case "fix": {
      const word = among(["on", "off"], first);
      return word === null || second !== undefined
        ? null
        : { kind: "situation", change: { hasFix: word === "on" } };
    }
    case "corrupt":
    case "cut": {
      const sentences = whole(first ?? "1", 0, 1_000_000);
      return sentences === null || second !== undefined
        ? null
        : { kind: "fault", fault: FAULTS[verb], sentences };
    }
  }
  return lineCommand(verb, args);
}

type Word = string | undefined;

/** null: words that are none. */
const CHANGES: Record<
  "place" | "move" | "error" | "hdop" | "clock",
  (first: Word, second: Word) => Partial<GnssSituation> | null
> = {
  place: (first, second) => {
    const latitude = decimal(first, -89, 89);
    const longitude = decimal(second, -180, 180);
    return latitude === null || longitude === null ? null : { place: { latitude, longitude } };
  },
  move: (first, second) => {
    const metresPerSecond = decimal(first, 0, 300);
    const course = decimal(second ?? "0", 0, 359.9);
    return metresPerSecond === null || course === null ? null : { metresPerSecond, course };
  },
  error: (first, second) => {
    if (first === "off" && second === undefined) return { errorM: null };
    const errorM = decimal(first, 0, 10_000);
    return errorM === null || second !== undefined ? null : { errorM };
  },
  hdop: (first, second) => {
    const hdop = decimal(first, 0.1, 99);
    return hdop === null || second !== undefined ? null : { hdop };
  },
  clock: (first, second) => {
    if (second !== undefined) return null;
    if (first === "undated") return { isDated: false };
    if (first === "rollover") return { isDated: true, clockErrorMs: ROLLOVER_MS };
    const seconds = whole(first, -MOST_SECONDS, MOST_SECONDS);
    return seconds === null ? null : { isDated: true, clockErrorMs: seconds * 1000 };
  },
};

/** What a receiver itself does at a command; what concerns its plug or whoever reads is given back. */
export function carryOut(gnss: SimulatedGnss, command: GnssCommand): PlugCommand["kind"] | "done" {
  switch (command.kind) {
    case "situation":
      Object.assign(gnss.situation, command.change);
      return "done";
    case "fault":
      gnss.faults[command.fault] = command.sentences;
      return "done";
    case "noise":
    case "noise-always":
    case "silent":
    case "unplug":
    case "replug":
    case "help":
    case "quit":
      return carryOutOnLine(gnss, command);
  }
}
