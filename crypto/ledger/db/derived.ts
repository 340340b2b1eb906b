import type { JsonObject } from "../../bytes/canonical.ts";
import { nodePosition, type TreeNode } from "../../proof/merkle.ts";
import type { Db } from "./schema.ts";
import { ReportTables } from "./tables/report/report-tables.ts";

/** Of nearly all entries: they are found in the table `media`, and have no row of their own among the types. */
export const CHUNK = "recording.chunk";
export const DAY_MS = 86_400_000;
const DIGEST = /^[0-9a-f]{64}$/;

/**
 * Keeps the derived tables in step with the entries. Bodies may break the rules of their type
 * (a receiver stores and reports such entries), so only fields of the right shape are indexed.
 */
export class DerivedTables {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #report: ReportTables;

  constructor(db: Db) {
    this.#statements = prepare(db);
    this.#report = new ReportTables(db);
  }

  /** Call inside the transaction that inserts the entry. */
  add(seq: number, body: JsonObject, completed: readonly TreeNode[]): void {
    for (const { level, index, hash } of completed)
      this.#statements.node.run(nodePosition(level, index), hash);
    this.#addMedia(seq, body);
    if (typeof body.rec === "string" && body.digest === undefined)
      this.#statements.recordingEntry.run(body.rec, seq);
    if (typeof body.activity === "string") this.#statements.activityEntry.run(body.activity, seq);
    if (typeof body.type === "string") {
      // first: a purge is counted before its media is marked
      this.#report.addEntry(seq, body.type, body);
      this.#addByType(seq, body.type, body);
    }
    if (body.type !== CHUNK) this.#statements.typed.run(String(body.type), seq);
    this.#addToDay(seq, body);
  }

  /** Call inside the transaction that inserts the receipt; the entries that it covers are there. */
  addReceipt(envelope: string): void {
    this.#report.addReceipt(envelope);
  }

  #addToDay(seq: number, { t, digest, bytes }: JsonObject): void {
    const utcMs = typeof t === "object" && !Array.isArray(t) ? t.utc_ms : undefined;
    if (typeof utcMs !== "number") return;
    const media = typeof digest === "string" && typeof bytes === "number" && bytes > 0 ? bytes : 0;
    this.#statements.day.run(Math.floor(utcMs / DAY_MS), seq, seq, media);
  }

  #addMedia(seq: number, { type, digest, bytes, rec }: JsonObject): void {
    if (typeof digest !== "string" || !DIGEST.test(digest) || typeof bytes !== "number" || bytes < 1) return;
    this.#statements.media.run(
      seq,
      Buffer.from(digest, "hex"),
      bytes,
      type,
      typeof rec === "string" ? rec : null,
    );
  }

  #addByType(seq: number, type: string, body: JsonObject): void {
    const { rec, activity, receipt } = body;
    const add = this.#statements;
    switch (type) {
      case "ledger.epoch":
        add.epoch.run(seq, body.pub, (body.t as JsonObject).boot);
        break;
      case "recording.start":
        if (typeof rec === "string") add.start.run(rec, seq, typeof activity === "string" ? activity : null);
        this.#addImport(seq, body);
        break;
      case "recording.stop":
        if (typeof rec === "string") add.stop.run(seq, rec);
        this.#endImport(seq, body);
        break;
      case "dock.attach":
      case "dock.detach":
        this.#addDocking(seq, type, body);
        break;
      case "dock.doubt":
        if (typeof body.serial === "string") add.doubt.run(body.serial, seq);
        break;
      case "dock.inventory":
        if (typeof body.serial === "string" && typeof body.disk === "string")
          add.disk.run(body.serial, body.disk);
        break;
      case "recording.marker":
        if (typeof rec === "string") add.marker.run(rec);
        break;
      case "activity.open":
        if (typeof activity === "string") add.activityOpen.run(activity, seq);
        break;
      case "activity.close":
        if (typeof activity === "string") add.activityClose.run(seq, activity);
        break;
      case "activity.link":
        if (typeof activity === "string" && typeof rec === "string") add.link.run(rec, activity);
        break;
      case "activity.unlink":
        if (typeof activity === "string" && typeof rec === "string") add.unlink.run(rec, activity);
        break;
      case "activity.dispute":
        if (typeof activity === "string") add.dispute.run(activity);
        break;
      case "custody.receipt":
        if (typeof receipt === "string" && DIGEST.test(receipt))
          add.receipt.run(Buffer.from(receipt, "hex"), seq);
        break;
      case "custody.purge":
        this.#addPurge(seq, body.seqs);
        break;
    }
  }

  #addImport(seq: number, { rec, origin, source }: JsonObject): void {
    if (typeof rec !== "string" || origin !== "import" || typeof source !== "object" || Array.isArray(source))
      return;
    const { serial, path, bytes, modified_ms: modifiedMs } = source;
    if (typeof serial !== "string" || typeof path !== "string" || typeof bytes !== "number") return;
    this.#statements.import.run(
      rec,
      serial,
      path,
      bytes,
      typeof modifiedMs === "number" ? modifiedMs : null,
      seq,
    );
  }

  #endImport(seq: number, { rec, file_digest: fileDigest }: JsonObject): void {
    if (typeof rec !== "string") return;
    const isWhole = typeof fileDigest === "string" && DIGEST.test(fileDigest);
    this.#statements.importEnd.run(seq, isWhole ? fileDigest : null, rec);
  }

  #addDocking(seq: number, type: string, { serial, wearer }: JsonObject): void {
    if (typeof serial !== "string") return;
    const taker = type === "dock.detach" && typeof wearer === "string" ? wearer : null;
    this.#statements.docking.run(seq, serial, taker);
  }

  #addPurge(seq: number, seqs: unknown): void {
    if (!Array.isArray(seqs)) return;
    for (const range of seqs) {
      if (!Array.isArray(range)) continue;
      const [from, to] = range;
      if (typeof from === "number" && typeof to === "number")
        this.#statements.purge.run(seq, from, Math.min(to, seq));
    }
  }
}

function prepare(db: Db) {
  return {
    node: db.prepare("INSERT INTO tree_nodes (position, hash) VALUES (?, ?)"),
    media: db.prepare("INSERT INTO media (seq, digest, bytes, type, rec) VALUES (?, ?, ?, ?, ?)"),
    epoch: db.prepare("INSERT INTO epochs (seq, pub, boot) VALUES (?, ?, ?)"),
    start: db.prepare("INSERT OR IGNORE INTO recordings (rec, start_seq, activity) VALUES (?, ?, ?)"),
    stop: db.prepare("UPDATE recordings SET stop_seq = ? WHERE rec = ? AND stop_seq IS NULL"),
    import: db.prepare(
      `INSERT OR IGNORE INTO imports (rec, serial, path, bytes, modified_ms, start_seq) VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    importEnd: db.prepare(
      "UPDATE imports SET stop_seq = ?, file_digest = ? WHERE rec = ? AND stop_seq IS NULL",
    ),
    docking: db.prepare("INSERT INTO dockings (seq, serial, taker) VALUES (?, ?, ?)"),
    doubt: db.prepare("INSERT OR IGNORE INTO doubts (serial, seq) VALUES (?, ?)"),
    disk: db.prepare("INSERT OR IGNORE INTO disks (serial, disk) VALUES (?, ?)"),
    marker: db.prepare("UPDATE recordings SET markers = markers + 1 WHERE rec = ?"),
    recordingEntry: db.prepare("INSERT INTO recording_entries (rec, seq) VALUES (?, ?)"),
    activityEntry: db.prepare("INSERT INTO activity_entries (activity, seq) VALUES (?, ?)"),
    activityOpen: db.prepare("INSERT OR IGNORE INTO activities (activity, open_seq) VALUES (?, ?)"),
    activityClose: db.prepare("UPDATE activities SET close_seq = ? WHERE activity = ? AND close_seq IS NULL"),
    receipt: db.prepare("INSERT OR IGNORE INTO named_receipts (digest, seq) VALUES (?, ?)"),
    link: db.prepare("INSERT OR IGNORE INTO linked_recordings (rec, activity) VALUES (?, ?)"),
    unlink: db.prepare("DELETE FROM linked_recordings WHERE rec = ? AND activity = ?"),
    dispute: db.prepare("INSERT OR IGNORE INTO disputes (activity) VALUES (?)"),
    typed: db.prepare("INSERT INTO typed_entries (type, seq) VALUES (?, ?)"),
    day: db.prepare(
      `INSERT INTO days (day, first_seq, last_seq, entries, bytes) VALUES (?, ?, ?, 1, ?)
       ON CONFLICT (day) DO UPDATE SET last_seq = excluded.last_seq, entries = entries + 1, bytes = bytes + excluded.bytes`,
    ),
    purge: db.prepare("UPDATE media SET purged = ? WHERE seq >= ? AND seq < ? AND purged = 0"),
  };
}
