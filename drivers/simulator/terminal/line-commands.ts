import { whole } from "../command-words.ts";

/** What every device at a terminal can be told, and what its player does with its plug. */
export type LineCommand =
  | { kind: "noise"; bytes: number }
  | { kind: "noise-always"; on: boolean }
  | { kind: "silent"; on: boolean }
  | PlugCommand;

/** What concerns its plug, or whoever reads what it tells. */
export type PlugCommand = { kind: "unplug" } | { kind: "replug" } | { kind: "help" } | { kind: "quit" };

/** A device whose line can be disturbed. */
export interface DisturbedLine {
  readonly faults: {
    /** Random bytes before whatever it says. */
    noiseBytes: number;
    /** Says nothing at all. */
    silent: boolean;
  };
  /** Puts random bytes on the line now. */
  sendNoise(bytes: number): void;
}

const NOISE_BYTES = 64;
const MOST_NOISE_BYTES = 4_096;

/** null: none of these. */
export function lineCommand(verb: string, args: readonly string[]): LineCommand | null {
  const [first, second] = args;
  if (second !== undefined) return null;
  switch (verb) {
    case "noise": {
      if (first === "on" || first === "off") return { kind: "noise-always", on: first === "on" };
      const bytes = whole(first ?? String(NOISE_BYTES), 1, MOST_NOISE_BYTES);
      return bytes === null ? null : { kind: "noise", bytes };
    }
    case "silent":
      return first === "on" || first === "off" ? { kind: "silent", on: first === "on" } : null;
    case "unplug":
    case "replug":
    case "help":
    case "quit":
      return first === undefined ? { kind: verb } : null;
  }
  return null;
}

/** What a device itself does at a command; what concerns its plug or whoever reads is given back. */
export function carryOutOnLine(device: DisturbedLine, command: LineCommand): PlugCommand["kind"] | "done" {
  switch (command.kind) {
    case "noise":
      device.sendNoise(command.bytes);
      return "done";
    case "noise-always":
      device.faults.noiseBytes = command.on ? NOISE_BYTES : 0;
      return "done";
    case "silent":
      device.faults.silent = command.on;
      return "done";
    case "unplug":
    case "replug":
    case "help":
    case "quit":
      return command.kind;
  }
}
