import { visitLedger } from "../../../../../crypto/ledger/visit.ts";
import { readActivity } from "../../../../records/activity/activity-record.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { left, right, table } from "../../../face/table.ts";
import { momentText } from "../../../face/units.ts";
import { activityWords as say } from "../../../text/records/activity.ts";
import { dataDirOf, type Target } from "../../target.ts";

export interface ListOptions extends Target {
  json?: boolean;
  limit: number;
}

interface Row {
  activity: string;
  opened_ms: number;
  kind: string;
  title: string;
  case_no?: string;
  documents: number;
  recordings: number;
  disputed: boolean;
  closed: boolean;
}

/** Lists activities, the newest first. */
export async function list(face: Face, { json, limit, ...target }: ListOptions): Promise<ExitCode> {
  const activities = await visitLedger(await dataDirOf(face, target), (reader) =>
    reader.activities.newest(limit).flatMap(({ activity }): Row[] => {
      const record = readActivity(reader, activity);
      if (record === null) return [];
      const { open, documents, recordings, disputes, close } = record;
      return [
        {
          activity,
          opened_ms: open.utcMs,
          kind: open.kind,
          title: open.title,
          ...(open.case_no === undefined ? {} : { case_no: open.case_no }),
          documents: documents.length,
          recordings: recordings.length,
          disputed: disputes.length > 0,
          closed: close !== null,
        },
      ];
    }),
  );
  if (json === true) face.printJson({ activities });
  else if (activities.length === 0) face.print(face.say(say.none));
  else face.print(...lines(face, activities));
  return 0;
}

function lines(face: Face, rows: readonly Row[]): string[] {
  return table(
    [
      left(face.say(say.activity)),
      left(face.say(say.opened)),
      left(face.say(say.kind)),
      right(face.say(say.contents)),
      left(face.say(say.state)),
      left(face.say(say.title)),
    ],
    rows.map((row) => [
      // enough of an id to name it by
      row.activity.slice(0, 8),
      momentText(row.opened_ms),
      row.kind,
      `${row.documents}/${row.recordings}`,
      stateText(face, row),
      row.title,
    ]),
  );
}

function stateText(face: Face, { closed, disputed }: Row): string {
  const state = face.say(closed ? say.isClosed : say.isOpen);
  return disputed ? `${state}, ${face.say(say.disputed)}` : state;
}
