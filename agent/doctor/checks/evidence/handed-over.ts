import { systemClock } from "../../../../config/base/clock.ts";
import type { DeviceConfig } from "../../../../config/schema.ts";
import { parseVkey } from "../../../../crypto/keys/vkey.ts";
import type { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { coverageOf } from "../../../../crypto/ledger/pinned-receipts.ts";
import { bytesText, durationText, momentText } from "../../../cli/face/units.ts";
import { evidenceWords as words } from "../../../cli/text/doctor/evidence.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { type Check, type Finding, fail, ok, type Patient, skipped, warn } from "../../check.ts";
import { visitEach } from "./ledgers.ts";

const LIMIT_MS = 20_000;
/** A backlog that is older than a shift was not taken up at the last docking. */
const OLD_MS = 24 * 3_600_000;

/** Runs over the ledger of a device that hands it over to somebody. */
async function asSender(
  patient: Patient,
  look: (reader: LedgerReader, config: DeviceConfig) => Finding,
): Promise<Finding> {
  const { config } = patient;
  if (config.role === "receiver") return skipped(examineWords.notThisRole);
  if (config.sync === undefined) return skipped(examineWords.notConfigured);
  const [found] = await visitEach(patient, ({ reader }) => look(reader, config));
  return found ?? skipped(words.ledgerEmpty);
}

const backlog: Check = {
  id: "backlog",
  name: words.backlog,
  why: words.backlogWhy,
  next: words.backlogNext,
  limitMs: LIMIT_MS,
  run(patient) {
    const { live } = patient;
    if (live?.sync !== undefined) {
      const { backlog_entries: entries, backlog_bytes: bytes, oldest_ms: oldestMs } = live.sync;
      return backlogFinding({ entries, bytes, oldestMs });
    }
    return asSender(patient, (reader, config) => backlogFinding(unreceipted(reader, config)));
  },
};

interface Backlog {
  entries: number;
  bytes: number;
  oldestMs: number;
}

function backlogFinding({ entries, bytes, oldestMs }: Backlog): Finding {
  // entries go before their media
  if (entries === 0 && bytes === 0) return ok(words.backlogNone);
  const values = { entries, bytes: bytesText(bytes), age: durationText(oldestMs) };
  return (oldestMs > OLD_MS ? warn : ok)(words.backlogSeen, values);
}

/** What no receipt of a pinned key covers: more may be there, and nobody has signed for it. */
function unreceipted(reader: LedgerReader, config: DeviceConfig): Backlog {
  const size = reader.size();
  const covered = coverageOf(reader, (config.sync?.custody ?? []).map(parseVkey));
  const { bytes, firstSeq } = reader.media.sumWithin(covered.media.missing(0, size));
  const first = Math.min(covered.size < size ? covered.size : Infinity, firstSeq ?? Infinity);
  return { entries: size - covered.size, bytes, oldestMs: first === Infinity ? 0 : ageMs(reader, first) };
}

/** How long ago an entry was made, as its own clock and this one tell. */
function ageMs(reader: LedgerReader, seq: number): number {
  return Math.max(0, systemClock.utcMs() - writtenMs(reader, seq));
}

function writtenMs(reader: LedgerReader, seq: number): number {
  return (reader.body(seq).t as { utc_ms: number }).utc_ms;
}

const receipt: Check = {
  id: "receipt",
  name: words.receipt,
  why: words.receiptWhy,
  next: words.receiptNext,
  limitMs: LIMIT_MS,
  run: (patient) =>
    asSender(patient, (reader) => {
      const [seq, size] = [reader.receipts.newestNamed(), reader.size()];
      const [media] = reader.media.within(0, size, "oldest", 1);
      if (seq < 0) {
        if (media === undefined) return ok(words.receiptNone, { size });
        return (ageMs(reader, media.seq) > OLD_MS ? fail : warn)(words.receiptNone, { size });
      }
      const values = {
        seq,
        size,
        covered: Number(reader.body(seq).size),
        time: momentText(writtenMs(reader, seq)),
        age: durationText(ageMs(reader, seq)),
      };
      // with nothing new to sign for, the last receipt may be of any age
      const hasMore = reader.media.within(seq, size, "oldest", 1).length > 0;
      return (hasMore && ageMs(reader, seq) > OLD_MS ? warn : ok)(words.receiptSeen, values);
    }),
};

export const HANDOVER_CHECKS: readonly Check[] = [backlog, receipt];
