import { join } from "node:path";
import { hasLedger } from "../../../../crypto/ledger/db/ledger-place.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { replicasBelow } from "../../../records/ledger-directories.ts";
import type { Patient } from "../../check.ts";

/** A ledger that the checks look at: a device's own, or a receiver's replica of one. */
export interface VisitedLedger {
  dataDir: string;
  reader: LedgerReader;
}

/** Directories with a ledger of this role: its own, or one for each device. Throws `ledger-forbidden`. */
export function ledgerDirs({ config }: Pick<Patient, "config">): string[] {
  const { role, dataDir } = config;
  return role === "receiver" ? replicasBelow(join(dataDir, "devices")) : [dataDir].filter(hasLedger);
}

/** Looks at each of them, one after the other. */
export async function visitEach<T>(patient: Patient, look: (visited: VisitedLedger) => T): Promise<T[]> {
  const found: T[] = [];
  for (const dataDir of ledgerDirs(patient))
    found.push(await visitLedger(dataDir, (reader) => look({ dataDir, reader })));
  return found;
}
