import type { JieliRecorder } from "../../../drivers/simulator/recorders/jieli.ts";

/** TEST UNIT READY, REQUEST SENSE, INQUIRY. */
const SCSI = [0x00, 0x03, 0x12];
/** docs/recorder-drivers.md; 09, 0A, 0B and 0D are not among them. */
const VENDOR = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x0c, 0x0e];

/** Every command that a JieLi recorder was sent and no driver may send: `0D` reads its password in clear. */
export function trespasses({ commands }: JieliRecorder): string[] {
  return [...commands.keys()]
    .filter((code) => !(code < 0x100 ? SCSI.includes(code) : VENDOR.includes(code - 0x100)))
    .map((code) => (code & 0xff).toString(16).toUpperCase().padStart(2, "0"));
}
