import { keepHeapSmall } from "../../../crypto/ledger/verify/small-heap.ts";
import { verifyDirectory } from "../../../crypto/ledger/verify/verify-directory.ts";
import { readTrust } from "../../../crypto/proof/trust.ts";

/** What is verified, as one JSON argument. */
export interface VerifyOrder {
  dataDir: string;
  trustFile: string;
  trustReceipts: boolean;
  workers: number;
}

/** What it took, as one line of JSON on stdout. */
export interface VerifyUsage {
  verdict: string;
  signatures: { checked: number; skipped: number };
  /** Without the start of Node. */
  wallMs: number;
  /** The whole process with all its threads. */
  cpuMs: number;
  peakMib: number;
}

const { dataDir, trustFile, trustReceipts, workers } = JSON.parse(process.argv[2] ?? "") as VerifyOrder;
// as the command line does
keepHeapSmall();
const trust = readTrust(trustFile);
const start = performance.now();
const { verdict, notes } = await verifyDirectory({ dataDir, trust, trustReceipts, workers });
const wallMs = performance.now() - start;
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const usage: VerifyUsage = {
  verdict,
  signatures: notes.signatures,
  wallMs,
  cpuMs: (userCPUTime + systemCPUTime) / 1000,
  peakMib: maxRSS / 1024,
};
console.log(JSON.stringify(usage));
