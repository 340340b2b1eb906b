import type { UsbFault } from "../../usb/virtual/faults.ts";
import { whole } from "../command-words.ts";
import type { RecorderFault } from "../recorders/by-make.ts";
import type { RecorderInPort } from "./recorder-in-port.ts";

/** What a line of a person or a script asks of a simulated recorder. */
export type RecorderCommand = RecorderAct | { kind: "help" } | { kind: "quit" };

/** What a recorder itself does. */
export type RecorderAct =
  | { kind: "unplug" }
  /** Null: where it was. */
  | { kind: "replug"; port: string | null }
  | { kind: "cable"; fault: UsbFault }
  | { kind: "fault"; fault: RecorderFault }
  | { kind: "clock"; errorMs: number }
  | { kind: "battery"; percent: number }
  | { kind: "heal" };

/** What a line asks of a rack; recorders are counted from 1. */
export type RackCommand =
  | { kind: "list" }
  | { kind: "help" }
  | { kind: "quit" }
  | { kind: "recorder"; number: number; command: RecorderAct };

const MOST_BYTES = 2 ** 32;
const MOST_SECONDS = 1_000_000_000;

/** null: no command. Words are divided by blanks. */
export function recorderCommand(line: string): RecorderCommand | null {
  const [verb = "", first, second, third] = line.trim().split(/\s+/);
  if (third !== undefined) return null;
  if (second !== undefined) return verb === "noise" ? noise(first, second) : null;
  switch (verb) {
    case "unplug-at":
    case "stall-at": {
      const atByte = whole(first, 0, MOST_BYTES);
      const kind = verb === "stall-at" ? "stall" : "unplug";
      return atByte === null ? null : { kind: "cable", fault: { kind, atByte } };
    }
    case "slow": {
      const delayMs = whole(first, 0, 60_000);
      return delayMs === null ? null : { kind: "cable", fault: { kind: "delay", delayMs } };
    }
    case "lie": {
      const bytes = whole(first, -MOST_BYTES, MOST_BYTES);
      return bytes === null ? null : { kind: "fault", fault: { kind: "lie", bytes } };
    }
    case "clock": {
      const seconds = whole(first, -MOST_SECONDS, MOST_SECONDS);
      return seconds === null ? null : { kind: "clock", errorMs: seconds * 1000 };
    }
    case "battery": {
      const percent = whole(first, 0, 100);
      return percent === null ? null : { kind: "battery", percent };
    }
    case "replug":
      return { kind: "replug", port: first ?? null };
    case "silent":
    case "full-card":
      return first === undefined ? { kind: "fault", fault: { kind: verb } } : null;
    case "unplug":
    case "heal":
    case "help":
    case "quit":
      return first === undefined ? { kind: verb } : null;
  }
  return null;
}

/** null: no command, or none of these `recorders`. */
export function rackCommand(line: string, recorders: number): RackCommand | null {
  const [verb = "", first, second, ...more] = line.trim().split(/\s+/);
  switch (verb) {
    case "list":
    case "help":
    case "quit":
      return first === undefined ? { kind: verb } : null;
    case "take":
    case "put": {
      const number = whole(first, 1, recorders);
      if (number === null || more.length > 0 || (verb === "take" && second !== undefined)) return null;
      const command = verb === "take" ? ({ kind: "unplug" } as const) : replug(second);
      return { kind: "recorder", number, command };
    }
  }
  const number = whole(verb, 1, recorders);
  const command = recorderCommand(line.trim().slice(verb.length));
  if (number === null || command === null || command.kind === "help" || command.kind === "quit") return null;
  return { kind: "recorder", number, command };
}

/** What became of a command: done, or why not. */
export type Outcome = "done" | "not-of-this-make" | "out";

/** What a recorder itself does at a command. Throws what `plug` throws. */
export async function carryOut(recorder: RecorderInPort, command: RecorderAct): Promise<Outcome> {
  switch (command.kind) {
    case "unplug":
      await recorder.unplug();
      return "done";
    case "replug":
      await recorder.unplug();
      await recorder.plug(command.port ?? recorder.port);
      return "done";
    case "cable":
      return outcome(recorder, () => recorder.faultCable(command.fault));
    case "fault":
      return outcome(recorder, () => recorder.fault(command.fault));
    case "clock":
      return recorder.setClock(command.errorMs) ? "done" : "not-of-this-make";
    case "battery":
      return recorder.setBattery(command.percent) ? "done" : "not-of-this-make";
    case "heal":
      recorder.heal();
      return "done";
  }
}

function outcome(recorder: RecorderInPort, act: () => boolean): Outcome {
  if (!recorder.isPlugged) return "out";
  return act() ? "done" : "not-of-this-make";
}

function noise(first: string | undefined, second: string): RecorderCommand | null {
  const atByte = whole(first, 0, MOST_BYTES);
  const count = whole(second, 1, MOST_BYTES);
  return atByte === null || count === null
    ? null
    : { kind: "cable", fault: { kind: "garbage", atByte, count } };
}

function replug(port: string | undefined): RecorderAct {
  return { kind: "replug", port: port ?? null };
}
