import { AgentError } from "../../../../../config/base/errors.ts";
import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import {
  type ActivityRecord,
  readActivity,
  toldStatement,
} from "../../../../records/activity/activity-record.ts";
import { type Overlap, overlapsOf } from "../../../../records/activity/overlaps.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { left, pairs, right, table } from "../../../face/table.ts";
import { bytesText, momentText } from "../../../face/units.ts";
import { activityWords as say } from "../../../text/records/activity.ts";
import { dataDirOf, type Target } from "../../target.ts";
import { activityBeginning } from "./ids.ts";

/** One line of the story. */
interface Event {
  seq: number;
  utcMs: number;
  what: string;
  stage: string;
  text: string;
}

/** Shows one activity: what it is, then everything that was said, attached and recorded, in order. */
export async function show(
  face: Face,
  start: string,
  { json, ...target }: Target & { json?: boolean },
): Promise<ExitCode> {
  const { record, overlaps } = await visitLedger(await dataDirOf(face, target), (reader) => {
    const found = readActivity(reader, activityBeginning(reader, start));
    if (found === null) throw new AgentError("activity-unknown", start);
    return { record: found, overlaps: overlapsOf(reader, found) };
  });
  if (json === true) face.printJson(objectOf(record, overlaps));
  else face.print(...head(face, record), "", ...story(face, record), ...suggestions(face, record, overlaps));
  return 0;
}

function objectOf(record: ActivityRecord, overlaps: readonly Overlap[]): object {
  const { activity, open, documents, notes, disputes, recordings, unlinked, close } = record;
  return {
    activity,
    opened_ms: open.utcMs,
    kind: open.kind,
    title: open.title,
    ...(open.place === undefined ? {} : { place: open.place }),
    officers: open.officers,
    ...(open.case_no === undefined ? {} : { case_no: open.case_no }),
    ...(open.template === undefined ? {} : { template: open.template }),
    ...(open.template_digest === undefined ? {} : { template_digest: open.template_digest }),
    documents: documents.map(({ seq, utcMs, stage, name, mime, digest, bytes, answers, by }) => ({
      seq,
      utc_ms: utcMs,
      stage,
      name,
      mime,
      digest,
      bytes,
      ...(answers === undefined ? {} : { answers }),
      ...(by === undefined ? {} : { by }),
    })),
    notes: notes.map(toldStatement),
    disputes: disputes.map(toldStatement),
    recordings: recordings.map(({ rec, seq, basis, stages, ledger }) => ({
      rec,
      seq,
      basis,
      stages,
      ...(ledger === null ? {} : { ledger }),
    })),
    unlinked: unlinked.map(({ rec, seq, reason }) => ({ rec, seq, reason })),
    overlaps: overlaps.map(({ rec, startedMs, endedMs, wearer }) => ({
      rec,
      started_ms: startedMs,
      ...(endedMs === null ? {} : { ended_ms: endedMs }),
      ...(wearer === null ? {} : { wearer }),
    })),
    ...(close === null
      ? {}
      : {
          closed: {
            seq: close.seq,
            utc_ms: close.utcMs,
            outcome: close.outcome,
            ...(close.missing === undefined ? {} : { missing: close.missing }),
            ...(close.reason === undefined ? {} : { reason: close.reason }),
          },
        }),
  };
}

function head(face: Face, { activity, open }: ActivityRecord): string[] {
  const optional = (name: string, value: string | undefined): [string, string][] =>
    value === undefined || value === "" ? [] : [[name, value]];
  return pairs([
    [face.say(say.activity), activity],
    [face.say(say.title), open.title],
    [face.say(say.kind), open.kind],
    ...optional(face.say(say.place), open.place),
    ...optional(face.say(say.officers), open.officers.join(", ")),
    ...optional(face.say(say.caseNo), open.case_no),
    ...optional(face.say(say.template), open.template),
    [face.say(say.moment), momentText(open.utcMs)],
  ]);
}

function story(face: Face, record: ActivityRecord): string[] {
  const { documents, notes, disputes, recordings, unlinked, close } = record;
  const correctedBy = new Map(
    notes.flatMap(({ corrects, seq }) => (corrects === undefined ? [] : [[corrects, seq]])),
  );
  const put = (seq: number) => {
    const by = correctedBy.get(seq);
    return by === undefined ? "" : ` (${face.say(say.corrected, { seq: by })})`;
  };
  const events: Event[] = [
    ...documents.map(({ seq, utcMs, stage, name, bytes }) => ({
      seq,
      utcMs,
      stage,
      what: face.say(say.document),
      text: `${name}, ${bytesText(bytes)}${put(seq)}`,
    })),
    ...notes.map(({ seq, utcMs, stage = "", text, corrects }) => ({
      seq,
      utcMs,
      stage,
      what: corrects === undefined ? face.say(say.note) : face.say(say.correction, { seq: corrects }),
      text: `${text}${put(seq)}`,
    })),
    ...disputes.map(({ seq, utcMs, text }) => ({
      seq,
      utcMs,
      stage: "",
      what: face.say(say.dispute),
      text: `${text}${put(seq)}`,
    })),
    ...recordings.map(({ seq, utcMs, rec, basis, stages, ledger }) => ({
      seq,
      utcMs,
      stage: stages.join(", "),
      what: face.say(say.recording),
      text: `${rec}, ${face.say(say[basis])}${ledger === null ? "" : ` (${face.say(say.elsewhere, { dev: ledger.dev })})`}`,
    })),
    ...unlinked.map(({ seq, utcMs, rec, reason }) => ({
      seq,
      utcMs,
      stage: "",
      what: face.say(say.recording),
      text: `${rec}, ${face.say(say.unlinked, { reason })}`,
    })),
  ];
  if (close !== null) {
    const although =
      close.reason === undefined ? "" : `, ${face.say(say.closedAlthough, { reason: close.reason })}`;
    const { seq, utcMs, outcome } = close;
    events.push({ seq, utcMs, stage: "", what: face.say(say.close), text: `${outcome}${although}` });
  }
  events.sort((a, b) => a.seq - b.seq);
  return table(
    [
      right(face.say(say.entry)),
      left(face.say(say.opened)),
      left(face.say(say.what)),
      left(face.say(say.stage)),
      left(face.say(say.text)),
    ],
    events.map(({ seq, utcMs, what, stage, text }) => [String(seq), momentText(utcMs), what, stage, text]),
  );
}

function suggestions(face: Face, { activity }: ActivityRecord, overlaps: readonly Overlap[]): string[] {
  if (overlaps.length === 0) return [];
  return [
    "",
    face.say(say.suggestion, { activity: activity.slice(0, 8) }),
    ...overlaps.map(({ rec, startedMs, wearer }) =>
      `  ${rec}  ${momentText(startedMs)}  ${wearer ?? ""}`.trimEnd(),
    ),
  ];
}
