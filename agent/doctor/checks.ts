import type { Check } from "./check.ts";
import { CAMERA_CHECKS } from "./checks/camera.ts";
import { CLOCK_CHECKS } from "./checks/clock.ts";
import { DISK_CHECKS } from "./checks/disk.ts";
import { EVIDENCE_CHECKS } from "./checks/evidence.ts";
import { KEEPING_CHECKS } from "./checks/keeping.ts";
import { NETWORK_CHECKS } from "./checks/network.ts";
import { PROGRAM_CHECKS } from "./checks/programs.ts";
import { RECEIVER_CHECKS } from "./checks/receiver.ts";
import { wholeLedger } from "./checks/whole-ledger.ts";
import { WIRE_CHECKS } from "./checks/wires.ts";

/** Every check, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  ...PROGRAM_CHECKS,
  ...KEEPING_CHECKS,
  ...CLOCK_CHECKS,
  ...DISK_CHECKS,
  ...EVIDENCE_CHECKS,
  wholeLedger,
  ...CAMERA_CHECKS,
  ...WIRE_CHECKS,
  ...NETWORK_CHECKS,
  ...RECEIVER_CHECKS,
];
