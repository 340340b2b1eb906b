import {
  type BoardBattery,
  BUTTONS,
  type Button,
  CHARGING,
  type Charging,
  POWER_OFF_REASONS,
  type PowerOffReason,
  PRESSES,
  type Press,
} from "../../serial/board/messages/values.ts";
import { among, whole } from "../command-words.ts";
import {
  carryOutOnLine,
  type LineCommand,
  lineCommand,
  type PlugCommand,
} from "../terminal/line-commands.ts";
import type { SimulatedBoard } from "./simulated-board.ts";

/** What a line of a person or a script asks of a simulated board. */
export type BoardCommand =
  | { kind: "press"; button: Button; press: Press }
  | { kind: "battery"; battery: BoardBattery }
  | { kind: "temperature"; tenthsC: number }
  | { kind: "power-off"; secondsLeft: number; reason: PowerOffReason }
  | { kind: "clock"; offsetMs: number; valid: boolean }
  | { kind: "reset" }
  | { kind: "fault"; fault: "wrongChecksums" | "lostAnswers" | "doubledAnswers" | "stalls"; frames: number }
  | LineCommand;

const FAULTS = {
  corrupt: "wrongChecksums",
  lose: "lostAnswers",
  double: "doubledAnswers",
  stall: "stalls",
} as const;

/** null: no command. Words are divided by blanks. */
export function boardCommand(line: string): BoardCommand | null {
  const [verb = "", ...args] = line.trim().split(/\s+/);
  if (args.length > 3) return null;
  const [first, second, third] = args;
  switch (verb) {
    case "press": {
      const button = among(BUTTONS, first);
      const press = among(PRESSES, second ?? "short");
      return button === null || press === null ? null : { kind: "press", button, press };
    }
    case "battery":
      return batteryCommand(first, second ?? "3800", among(CHARGING, third ?? "no"));
    case "temperature": {
      const tenthsC = Math.round(Number(first ?? Number.NaN) * 10);
      return tenthsC >= -1_000 && tenthsC <= 2_000 ? { kind: "temperature", tenthsC } : null;
    }
    case "power-off": {
      const secondsLeft = whole(first, 0, 0xffff);
      const reason = among(POWER_OFF_REASONS, second ?? "switch");
      return secondsLeft === null || reason === null ? null : { kind: "power-off", secondsLeft, reason };
    }
    case "clock": {
      if (first === "invalid") return { kind: "clock", offsetMs: 0, valid: false };
      const seconds = whole(first, -1_000_000_000, 1_000_000_000);
      return seconds === null ? null : { kind: "clock", offsetMs: seconds * 1000, valid: true };
    }
    case "corrupt":
    case "lose":
    case "double":
    case "stall": {
      const frames = whole(first ?? "1", 0, 1_000_000);
      return frames === null ? null : { kind: "fault", fault: FAULTS[verb], frames };
    }
    case "reset":
      return first === undefined ? { kind: verb } : null;
  }
  return lineCommand(verb, args);
}

/** What a board itself does at a command; what concerns its plug or whoever reads is given back. */
export function carryOut(board: SimulatedBoard, command: BoardCommand): PlugCommand["kind"] | "done" {
  switch (command.kind) {
    case "press":
      board.press(command.button, command.press);
      return "done";
    case "battery":
      board.setBattery(command.battery);
      return "done";
    case "temperature":
      board.setTemperature(command.tenthsC);
      return "done";
    case "power-off":
      board.powerOff(command.secondsLeft, command.reason);
      return "done";
    case "clock":
      board.hardware.clock = { offsetMs: command.offsetMs, valid: command.valid };
      return "done";
    case "reset":
      board.reset("power-on");
      return "done";
    case "fault":
      board.faults[command.fault] = command.frames;
      return "done";
    case "noise":
    case "noise-always":
    case "silent":
    case "unplug":
    case "replug":
    case "help":
    case "quit":
      return carryOutOnLine(board, command);
  }
}

function batteryCommand(
  percentText: string | undefined,
  milliVoltsText: string,
  charging: Charging | null,
): BoardCommand | null {
  const percent = percentText === "?" ? null : whole(percentText, 0, 100);
  const milliVolts = whole(milliVoltsText, 0, 0xffff);
  if ((percent === null && percentText !== "?") || milliVolts === null || charging === null) return null;
  return { kind: "battery", battery: { percent, milliVolts, charging } };
}
