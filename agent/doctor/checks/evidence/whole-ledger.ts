import { existsSync } from "node:fs";
import { join } from "node:path";
import { deviceVkey, formatVkey } from "../../../../crypto/keys/vkey.ts";
import { verifyDirectory } from "../../../../crypto/ledger/verify/verify-directory.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { parseTrust } from "../../../../crypto/proof/trust.ts";
import { evidenceWords as words } from "../../../cli/text/doctor/evidence.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { type Check, fail, ok, skipped, warn } from "../../check.ts";

/** Reading a full disk takes its time. */
const LIMIT_MS = 4 * 3_600_000;

/** Verifies with the keys that this machine itself trusts: it tells damage, and proves nothing to a court. */
export const wholeLedger: Check = {
  id: "ledger-full",
  name: words.whole,
  why: words.wholeWhy,
  next: words.wholeNext,
  limitMs: LIMIT_MS,
  async run({ config, full }, signal) {
    if (config.role === "receiver") return skipped(examineWords.notThisRole);
    if (!full) return skipped(words.onlyFull);
    if (!existsSync(join(config.dataDir, "ledger.db"))) return warn(words.ledgerEmpty);
    const trust = parseTrust(await trustText(config.dataDir, config.sync), "the configuration");
    const { verdict, problems } = await verifyDirectory({
      dataDir: config.dataDir,
      trust,
      allowPurged: true,
      signal,
    });
    const values = { verdict, count: problems.length };
    // a recording that runs now has no stop yet
    const isRunning = verdict === "incomplete" && problems.every(({ code }) => code === "recording-open");
    return (verdict.startsWith("authentic") || isRunning ? ok : fail)(words.wholeSeen, values);
  },
};

async function trustText(
  dataDir: string,
  sync: { witness: string[]; custody: string[] } | undefined,
): Promise<string> {
  const device = await visitLedger(dataDir, (reader) => [formatVkey(deviceVkey(reader.deviceKey))]);
  const { witness, custody } = sync ?? { witness: [], custody: [] };
  return [
    `quorum = ${witness.length > 0 ? 1 : 0}`,
    `device = ${JSON.stringify(device)}`,
    `witness = ${JSON.stringify(witness)}`,
    `custody = ${JSON.stringify(custody)}`,
  ].join("\n");
}
