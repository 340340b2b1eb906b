import { AgentError } from "../../../config/base/errors.ts";
import { type JsonObject, parseBody } from "../../bytes/canonical.ts";
import { PublicKey } from "../../keys/ed25519.ts";
import { type NodeSource, nodePosition, treeRoot } from "../../proof/merkle.ts";
import { ActivityIndex } from "./activities.ts";
import { EntryIndex } from "./entry-index.ts";
import { ImportIndex } from "./imports.ts";
import { InspectionIndex } from "./inspections.ts";
import { RecordIndex } from "./records.ts";
import { ReportIndex } from "./report/report-index.ts";
import { type Db, IS_COSIGNED, openForReading } from "./schema.ts";

export interface StoredEntry {
  seq: number;
  leaf: Buffer;
  /** Canonical JSON, exactly as signed. */
  body: Buffer;
  sigs: string;
}

/** An entry that names media. */
export interface MediaRow {
  seq: number;
  /** Hex. */
  digest: string;
  bytes: number;
  type: string;
  rec: string | null;
  purged: boolean;
}

export interface CheckpointRow {
  size: number;
  note: string;
}

export interface RecordingRow {
  rec: string;
  startSeq: number;
  /** Null while it is open. */
  stopSeq: number | null;
  activity: string | null;
  markers: number;
  chunks: number;
  bytes: number;
}

export interface WantedRecording {
  rec: string;
  marked: boolean;
  /** By a person, or its activity is disputed. */
  linked: boolean;
}

export type MediaOrder = "oldest" | "newest";

const MEDIA_COLUMNS = "seq, lower(hex(digest)) AS digest, bytes, type, rec, purged <> 0 AS purged";
type RawMediaRow = Omit<MediaRow, "purged"> & { purged: number };
const toMediaRow = (row: RawMediaRow): MediaRow => ({ ...row, purged: row.purged !== 0 });

/**
 * Short synchronous reads over a ledger, through any connection: the writer's own, or a read-only
 * one beside it. Relies on the derived tables; the verifier does not use it.
 */
export class LedgerReader {
  readonly #db: Db;
  readonly #statements: ReturnType<typeof prepare>;
  #deviceKey: PublicKey | null = null;
  #imports: ImportIndex | null = null;
  #activities: ActivityIndex | null = null;
  #entryIndex: EntryIndex | null = null;
  #records: RecordIndex | null = null;
  #inspections: InspectionIndex | null = null;
  #reports: ReportIndex | null = null;

  constructor(db: Db) {
    this.#db = db;
    this.#statements = prepare(db);
  }

  /** A read-only connection of its own. Throws `ledger-missing`. */
  static open(dataDir: string): LedgerReader {
    return new LedgerReader(openForReading(dataDir));
  }

  /** Public key of the genesis entry. Throws `ledger-empty`. */
  get deviceKey(): PublicKey {
    if (this.#deviceKey === null) {
      const genesis = this.entry(0);
      if (genesis === null) throw new AgentError("ledger-empty", "no genesis entry yet");
      this.#deviceKey = PublicKey.fromHex(parseBody(genesis.body).key as string);
    }
    return this.#deviceKey;
  }

  get dev(): string {
    return this.deviceKey.deviceId;
  }

  size(): number {
    return this.#statements.size.get() as number;
  }

  entry(seq: number): StoredEntry | null {
    return (this.#statements.entry.get(seq) as StoredEntry | undefined) ?? null;
  }

  /** The parsed body of an entry. Throws `entry-missing`. */
  body(seq: number): JsonObject {
    const entry = this.entry(seq);
    if (entry === null) throw new AgentError("entry-missing", `seq ${seq}`);
    return parseBody(entry.body);
  }

  /**
   * Entries from seq `from` on: at most `limit` of them and about `maxBytes` of body and sigs,
   * but at least one where there is one.
   */
  entries(from: number, limit: number, maxBytes: number): StoredEntry[] {
    const found: StoredEntry[] = [];
    let bytes = 0;
    for (const row of this.#statements.entries.iterate(from, limit)) {
      const entry = row as StoredEntry;
      bytes += entry.body.length + entry.sigs.length;
      if (found.length > 0 && bytes > maxBytes) break;
      found.push(entry);
    }
    return found;
  }

  /** Hash of a perfect subtree. Throws `entry-missing`. */
  readonly node: NodeSource = (level, index) => {
    const row =
      level === 0 ? this.#statements.leaf.get(index) : this.#statements.node.get(nodePosition(level, index));
    if (row === undefined) throw new AgentError("entry-missing", `tree node ${index} of level ${level}`);
    return row as Buffer;
  };

  /** Merkle root of the first `size` entries. */
  root(size: number): Buffer {
    return treeRoot(size, this.node);
  }

  /** The checkpoint of the largest size, at most `atMost`. */
  newestCheckpoint(atMost = Number.MAX_SAFE_INTEGER): CheckpointRow | null {
    return (this.#statements.newestCheckpoint.get(atMost) as CheckpointRow | undefined) ?? null;
  }

  checkpoint(size: number): CheckpointRow | null {
    return (this.#statements.checkpoint.get(size) as CheckpointRow | undefined) ?? null;
  }

  /** The largest checkpoint that carries a cosignature: one line more than the device's own. */
  newestCosigned(): CheckpointRow | null {
    return (this.#statements.newestCosigned.get() as CheckpointRow | undefined) ?? null;
  }

  media(seq: number): MediaRow | null {
    const row = this.#statements.media.get(seq) as RawMediaRow | undefined;
    return row === undefined ? null : toMediaRow(row);
  }

  /** Entries with seq in `[from, to)` that name media. */
  mediaWithin(from: number, to: number, order: MediaOrder, limit: number): MediaRow[] {
    const statement = order === "oldest" ? this.#statements.mediaOldest : this.#statements.mediaNewest;
    return (statement.all(from, to, limit) as RawMediaRow[]).map(toMediaRow);
  }

  /** Media that may be purged and was not, with seq in `[from, to)`, oldest first: activities are held against templates for as long as they are open. */
  keptMedia(from: number, to: number, limit: number): MediaRow[] {
    return (this.#statements.kept.all(from, to, limit) as RawMediaRow[]).map(toMediaRow);
  }

  /** Photos and documents in `[from, to)`, oldest first. */
  documentsWithin(from: number, to: number, limit: number): MediaRow[] {
    return (this.#statements.documents.all(from, to, limit) as RawMediaRow[]).map(toMediaRow);
  }

  /** Media of one recording with seq in `[from, to)`, oldest first. */
  mediaOf(rec: string, from = 0, to = Number.MAX_SAFE_INTEGER, limit = -1): MediaRow[] {
    return (this.#statements.mediaOf.all(rec, from, to, limit) as RawMediaRow[]).map(toMediaRow);
  }

  /** Every entry that names this digest (hex), oldest first. */
  mediaNaming(digest: string): MediaRow[] {
    return (this.#statements.mediaNaming.all(Buffer.from(digest, "hex")) as RawMediaRow[]).map(toMediaRow);
  }

  /** Bytes that entries with seq in `[from, to)` name and that are not purged; a file named twice counts twice. */
  mediaBytesWithin(from: number, to: number): number {
    return this.#statements.mediaBytes.get(from, to) as number;
  }

  /** The first entry that names this digest (hex); null where none does. */
  mediaFirstNaming(digest: string): MediaRow | null {
    const row = this.#statements.mediaFirstNaming.get(Buffer.from(digest, "hex")) as RawMediaRow | undefined;
    return row === undefined ? null : toMediaRow(row);
  }

  /** How many distinct media files entries name, and their bytes together. */
  mediaTotals(): { files: number; bytes: number } {
    return this.#statements.mediaTotals.get() as { files: number; bytes: number };
  }

  /** A receipt's envelope by its digest (hex). */
  receipt(digest: string): string | null {
    return (this.#statements.receipt.get(Buffer.from(digest, "hex")) as string | undefined) ?? null;
  }

  /** Seq of the custody.receipt entry that names the receipt (hex digest), if there is one. */
  receiptNamedAt(digest: string): number | null {
    return (this.#statements.receiptNamedAt.get(Buffer.from(digest, "hex")) as number | undefined) ?? null;
  }

  /** Envelopes of all stored receipts, the last stored first. */
  *receipts(): Generator<string> {
    for (const row of this.#statements.receipts.iterate()) yield row as string;
  }

  /** Seq of the newest custody.receipt entry; -1: there is none. */
  newestNamedReceipt(): number {
    return this.#statements.newestNamedReceipt.get() as number;
  }

  /** Envelopes of the receipts that custody.receipt entries name, newest first. */
  *namedReceipts(): Generator<string> {
    for (const row of this.#statements.namedReceipts.iterate()) yield row as string;
  }

  /** All recordings, oldest first. */
  recordings(): RecordingRow[] {
    return this.#statements.recordings.all() as RecordingRow[];
  }

  /** Seq of the first recording.start that names this recording, or null. */
  recordingStartedAt(rec: string): number | null {
    return (this.#statements.recordingStartedAt.get(rec) as number | undefined) ?? null;
  }

  /** Seqs of every entry that names the recording, in order. */
  seqsOf(rec: string): number[] {
    return this.#statements.seqsOf.all(rec, rec) as number[];
  }

  /** Seqs of the entries that name the recording and no media, in order: start, stop, gaps, markers, links. */
  statementsAbout(rec: string): number[] {
    return this.#statements.statementsAbout.all(rec) as number[];
  }

  /** Ids that begin with `start`, at most `limit`. */
  recordingsBeginningWith(start: string, limit: number): string[] {
    return this.#statements.recordingsBeginning.all(start, `${start}g`, limit) as string[];
  }

  /** Recordings without a stop, oldest first. */
  openRecordings(): RecordingRow[] {
    return this.#statements.openRecordings.all() as RecordingRow[];
  }

  /**
   * Which recorders and which of their files the ledger knows. Made when first asked for: a ledger that no
   * writer of this version has opened lacks the tables.
   */
  get imports(): ImportIndex {
    this.#imports ??= new ImportIndex(this.#db);
    return this.#imports;
  }

  /** The activities, made when first asked for, as `imports`. */
  get activities(): ActivityIndex {
    this.#activities ??= new ActivityIndex(this.#db);
    return this.#activities;
  }

  /** Entries by type and day, made when first asked for, as `imports`. */
  get index(): EntryIndex {
    this.#entryIndex ??= new EntryIndex(this.#db);
    return this.#entryIndex;
  }

  /** What gap accounts look up, made when first asked for, as `imports`. */
  get records(): RecordIndex {
    this.#records ??= new RecordIndex(this.#db);
    return this.#records;
  }

  /** What inspections look up, made when first asked for, as `imports`. */
  get inspections(): InspectionIndex {
    this.#inspections ??= new InspectionIndex(this.#db);
    return this.#inspections;
  }

  /** What reports count, made when first asked for, as `imports`. */
  get reports(): ReportIndex {
    this.#reports ??= new ReportIndex(this.#db);
    return this.#reports;
  }

  /** Runs reads that belong together: all of them see one state of the ledger, whoever writes meanwhile. */
  atOnce<Result>(look: () => Result): Result {
    return this.#db.transaction(look).deferred();
  }

  /**
   * Recordings that were not over before seq `from`, and that somebody waits for: linked to an activity by a
   * person or disputed, marked, or of an activity still open; in this order, the newest first.
   */
  wantedRecordings(from: number): WantedRecording[] {
    const rows = this.#statements.wanted.all(from) as { rec: string; marked: number; linked: number }[];
    return rows.map(({ rec, marked, linked }) => ({ rec, marked: marked !== 0, linked: linked !== 0 }));
  }

  /** Activities opened and not closed, oldest first. */
  openActivities(): string[] {
    return this.#statements.openActivities.all() as string[];
  }

  /** Every epoch entry, oldest first. */
  epochs(): { seq: number; pub: string; boot: string }[] {
    return this.#statements.epochs.all() as { seq: number; pub: string; boot: string }[];
  }

  close(): void {
    this.#db.close();
  }
}

function prepare(db: Db) {
  const recording = `SELECT r.rec, start_seq AS startSeq, stop_seq AS stopSeq, activity, markers,
      (SELECT count(*) FROM media m WHERE m.rec = r.rec AND m.type = 'recording.chunk') AS chunks,
      (SELECT coalesce(sum(bytes), 0) FROM media m WHERE m.rec = r.rec AND m.type = 'recording.chunk') AS bytes
    FROM recordings r`;
  return {
    size: db.prepare("SELECT coalesce(max(seq) + 1, 0) FROM entries").pluck(),
    entry: db.prepare("SELECT seq, leaf, body, sigs FROM entries WHERE seq = ?"),
    entries: db.prepare("SELECT seq, leaf, body, sigs FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?"),
    leaf: db.prepare("SELECT leaf FROM entries WHERE seq = ?").pluck(),
    node: db.prepare("SELECT hash FROM tree_nodes WHERE position = ?").pluck(),
    newestCheckpoint: db.prepare(
      "SELECT size, note FROM checkpoints WHERE size <= ? ORDER BY size DESC LIMIT 1",
    ),
    checkpoint: db.prepare("SELECT size, note FROM checkpoints WHERE size = ?"),
    newestCosigned: db.prepare(
      `SELECT size, note FROM checkpoints WHERE ${IS_COSIGNED} ORDER BY size DESC LIMIT 1`,
    ),
    media: db.prepare(`SELECT ${MEDIA_COLUMNS} FROM media WHERE seq = ?`),
    mediaOldest: db.prepare(
      `SELECT ${MEDIA_COLUMNS} FROM media WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
    ),
    mediaNewest: db.prepare(
      `SELECT ${MEDIA_COLUMNS} FROM media WHERE seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    ),
    kept: db.prepare(
      `SELECT ${MEDIA_COLUMNS} FROM media WHERE purged = 0 AND seq >= ? AND seq < ? AND type <> 'activity.template' ORDER BY seq LIMIT ?`,
    ),
    documents: db.prepare(
      `SELECT ${MEDIA_COLUMNS} FROM media WHERE seq >= ? AND seq < ? AND type <> 'recording.chunk' ORDER BY seq LIMIT ?`,
    ),
    mediaOf: db.prepare(
      `SELECT ${MEDIA_COLUMNS} FROM media WHERE rec = ? AND seq >= ? AND seq < ? ORDER BY seq LIMIT ?`,
    ),
    mediaNaming: db.prepare(`SELECT ${MEDIA_COLUMNS} FROM media WHERE digest = ? ORDER BY seq`),
    mediaBytes: db
      .prepare("SELECT coalesce(sum(bytes), 0) FROM media WHERE seq >= ? AND seq < ? AND purged = 0")
      .pluck(),
    mediaFirstNaming: db.prepare(`SELECT ${MEDIA_COLUMNS} FROM media WHERE digest = ? ORDER BY seq LIMIT 1`),
    mediaTotals: db.prepare(
      "SELECT count(*) AS files, coalesce(sum(bytes), 0) AS bytes FROM (SELECT max(bytes) AS bytes FROM media GROUP BY digest)",
    ),
    receipt: db.prepare("SELECT envelope FROM receipts WHERE digest = ?").pluck(),
    receipts: db.prepare("SELECT envelope FROM receipts ORDER BY rowid DESC").pluck(),
    receiptNamedAt: db.prepare("SELECT seq FROM named_receipts WHERE digest = ?").pluck(),
    newestNamedReceipt: db.prepare("SELECT coalesce(max(seq), -1) FROM named_receipts").pluck(),
    namedReceipts: db
      .prepare(
        "SELECT envelope FROM named_receipts n JOIN receipts r ON r.digest = n.digest ORDER BY n.seq DESC",
      )
      .pluck(),
    recordings: db.prepare(`${recording} ORDER BY start_seq`),
    recordingStartedAt: db.prepare("SELECT start_seq FROM recordings WHERE rec = ?").pluck(),
    // ids are lower-case hex and dashes: all that begin so lie below the next letter
    recordingsBeginning: db
      .prepare("SELECT rec FROM recordings WHERE rec >= ? AND rec < ? ORDER BY rec LIMIT ?")
      .pluck(),
    seqsOf: db
      .prepare(
        "SELECT seq FROM recording_entries WHERE rec = ? UNION ALL SELECT seq FROM media WHERE rec = ? ORDER BY seq",
      )
      .pluck(),
    statementsAbout: db.prepare("SELECT seq FROM recording_entries WHERE rec = ? ORDER BY seq").pluck(),
    openRecordings: db.prepare(`${recording} WHERE stop_seq IS NULL ORDER BY start_seq`),
    wanted: db.prepare(
      `SELECT rec, marked, linked FROM (
         SELECT rec, start_seq, markers > 0 AS marked,
           EXISTS (SELECT 1 FROM linked_recordings l WHERE l.rec = r.rec)
             OR EXISTS (SELECT 1 FROM disputes d WHERE d.activity = r.activity) AS linked,
           EXISTS (SELECT 1 FROM activities a WHERE a.activity = r.activity AND a.close_seq IS NULL) AS open
         FROM recordings r WHERE stop_seq IS NULL OR stop_seq >= ?)
       WHERE marked OR linked OR open ORDER BY linked DESC, marked DESC, start_seq DESC`,
    ),
    openActivities: db
      .prepare("SELECT activity FROM activities WHERE close_seq IS NULL ORDER BY open_seq")
      .pluck(),
    epochs: db.prepare("SELECT seq, pub, boot FROM epochs ORDER BY seq"),
  };
}
