import { errorCode } from "../../../../../config/base/errors.ts";
import { type JsonObject, parseBody } from "../../../../bytes/canonical.ts";
import { type Receipt, receiptClaims } from "../../../../proof/receipt.ts";
import type { Db } from "../../schema.ts";
import { activityFinder } from "./activity-of.ts";
import { delayStep } from "./delay-scale.ts";

const MAX_OFFICERS = 64;

/**
 * Keeps the tables of reports in step with the entries and the receipts. All but the receipts' work is done at
 * entries that are rare beside chunks, so that an append costs no more for it.
 */
export class ReportTables {
  readonly #add: ReturnType<typeof prepare>;
  readonly #activityOf: ReturnType<typeof activityFinder>;

  constructor(db: Db) {
    this.#add = prepare(db);
    this.#activityOf = activityFinder(db);
  }

  /** Inside the transaction that inserts the entry, after the other derived tables; before a purge marks its media. */
  addEntry(seq: number, type: string, body: JsonObject): void {
    const atMs = timeOf(body);
    if (atMs === null) return;
    switch (type) {
      case "recording.start":
        this.#start(seq, atMs, body);
        break;
      case "recording.stop":
        this.#stop(body);
        break;
      case "device.gap":
        this.#gap(seq, atMs, body);
        break;
      case "activity.open":
        this.#open(seq, atMs, body);
        break;
      case "activity.link":
        if (isText(body.rec) && isText(body.activity)) this.#add.link.run(body.activity, body.rec);
        break;
      case "activity.unlink":
        if (isText(body.rec) && isText(body.activity)) this.#unlink(body.rec, body.activity);
        break;
      case "activity.close":
        if (isText(body.activity)) {
          const { missing } = body;
          this.#add.close.run(seq, Array.isArray(missing) ? missing.length : null, body.activity);
        }
        break;
      case "custody.purge":
        this.#purge(seq, atMs, body.seqs);
        break;
      case "dock.wipe":
        this.#add.wipe.run(atMs, seq, whole(body.bytes));
        break;
    }
  }

  /** A receipt of this ledger: how long the chunks had waited that it is the first to cover. */
  addReceipt(envelope: string): void {
    const receipt = claimsOf(envelope);
    if (receipt === null || receipt.dev !== this.#add.dev.get()) return;
    for (const [from, to] of receipt.media)
      for (const [start, end] of this.#cover(from, to)) this.#delays(start, end, receipt.storedMs);
  }

  #start(seq: number, atMs: number, { rec, origin, wearer, activity, pre_event_ms: preEventMs }: JsonObject) {
    if (!isText(rec) || this.#add.startOf.get(rec) !== undefined) return;
    const isLive = origin === "live" ? 1 : 0;
    this.#add.start.run(
      ...[seq, rec, atMs - whole(preEventMs), isLive],
      ...[isText(wearer) ? wearer : null, isText(activity) ? activity : null],
    );
  }

  /** What it is linked to besides counts from here on. */
  #unlink(rec: string, activity: string): void {
    const { changes } = this.#add.unlink.run(rec, activity);
    const next = changes > 0 ? this.#activityOf(rec) : null;
    if (next !== null) this.#add.link.run(next, rec);
  }

  #stop({ rec, chunks, bytes }: JsonObject): void {
    if (!isText(rec)) return;
    const last = this.#add.lastChunk.get(rec) as Buffer | undefined;
    const mediaUs = last === undefined ? 0 : whole(parseBody(last).to_us);
    this.#add.stop.run(mediaUs, whole(chunks), whole(bytes), rec);
  }

  #gap(seq: number, atMs: number, body: JsonObject): void {
    const { rec, after, reason } = body;
    const isInside = isText(rec);
    const fromUs = whole(isInside ? body.from_us : body.mono_from_us);
    const toUs = whole(isInside ? body.to_us : body.mono_to_us);
    const of = isInside ? rec : after;
    const recording = isText(of) ? (this.#add.startOf.get(of) as Started | undefined) : undefined;
    // outside a recording the gap's distance from its entry, on one clock, says when it began
    const monoUs = whole((body.t as JsonObject).mono_us);
    const fromMs = isInside
      ? (recording?.startMs ?? atMs) + Math.floor(fromUs / 1000)
      : atMs - Math.floor(Math.max(0, monoUs - fromUs) / 1000);
    this.#add.gap.run(
      ...[fromMs, seq, Math.max(0, toUs - fromUs), isText(reason) ? reason : "unknown"],
      ...[recording?.startSeq ?? null, isInside ? 1 : 0],
    );
  }

  #open(seq: number, atMs: number, { activity, kind, officers, template }: JsonObject): void {
    if (!isText(activity)) return;
    const named = Array.isArray(officers) ? officers.filter(isText).slice(0, MAX_OFFICERS) : [];
    this.#add.open.run(
      ...[seq, activity, atMs, isText(kind) ? kind : ""],
      ...[JSON.stringify([...new Set(named)]), isText(template) ? 1 : 0],
    );
  }

  #purge(seq: number, atMs: number, seqs: unknown): void {
    const sum = { files: 0, bytes: 0 };
    for (const range of Array.isArray(seqs) ? seqs : []) {
      if (!Array.isArray(range) || typeof range[0] !== "number" || typeof range[1] !== "number") continue;
      const { files, bytes } = this.#add.purgeable.get(range[0], Math.min(range[1], seq)) as typeof sum;
      sum.files += files;
      sum.bytes += bytes;
    }
    this.#add.purge.run(atMs, seq, sum.files, sum.bytes);
  }

  /** Adds `[from, to)` to what is covered; answers the parts that were not. */
  #cover(from: number, to: number): [number, number][] {
    const touching = this.#add.touching.all({ from, to }) as [number, number][];
    const fresh: [number, number][] = [];
    let at = from;
    for (const [start, end] of touching) {
      if (start > at) fresh.push([at, start]);
      at = Math.max(at, end);
    }
    if (at < to) fresh.push([at, to]);
    if (fresh.length === 0) return [];
    this.#add.uncover.run({ from, to });
    const [first] = touching;
    this.#add.cover.run(Math.min(from, first?.[0] ?? from), Math.max(at, to));
    return fresh;
  }

  #delays(from: number, to: number, storedMs: number): void {
    const counts = new Map<string, number[]>();
    for (const row of this.#add.chunkTimes.iterate(from, to)) {
      const { rec, utcMs } = row as { rec: string; utcMs: unknown };
      if (typeof utcMs !== "number") continue;
      const steps = counts.get(rec) ?? [];
      const step = delayStep(storedMs - utcMs);
      steps[step] = (steps[step] ?? 0) + 1;
      counts.set(rec, steps);
    }
    for (const [rec, steps] of counts) {
      const recording = this.#add.startOf.get(rec) as Started | undefined;
      if (recording === undefined) continue;
      const known = this.#add.delays.get(recording.startSeq) as string | null;
      if (known !== null) addPacked(steps, JSON.parse(known) as number[]);
      this.#add.delay.run(packed(steps), recording.startSeq);
    }
  }
}

/** Counts by step as step, count, step, count …, without the steps that have none. */
function packed(counts: readonly (number | undefined)[]): string {
  const pairs: number[] = [];
  for (const [step, count] of counts.entries()) if (count !== undefined) pairs.push(step, count);
  return JSON.stringify(pairs);
}

function addPacked(counts: number[], pairs: readonly number[]): void {
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const step = pairs[i] as number;
    counts[step] = (counts[step] ?? 0) + (pairs[i + 1] as number);
  }
}

interface Started {
  startSeq: number;
  startMs: number;
}

function timeOf({ t }: JsonObject): number | null {
  if (typeof t !== "object" || Array.isArray(t)) return null;
  return typeof t.utc_ms === "number" ? t.utc_ms : null;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Bodies may break the rules of their type: what is no count counts as none. */
function whole(value: unknown): number {
  return typeof value === "number" && value > 0 ? value : 0;
}

function claimsOf(envelope: string): Receipt | null {
  try {
    return receiptClaims(envelope);
  } catch (error) {
    if (errorCode(error) === "bad-receipt") return null;
    throw error;
  }
}

function prepare(db: Db) {
  return {
    dev: db.prepare("SELECT json_extract(CAST(body AS TEXT), '$.dev') FROM entries WHERE seq = 0").pluck(),
    startOf: db.prepare(
      "SELECT start_seq AS startSeq, start_ms AS startMs FROM recording_sums WHERE rec = ? ORDER BY start_seq LIMIT 1",
    ),
    start: db.prepare(
      "INSERT INTO recording_sums (start_seq, rec, start_ms, live, wearer, activity) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    lastChunk: db
      .prepare(
        `SELECT body FROM entries WHERE seq =
          (SELECT seq FROM media WHERE rec = ? AND type = 'recording.chunk' ORDER BY seq DESC LIMIT 1)`,
      )
      .pluck(),
    stop: db.prepare(
      "UPDATE recording_sums SET stopped = 1, media_us = ?, chunks = ?, bytes = ? WHERE rec = ? AND stopped = 0",
    ),
    link: db.prepare("UPDATE recording_sums SET activity = ? WHERE rec = ? AND activity IS NULL"),
    unlink: db.prepare("UPDATE recording_sums SET activity = NULL WHERE rec = ? AND activity = ?"),
    gap: db.prepare(
      "INSERT INTO gap_sums (at_ms, seq, us, reason, start_seq, inside) VALUES (?, ?, ?, ?, ?, ?)",
    ),
    open: db.prepare(
      `INSERT OR IGNORE INTO activity_sums (open_seq, activity, at_ms, kind, officers, templated)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    close: db.prepare(
      "UPDATE activity_sums SET close_seq = ?, missing = ? WHERE activity = ? AND close_seq IS NULL",
    ),
    purgeable: db.prepare(
      `SELECT count(*) AS files, coalesce(sum(bytes), 0) AS bytes FROM media
       WHERE seq >= ? AND seq < ? AND purged = 0`,
    ),
    purge: db.prepare("INSERT INTO purge_sums (at_ms, seq, files, bytes) VALUES (?, ?, ?, ?)"),
    wipe: db.prepare("INSERT INTO wipe_sums (at_ms, seq, bytes) VALUES (?, ?, ?)"),
    // ranges are disjoint: only the last that begins at or before `from` can reach into it
    touching: db
      .prepare(
        `SELECT from_seq, to_seq FROM receipted
         WHERE from_seq >= coalesce((SELECT max(from_seq) FROM receipted WHERE from_seq <= @from), @from)
           AND from_seq <= @to AND to_seq >= @from ORDER BY from_seq`,
      )
      .raw(),
    uncover: db.prepare(
      `DELETE FROM receipted
       WHERE from_seq >= coalesce((SELECT max(from_seq) FROM receipted WHERE from_seq <= @from), @from)
         AND from_seq <= @to AND to_seq >= @from`,
    ),
    cover: db.prepare("INSERT INTO receipted (from_seq, to_seq) VALUES (?, ?)"),
    chunkTimes: db.prepare(
      `SELECT m.rec AS rec, json_extract(CAST(e.body AS TEXT), '$.t.utc_ms') AS utcMs
       FROM media m JOIN entries e ON e.seq = m.seq
       WHERE m.seq >= ? AND m.seq < ? AND m.type = 'recording.chunk' AND m.rec IS NOT NULL`,
    ),
    delays: db.prepare("SELECT delays FROM recording_sums WHERE start_seq = ?").pluck(),
    delay: db.prepare("UPDATE recording_sums SET delays = ? WHERE start_seq = ?"),
  };
}
