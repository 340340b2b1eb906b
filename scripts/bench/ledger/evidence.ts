import { systemClock } from "../../../config/base/clock.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { EvidenceStore } from "../../../crypto/ledger/writer/evidence-store.ts";
import { ledgerOptions } from "./ledger-options.ts";

/** The evidence writer itself, on this thread. */
export function openEvidence(dataDir: string): EvidenceStore {
  return EvidenceStore.open(ledgerOptions(dataDir), { clock: systemClock, random: systemRandom });
}
