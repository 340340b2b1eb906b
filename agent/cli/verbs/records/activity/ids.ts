import { AgentError } from "../../../../../config/base/errors.ts";
import type { OtherLedger } from "../../../../../crypto/entry/activity-types.ts";
import type { LedgerReader } from "../../../../../crypto/ledger/db/reader.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import { readActivity } from "../../../../records/activity/activity-record.ts";
import { startOf, visitOther } from "../../../../records/activity/other-ledgers.ts";
import type { Face } from "../../../face/face.ts";
import { dataDirOf, type Target } from "../../target.ts";

const WHOLE_ID = 36;

/** The activity whose id begins with `start`. Throws `activity-unknown` or `activity-ambiguous`. */
export async function idOf(face: Face, target: Target, start: string): Promise<string> {
  if (start.length === WHOLE_ID) return start;
  return await visitLedger(await dataDirOf(face, target), (reader) => activityBeginning(reader, start));
}

export function activityBeginning(reader: LedgerReader, start: string): string {
  const [found, another] = reader.activities.beginningWith(start.toLowerCase(), 2);
  if (found === undefined) throw new AgentError("activity-unknown", start);
  if (another !== undefined) throw new AgentError("activity-ambiguous", start);
  return found.activity;
}

/** The recording whose id begins with `start`. Throws `recording-unknown` or `recording-ambiguous`. */
export async function recordingOf(face: Face, target: Target, start: string): Promise<string> {
  if (start.length === WHOLE_ID) return start;
  return await visitLedger(await dataDirOf(face, target), (reader) => recordingBeginning(reader, start));
}

/** The one of the activity's recordings whose id begins with `start`. Throws `activity-unknown`, `recording-not-linked` or `recording-ambiguous`. */
export async function linkedBeginning(
  face: Face,
  target: Target,
  activity: string,
  start: string,
): Promise<string> {
  const beginning = start.toLowerCase();
  return await visitLedger(await dataDirOf(face, target), (reader) => {
    const record = readActivity(reader, activity);
    if (record === null) throw new AgentError("activity-unknown", activity);
    const [found, another] = record.recordings.filter(({ rec }) => rec.startsWith(beginning));
    if (found === undefined) throw new AgentError("recording-not-linked", start);
    if (another !== undefined) throw new AgentError("recording-ambiguous", start);
    return found.rec;
  });
}

export function recordingBeginning(reader: LedgerReader, start: string): string {
  const [found, another] = reader.recordings.beginningWith(start.toLowerCase(), 2);
  if (found === undefined) throw new AgentError("recording-unknown", start);
  if (another !== undefined) throw new AgentError("recording-ambiguous", start);
  return found;
}

/**
 * The recording meant, and the other device's ledger that it stands in where `dev` names one: with its place
 * there if that ledger is at hand. Throws as `recordingOf`, and `ledger-missing` where `also` was to have it; without
 * that, one that is not at hand needs the whole id.
 */
export async function linkedOf(
  face: Face,
  target: Target & { dev?: string; also?: string },
  start: string,
): Promise<{ rec: string; ledger?: OtherLedger | undefined }> {
  const { dev, also } = target;
  if (dev === undefined) return { rec: await recordingOf(face, target, start) };
  const found = await visitOther(dev, await dataDirOf(face, target), also, (reader) => {
    const rec = recordingBeginning(reader, start);
    return { rec, ledger: startOf(reader, rec) ?? { dev } };
  });
  if (found !== null) return found;
  if (also !== undefined) throw new AgentError("ledger-missing", `${also}: of ${dev}`);
  if (start.length !== WHOLE_ID) throw new AgentError("recording-unknown", `${start} of ${dev}`);
  return { rec: start.toLowerCase(), ledger: { dev } };
}
