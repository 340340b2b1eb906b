import type { AgentError } from "../../../config/base/errors.ts";

/**
 * One open serial port, from its opening to its end. Nothing outlives it: what was not written when it ended
 * is never written.
 *
 * | code | meaning |
 * |---|---|
 * | `serial-missing` | nothing is plugged in at the path |
 * | `serial-access` | no permission to open it |
 * | `serial-busy` | another process holds it |
 * | `serial-failed` | it cannot be opened |
 * | `serial-gone` | unplugged, or the driver gave it up |
 * | `serial-stuck` | what was written does not leave |
 * | `serial-closed` | closed by us |
 */
export interface SerialPort {
  readonly path: string;
  /** Resolves with the reason when the port has ended; never rejects. */
  readonly ended: Promise<AgentError>;
  /**
   * Bytes are held by the system until this is called, once; only from then on an unplug is noticed. The handler
   * must not throw, nor keep the bytes.
   */
  deliverTo(handler: (bytes: Uint8Array) => void): void;
  /**
   * Resolves when the system has taken the bytes. Throws the reason of the end where the port has ended, and
   * `serial-stuck`, which ends it, when they are not taken in time.
   */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the port with `reason`, else `serial-closed`; resolves when it is closed, soon in any case. */
  close(reason?: AgentError): Promise<void>;
}

/** Opens a port once. Throws an AgentError of the table above, or the signal's reason. */
export type OpenSerialPort = (signal: AbortSignal) => Promise<SerialPort>;
