import { parseBody } from "../../../../bytes/canonical.ts";
import { type Db, IS_COSIGNED } from "../../schema.ts";

/** Half-open, claimed wall time in ms. */
export interface TimeSpan {
  fromMs: number;
  toMs: number;
}

export interface RecordingSum {
  startSeq: number;
  rec: string;
  startMs: number;
  stopped: boolean;
  mediaUs: number;
  chunks: number;
  bytes: number;
  live: boolean;
  wearer: string | null;
  /** Of its activity; null: it belongs to none. */
  kind: string | null;
  /** How many of its chunks waited how long for their receipt: step, chunks, step, chunks … of the scale of delays. */
  delays: readonly number[];
}

export interface GapSum {
  atMs: number;
  us: number;
  reason: string;
  /** Of the recording that it lies in or follows. */
  startSeq: number | null;
  /** False: outside a recording. */
  inside: boolean;
}

export interface ActivitySum {
  activity: string;
  atMs: number;
  kind: string;
  officers: string[];
  templated: boolean;
  closed: boolean;
  /** Requirements that its close says are missing; null: it says nothing, or is not there. */
  missing: number | null;
}

export interface EventSum {
  atMs: number;
  files: number;
  bytes: number;
}

/** No recording counts into a later period than one that begins so long after it. */
const LONGEST_MS = 24 * 3_600_000;

/** What a ledger has for reports: reads of the tables of `report-schema.ts`, by time. */
export class ReportIndex {
  readonly #read: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#read = prepare(db);
  }

  /** Recordings that may reach into the span, oldest first; those that go on are as long as their last chunk says. */
  recordings({ fromMs, toMs }: TimeSpan): RecordingSum[] {
    const rows = this.#read.recordings.all(fromMs - LONGEST_MS, toMs) as RawRecording[];
    return rows.map(({ live, stopped, delays, ...row }) => ({
      ...row,
      delays: delays === null ? [] : (JSON.parse(delays) as number[]),
      live: live !== 0,
      stopped: stopped !== 0,
      ...(stopped === 0 ? this.#soFar(row.rec) : {}),
    }));
  }

  /** Gaps that may reach into the span. */
  gaps({ fromMs, toMs }: TimeSpan): GapSum[] {
    const rows = this.#read.gaps.all(fromMs - LONGEST_MS, toMs) as (Omit<GapSum, "inside"> & {
      inside: number;
    })[];
    return rows.map((row) => ({ ...row, inside: row.inside !== 0 }));
  }

  /** Gaps inside one recording, which began at `startMs`. */
  gapsOf(startSeq: number, startMs: number): (GapSum & { seq: number })[] {
    const rows = this.#read.gapsOf.all(startMs, startMs + LONGEST_MS, startSeq);
    return (rows as (Omit<GapSum, "inside"> & { seq: number })[]).map((row) => ({ ...row, inside: true }));
  }

  /** Seq of the stop; null: there is none. */
  stopOf(rec: string): number | null {
    return (this.#read.stopOf.get(rec) as number | null | undefined) ?? null;
  }

  photosOf(rec: string): number[] {
    return this.#read.photosOf.all(rec) as number[];
  }

  /** Size of the newest checkpoint that is cosigned; null: none of the last ones is. */
  cosignedSize(): number | null {
    return (this.#read.cosigned.get() as number | undefined) ?? null;
  }

  /** Activities opened in the span, oldest first. */
  activities({ fromMs, toMs }: TimeSpan): ActivitySum[] {
    const rows = this.#read.activities.all(fromMs, toMs) as RawActivity[];
    return rows.map(({ officers, templated, closed, ...row }) => ({
      ...row,
      officers: JSON.parse(officers) as string[],
      templated: templated !== 0,
      closed: closed !== 0,
    }));
  }

  /** Ids of those opened in the span that are still open and have a template, oldest first. */
  openTemplated({ fromMs, toMs }: TimeSpan): string[] {
    return this.#read.openTemplated.all(fromMs, toMs) as string[];
  }

  purges({ fromMs, toMs }: TimeSpan): EventSum[] {
    return this.#read.purges.all(fromMs, toMs) as EventSum[];
  }

  wipes({ fromMs, toMs }: TimeSpan): EventSum[] {
    return this.#read.wipes.all(fromMs, toMs) as EventSum[];
  }

  #soFar(rec: string): Pick<RecordingSum, "mediaUs" | "chunks" | "bytes"> {
    const { chunks, bytes } = this.#read.media.get(rec) as { chunks: number; bytes: number };
    const last = this.#read.lastChunk.get(rec) as Buffer | undefined;
    const toUs = last === undefined ? 0 : parseBody(last).to_us;
    return { chunks, bytes, mediaUs: typeof toUs === "number" ? toUs : 0 };
  }
}

type RawRecording = Omit<RecordingSum, "live" | "stopped" | "delays"> & {
  live: number;
  stopped: number;
  delays: string | null;
};
type RawActivity = Omit<ActivitySum, "officers" | "templated" | "closed"> & {
  officers: string;
  templated: number;
  closed: number;
};

function prepare(db: Db) {
  const chunks = "FROM media WHERE rec = ? AND type = 'recording.chunk'";
  return {
    recordings: db.prepare(
      `SELECT r.start_seq AS startSeq, rec, start_ms AS startMs, stopped, media_us AS mediaUs, chunks, bytes, live,
         wearer, a.kind AS kind, delays
       FROM recording_sums r LEFT JOIN activity_sums a ON a.activity = r.activity
       WHERE start_ms >= ? AND start_ms < ? ORDER BY start_ms, r.start_seq`,
    ),
    gaps: db.prepare(
      `SELECT at_ms AS atMs, us, reason, start_seq AS startSeq, inside FROM gap_sums
       WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms, seq`,
    ),
    gapsOf: db.prepare(
      `SELECT at_ms AS atMs, seq, us, reason, start_seq AS startSeq FROM gap_sums
       WHERE at_ms >= ? AND at_ms < ? AND start_seq = ? AND inside = 1 ORDER BY seq`,
    ),
    stopOf: db.prepare("SELECT stop_seq FROM recordings WHERE rec = ?").pluck(),
    photosOf: db
      .prepare("SELECT seq FROM media WHERE rec = ? AND type = 'recording.photo' ORDER BY seq")
      .pluck(),
    cosigned: db
      .prepare(
        `SELECT size FROM (SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 256)
         WHERE ${IS_COSIGNED} ORDER BY size DESC LIMIT 1`,
      )
      .pluck(),
    activities: db.prepare(
      `SELECT activity, at_ms AS atMs, kind, officers, templated, close_seq IS NOT NULL AS closed, missing
       FROM activity_sums WHERE at_ms >= ? AND at_ms < ? ORDER BY open_seq`,
    ),
    openTemplated: db
      .prepare(
        `SELECT activity FROM activity_sums
         WHERE at_ms >= ? AND at_ms < ? AND close_seq IS NULL AND templated = 1 ORDER BY open_seq`,
      )
      .pluck(),
    purges: db.prepare("SELECT at_ms AS atMs, files, bytes FROM purge_sums WHERE at_ms >= ? AND at_ms < ?"),
    wipes: db.prepare(
      "SELECT at_ms AS atMs, 1 AS files, bytes FROM wipe_sums WHERE at_ms >= ? AND at_ms < ?",
    ),
    media: db.prepare(`SELECT count(*) AS chunks, coalesce(sum(bytes), 0) AS bytes ${chunks}`),
    lastChunk: db
      .prepare(`SELECT body FROM entries WHERE seq = (SELECT seq ${chunks} ORDER BY seq DESC LIMIT 1)`)
      .pluck(),
  };
}
