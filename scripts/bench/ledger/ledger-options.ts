import type { LedgerOptions } from "../../../crypto/ledger/writer/options.ts";

/** What the writer of a benchmark's ledger is told; no one's receipts or cosignatures count. */
export function ledgerOptions(dataDir: string): LedgerOptions {
  return {
    dataDir,
    identity: { role: "recorder", model: "bench", serial: "bench", chunk_ms: 2000, heartbeat_ms: 60_000 },
    agentVersion: "bench",
    configDigest: "0".repeat(64),
    checkpointMs: 10_000,
    keepFreeBytes: 0,
    custody: [],
    witnesses: [],
    recipients: [],
  };
}
