import type { Check } from "./check.ts";
import { AGENT_CHECKS } from "./checks/evidence/agent.ts";
import { HANDOVER_CHECKS } from "./checks/evidence/handed-over.ts";
import { HOLDING_CHECKS } from "./checks/evidence/holdings.ts";
import { wholeLedger } from "./checks/evidence/whole-ledger.ts";
import { CAMERA_CHECKS } from "./checks/hardware/camera.ts";
import { ENCODING_CHECKS } from "./checks/hardware/encoding.ts";
import { USB_CHECKS } from "./checks/hardware/usb.ts";
import { WIRE_CHECKS } from "./checks/hardware/wires.ts";
import { CLOCK_CHECKS } from "./checks/machine/clock.ts";
import { DISK_CHECKS } from "./checks/machine/disk.ts";
import { KEEPING_CHECKS } from "./checks/machine/keeping.ts";
import { PROGRAM_CHECKS } from "./checks/machine/programs.ts";
import { ownCertificate } from "./checks/network/own-certificate.ts";
import { RECEIVER_CHECKS } from "./checks/network/receiver.ts";
import { WAY_CHECKS } from "./checks/network/way.ts";

/** Every check, in the order in which they are told. */
export const CHECKS: readonly Check[] = [
  ...PROGRAM_CHECKS,
  ...KEEPING_CHECKS,
  ...CLOCK_CHECKS,
  ...DISK_CHECKS,
  ...AGENT_CHECKS,
  ...HOLDING_CHECKS,
  ...HANDOVER_CHECKS,
  wholeLedger,
  ...ENCODING_CHECKS,
  ...CAMERA_CHECKS,
  ...USB_CHECKS,
  ...WIRE_CHECKS,
  ...WAY_CHECKS,
  ownCertificate,
  ...RECEIVER_CHECKS,
];
