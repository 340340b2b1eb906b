import { AgentError } from "../../../config/base/errors.ts";

/**
 * The two wrappers of USB Mass Storage Bulk-Only Transport 1.0: a command goes out in a CBW (§5.1), and its
 * status comes back in a CSW (§5.2). All numbers are little-endian.
 */

export const CBW_BYTES = 31;
export const CSW_BYTES = 13;
export const CBW_SIGNATURE = 0x43425355;
export const CSW_SIGNATURE = 0x53425355;
/** The longest command that fits into a CBW. */
export const MAX_COMMAND_BYTES = 16;

export type DataDirection = "in" | "out";

export interface CommandWrapper {
  tag: number;
  /** Of the data phase; 0: there is none. */
  dataBytes: number;
  direction: DataDirection;
  command: Uint8Array;
}

export type CommandStatus = "passed" | "failed" | "phase-error";

export interface StatusWrapper {
  status: CommandStatus;
  /** How many bytes of the data phase the device did not process (§5.2). */
  residue: number;
}

const STATUSES: readonly CommandStatus[] = ["passed", "failed", "phase-error"];

export function commandWrapper({ tag, dataBytes, direction, command }: CommandWrapper): Buffer {
  const bytes = Buffer.alloc(CBW_BYTES);
  bytes.writeUInt32LE(CBW_SIGNATURE, 0);
  bytes.writeUInt32LE(tag, 4);
  bytes.writeUInt32LE(dataBytes, 8);
  bytes.writeUInt8(direction === "in" ? 0x80 : 0, 12);
  bytes.writeUInt8(command.length, 14);
  bytes.set(command, 15);
  return bytes;
}

/**
 * A CSW that is valid and meaningful (§6.3) for `tag` and a data phase of `dataBytes`. Throws `recorder-answer`
 * with what is wrong.
 */
export function parseStatusWrapper(received: Uint8Array, tag: number, dataBytes: number): StatusWrapper {
  const bytes = Buffer.from(received.buffer, received.byteOffset, received.length);
  if (bytes.length !== CSW_BYTES) throw new AgentError("recorder-answer", `status of ${bytes.length} bytes`);
  if (bytes.readUInt32LE(0) !== CSW_SIGNATURE) throw new AgentError("recorder-answer", "status signature");
  if (bytes.readUInt32LE(4) !== tag) throw new AgentError("recorder-answer", "status of another command");
  const status = STATUSES[bytes.readUInt8(12)];
  if (status === undefined) throw new AgentError("recorder-answer", `status ${bytes.readUInt8(12)}`);
  const residue = bytes.readUInt32LE(8);
  // after a phase error the residue means nothing
  if (status !== "phase-error" && residue > dataBytes)
    throw new AgentError("recorder-answer", `residue ${residue} of ${dataBytes}`);
  return { status, residue };
}
