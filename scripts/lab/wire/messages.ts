/**
 * What the host and its virtual machine tell each other: one JSON object a line, over TCP. The runner in
 * the machine keeps one connection; a test opens one for each question and is answered on it.
 */

/** From the host to the runner. */
export type Order =
  | { kind: "run"; id: number; file: string; timeoutMs: number; env: Record<string, string> }
  | { kind: "power-off" };

/** From the runner. */
export type RunnerWord =
  | { kind: "up"; kernel: string; node: string; uptimeS: number }
  | { kind: "output"; id: number; text: string }
  | { kind: "ended"; id: number; code: number; tally: unknown };

/** From a test to the host. */
export type Question =
  | { kind: "unplug"; device: LabDevice }
  | { kind: "plug"; device: LabDevice }
  /** A measured figure for the table, where the host judges it. */
  | { kind: "measured"; measurement: LabMeasurement }
  /** What the far end of the serial line does from now on. */
  | { kind: "line"; does: LineEnd }
  /** The record button of the control board, pressed. */
  | { kind: "press" };

export type Answer = { ok: true } | { ok: false; error: string };

/** The devices of the machine that can be pulled out. */
export const LAB_DEVICES = ["mtp", "stick", "ftdi"] as const;
export type LabDevice = (typeof LAB_DEVICES)[number];

/** What stands at the far end of the serial line: something that repeats every byte, or a control board. */
export type LineEnd = "echo" | "board";

export interface LabMeasurement {
  name: string;
  value: number;
  unit: string;
  /** Of the program it is compared with, in the same machine. */
  yardstick: number;
  /** Goal on `value / yardstick`. */
  atLeast: number;
  seconds: number;
}

/** A file that the host has put on a device, for the tests to find whole. */
export interface LabFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** What the host has plugged in; the tests get it as JSON in `LAB_HARDWARE`. */
export interface LabHardware {
  /** In the folder behind the MTP device. */
  mtp: LabFile[];
  /** Size of the empty disk behind the storage device. */
  stickBytes: number;
}
