import type { Config } from "../../../../config/schema.ts";
import { deviceVkey, formatVkey } from "../../../../crypto/keys/vkey.ts";
import { verifyDirectory } from "../../../../crypto/ledger/verify/verify-directory.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { parseTrust, type Trust } from "../../../../crypto/proof/trust.ts";
import { evidenceWords as words } from "../../../cli/text/doctor/evidence.ts";
import { ownVkey } from "../../../own-keys.ts";
import { type Check, type CheckStatus, fail, ok, skipped, warn } from "../../check.ts";
import { ledgerDirs } from "./ledgers.ts";

/** Reading a full disk takes its time. */
const LIMIT_MS = 4 * 3_600_000;

/** Verifies with the keys that this machine itself trusts: it tells damage, and proves nothing to a court. */
export const wholeLedger: Check = {
  id: "ledger-full",
  name: words.whole,
  why: words.wholeWhy,
  next: words.wholeNext,
  limitMs: LIMIT_MS,
  async run(patient, signal) {
    if (!patient.full) return skipped(words.onlyFull);
    const dirs = ledgerDirs(patient);
    if (dirs.length === 0) return { ...warn(words.ledgerEmpty), next: words.ledgerStart };
    let worst: Looked | null = null;
    for (const dataDir of dirs) {
      const looked = await look(dataDir, patient.config, signal);
      if (worst === null || RANK[looked.status] > RANK[worst.status]) worst = looked;
    }
    const { status, verdict, count } = worst as Looked;
    const values = { verdict, count, ledgers: dirs.length };
    return { ok, warn, fail }[status](words.wholeSeen, values);
  },
};

interface Looked {
  status: Exclude<CheckStatus, "skipped">;
  verdict: string;
  /** Problems. */
  count: number;
}

const RANK = { ok: 0, warn: 1, fail: 2 } as const;

async function look(dataDir: string, config: Config, signal: AbortSignal): Promise<Looked> {
  const trust = await trustIn(dataDir, config);
  const { verdict, problems } = await verifyDirectory({ dataDir, trust, allowPurged: true, signal });
  const told = { verdict, count: problems.length };
  if (verdict.startsWith("authentic")) return { status: "ok", ...told };
  if (verdict !== "incomplete") return { status: "fail", ...told };
  // a recording that runs now has no stop yet
  if (problems.every(({ code }) => code === "recording-open")) return { status: "ok", ...told };
  // what a replica lacks may be on its way
  return { status: config.role === "receiver" ? "warn" : "fail", ...told };
}

async function trustIn(dataDir: string, config: Config): Promise<Trust> {
  const device = await visitLedger(dataDir, (reader) => [formatVkey(deviceVkey(reader.deviceKey))]);
  const { witness, custody } = pinnedBy(config);
  const lines = [
    `quorum = ${witness.length > 0 ? 1 : 0}`,
    `device = ${JSON.stringify(device)}`,
    `witness = ${JSON.stringify(witness)}`,
    `custody = ${JSON.stringify(custody)}`,
  ];
  return parseTrust(lines.join("\n"), "the configuration");
}

/** A receiver is itself the witness and the custodian of what it holds. */
function pinnedBy(config: Config): { witness: string[]; custody: string[] } {
  if (config.role === "receiver")
    return { witness: [ownVkey(config, "witness")], custody: [ownVkey(config, "custody")] };
  return config.sync ?? { witness: [], custody: [] };
}
