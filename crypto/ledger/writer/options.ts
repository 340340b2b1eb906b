import type { Identity } from "./appender.ts";

/** What the writer thread needs to know: plain data, since it crosses into the thread. */
export interface LedgerOptions {
  /** Holds `ledger.db`, `media/`, `partial/` and `keys/device.key`. */
  dataDir: string;
  /** Own fields of genesis; used only when the ledger begins. */
  identity: Identity;
  /** Version of the agent, for `device.boot`. */
  agentVersion: string;
  /** Hex digest of the configuration, for `device.boot`. */
  configDigest: string;
  /** Longest time between checkpoints while entries are being added. */
  checkpointMs: number;
  /** Media is refused with `disk-full` rather than leave fewer bytes than this. */
  keepFreeBytes: number;
  /** Vkeys whose receipts count. */
  custody: readonly string[];
  /** Vkeys whose cosignatures count. */
  witnesses: readonly string[];
  /** age recipients that media is sealed to; empty stores it plain. */
  recipients: readonly string[];
}
