import type { Ledgers } from "./ledger/ledgers.ts";

/** What every measurement of one run gets. */
export interface Bench {
  /** A directory of this run alone, on a real disk; removed at its end. */
  workDir: string;
  ledgers: Ledgers;
  /** The long form. */
  full: boolean;
}
