import { systemClock } from "../../../../../config/base/clock.ts";
import { LedgerReader } from "../../../../../crypto/ledger/db/reader.ts";
import { type FoundEntry, findEntries, type Page } from "../../../../../crypto/ledger/query/find-entries.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { dataDirOf, type Target } from "../../target.ts";
import { untilStopped } from "../../until-stopped.ts";
import { entryLine, toldEntry } from "./entry-lines.ts";

export interface TailOptions extends Target {
  json?: boolean;
  follow?: boolean;
  limit: number;
}

const LOOK_MS = 500;
const PAGE = 256;

/** Tells the last entries; with `follow` each further one, until SIGINT, SIGTERM, or nobody reads them. */
export async function tail(face: Face, { json, follow, limit, ...target }: TailOptions): Promise<ExitCode> {
  const dataDir = await dataDirOf(face, target);
  const print = (entries: readonly FoundEntry[]) =>
    face.print(
      ...entries.map((entry) => (json === true ? JSON.stringify(toldEntry(entry)) : entryLine(face, entry))),
    );
  if (follow !== true) {
    const last: Page = { before: Number.MAX_SAFE_INTEGER };
    print(await visitLedger(dataDir, (reader) => findEntries(reader, {}, last, limit).entries));
    return 0;
  }
  // not a visitor's copy, which would never grow
  const reader = LedgerReader.open(dataDir);
  try {
    await untilStopped(face, (signal) => followed(reader, limit, print, signal));
  } finally {
    reader.close();
  }
  return 0;
}

async function followed(
  reader: LedgerReader,
  limit: number,
  print: (entries: readonly FoundEntry[]) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let after = Math.max(reader.size() - limit, 0) - 1; !signal.aborted; ) {
    const { entries } = findEntries(reader, {}, { after }, PAGE);
    print(entries);
    after = entries.at(-1)?.seq ?? after;
    if (entries.length < PAGE) await systemClock.sleep(LOOK_MS, signal).catch(() => {});
  }
}
