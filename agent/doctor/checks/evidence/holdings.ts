import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseBody } from "../../../../crypto/bytes/canonical.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { MediaStore } from "../../../../crypto/media/store.ts";
import { bytesText, durationText } from "../../../cli/face/units.ts";
import { evidenceWords as words } from "../../../cli/text/doctor/evidence.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { type Check, type Finding, fail, ok, type Patient, skipped, warn } from "../../check.ts";

const LIMIT_MS = 20_000;
/** Entries and files that the quick look takes: minutes of a recording. */
const NEWEST = 1_000;
const MAX_READ_BYTES = 16 * 2 ** 20;
/** A backlog that is older than a shift was not taken up at the last docking. */
const OLD_MS = 24 * 3_600_000;

/** Runs over the patient's own ledger; a receiver has none of its own. */
async function onLedger(
  { config }: Patient,
  look: (reader: LedgerReader) => Finding,
  without: Finding = skipped(words.ledgerEmpty),
): Promise<Finding> {
  if (config.role === "receiver") return skipped(examineWords.notThisRole);
  if (!existsSync(join(config.dataDir, "ledger.db"))) return without;
  return await visitLedger(config.dataDir, look);
}

const ledger: Check = {
  id: "ledger",
  name: words.ledger,
  why: words.ledgerWhy,
  next: words.ledgerNext,
  limitMs: LIMIT_MS,
  run(patient) {
    return patient.config.role === "receiver"
      ? replicas(patient)
      : onLedger(patient, chained, warn(words.ledgerEmpty));
  },
};

/** The newest entries name each the one before by its leaf. */
function chained(reader: LedgerReader): Finding {
  const size = reader.size();
  const first = Math.max(0, size - NEWEST);
  let count = 0;
  let previous: string | null = null;
  for (const { seq, body, leaf } of reader.entries(first, NEWEST, MAX_READ_BYTES)) {
    const { prev } = parseBody(body);
    if (previous !== null && prev !== previous) return fail(words.ledgerBroken, { seq });
    previous = leaf.toString("hex");
    count++;
  }
  return ok(words.ledgerSeen, { size, count });
}

async function replicas({ config }: Patient): Promise<Finding> {
  const folder = join(config.dataDir, "devices");
  const devices = existsSync(folder) ? readdirSync(folder) : [];
  let size = 0;
  for (const dev of devices) size += await visitLedger(join(folder, dev), (reader) => reader.size());
  return ok(words.ledgers, { count: devices.length, size });
}

const media: Check = {
  id: "media",
  name: words.media,
  why: words.mediaWhy,
  next: words.mediaNext,
  limitMs: LIMIT_MS,
  run: (patient) =>
    onLedger(patient, (reader) => {
      const store = new MediaStore(patient.config.dataDir);
      const rows = reader.media.within(0, reader.size(), "newest", NEWEST).filter(({ purged }) => !purged);
      const missing = rows.filter(({ digest, bytes }) => store.bytes(digest) !== bytes).length;
      const count = rows.length;
      return missing === 0 ? ok(words.mediaSeen, { count }) : fail(words.mediaMissing, { missing, count });
    }),
};

const agent: Check = {
  id: "agent",
  name: words.agent,
  why: words.agentWhy,
  next: words.agentNext,
  limitMs: LIMIT_MS,
  run({ live, silence }) {
    if (silence !== null) return fail(words.agentSilent, { code: silence });
    if (live === null) return warn(examineWords.noAgent);
    return ok(words.agentSeen, { pid: live.pid, version: live.agent });
  },
};

const alarms: Check = {
  id: "alarms",
  name: words.alarms,
  why: words.alarmsWhy,
  next: words.alarmsNext,
  limitMs: LIMIT_MS,
  run({ live }) {
    if (live === null) return skipped(examineWords.noAgent);
    if (live.alarms.length === 0) return ok(words.alarmsNone);
    return fail(words.alarmsSeen, { codes: live.alarms.map(({ code }) => code).join(", ") });
  },
};

const backlog: Check = {
  id: "backlog",
  name: words.backlog,
  why: words.backlogWhy,
  next: words.backlogNext,
  limitMs: LIMIT_MS,
  run({ live }) {
    if (live === null) return skipped(examineWords.noAgent);
    if (live.sync === undefined) return skipped(examineWords.notConfigured);
    const { backlog_entries: entries, backlog_bytes: bytes, oldest_ms: oldest } = live.sync;
    // entries go before their media
    if (entries === 0 && bytes === 0) return ok(words.backlogNone);
    const values = { entries, bytes: bytesText(bytes), age: durationText(oldest) };
    return (oldest > OLD_MS ? warn : ok)(words.backlogSeen, values);
  },
};

const receipt: Check = {
  id: "receipt",
  name: words.receipt,
  why: words.receiptWhy,
  next: words.receiptNext,
  limitMs: LIMIT_MS,
  run(patient) {
    const { config } = patient;
    if (config.role !== "receiver" && config.sync === undefined) return skipped(examineWords.notConfigured);
    return onLedger(patient, (reader) => {
      const [seq, size] = [reader.receipts.newestNamed(), reader.size()];
      const hasMedia = reader.media.within(0, size, "oldest", 1).length > 0;
      if (seq < 0) return (hasMedia ? warn : ok)(words.receiptNone, { size });
      const { size: covered } = reader.body(seq);
      return ok(words.receiptSeen, { seq, size, covered: Number(covered) });
    });
  },
};

export const HOLDING_CHECKS: readonly Check[] = [agent, alarms, ledger, media, backlog, receipt];
