import { AgentError } from "../../../../../config/base/errors.ts";
import type { LedgerReader } from "../../../../../crypto/ledger/db/reader.ts";
import { type EntryFilter, findEntries, type Page } from "../../../../../crypto/ledger/query/find-entries.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { ledgerWords as say } from "../../../text/evidence/ledger/words.ts";
import { activityBeginning, recordingBeginning } from "../../records/activity/ids.ts";
import { dataDirOf, type Target } from "../../target.ts";
import { entryLine, toldEntry } from "./entry-lines.ts";

export interface ListOptions extends Target {
  json?: boolean;
  type?: string;
  since?: number;
  until?: number;
  rec?: string;
  activity?: string;
  before?: number;
  after?: number;
  limit: number;
}

/** Lists entries that match, the newest last. Throws `misuse` where both ends of the page are named. */
export async function list(face: Face, { json, limit, ...options }: ListOptions): Promise<ExitCode> {
  const { before = Number.MAX_SAFE_INTEGER, after } = options;
  if (options.before !== undefined && after !== undefined)
    throw new AgentError("misuse", "--before, --after", { next: "fulltrace ledger list --before SEQ" });
  const page: Page = after === undefined ? { before } : { after };
  const { size, entries, more } = await visitLedger(await dataDirOf(face, options), (reader) => ({
    size: reader.size(),
    ...findEntries(reader, filterOf(reader, options), page, limit),
  }));
  if (json === true) {
    face.printJson({ size, entries: entries.map(toldEntry), more });
    return 0;
  }
  if (entries.length === 0) face.print(face.say(say.none));
  face.print(...entries.map((entry) => entryLine(face, entry)));
  const next = after === undefined ? `--before ${entries[0]?.seq}` : `--after ${entries.at(-1)?.seq}`;
  if (more) face.tell(face.paint("dim", face.say(say.more, { option: next }), "stderr"));
  return 0;
}

type Wanted = Pick<ListOptions, "type" | "since" | "until" | "rec" | "activity">;

function filterOf(reader: LedgerReader, { type, since, until, rec, activity }: Wanted): EntryFilter {
  return {
    ...(type === undefined ? {} : { type }),
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(until === undefined ? {} : { untilMs: until }),
    ...(rec === undefined ? {} : { rec: recordingBeginning(reader, rec) }),
    ...(activity === undefined ? {} : { activity: activityBeginning(reader, activity) }),
  };
}
