import Database from "better-sqlite3";
import type { JsonObject } from "../../../bytes/canonical.ts";
import type { OpenedReceipt } from "../../../proof/receipt.ts";
import type { EndedImport } from "../../../proof/rules/custody-rules.ts";
import type { Records } from "../../../proof/rules/entry-rules.ts";
import { mediaNamed } from "../../../proof/rules/fields.ts";

/** One media file to read, and what entries say about it. */
export interface NamedFile {
  /** Hex. */
  digest: string;
  bytes: number;
}

/** An unsealed import whose files joined must have `digest`. */
export interface JoinedImport {
  stopSeq: number;
  /** Hex: `file_digest` of its stop. */
  digest: string;
  files: NamedFile[];
}

export interface ReceiptClaim {
  size: number;
  root: Buffer;
  digest: Buffer;
}

const TABLES = `
CREATE TABLE media (
  seq    INTEGER PRIMARY KEY,
  digest BLOB NOT NULL,
  bytes  INTEGER NOT NULL,
  import TEXT                        -- recording id of the import that it is a chunk of
) STRICT;
CREATE TABLE recordings (
  rec         TEXT PRIMARY KEY,
  origin      TEXT NOT NULL,          -- 'sealed' once an import turns out to be: its files cannot be joined
  stop_seq    INTEGER,
  file_digest TEXT,
  first_chunk INTEGER,                -- seqs of an import's chunks
  last_chunk  INTEGER
) STRICT;
CREATE TABLE named_receipts (digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE receipts (
  digest   BLOB PRIMARY KEY,
  envelope TEXT NOT NULL,
  size     INTEGER,                  -- absent unless a pinned key signed it for this device
  root     BLOB
) STRICT;
CREATE INDEX receipts_by_size ON receipts (size, digest) WHERE size IS NOT NULL;
`;
const INDEXES = `
CREATE INDEX media_by_digest ON media (digest);
CREATE INDEX media_by_import ON media (import, seq) WHERE import IS NOT NULL;
`;
const BATCH = 256;

/**
 * What a verifier must remember and what may grow with the ledger, kept on disk in the temporary
 * directory: memory stays flat.
 */
export class Scratch implements Records {
  readonly #db: Database.Database;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(path: string) {
    this.#db = new Database(path);
    // lost with the process anyway
    this.#db.pragma("journal_mode = OFF");
    this.#db.pragma("synchronous = OFF");
    this.#db.pragma("locking_mode = EXCLUSIVE");
    this.#db.pragma("cache_size = -4096");
    this.#db.exec(TABLES);
    this.#db.exec("BEGIN");
    this.#statements = prepare(this.#db);
  }

  /** `claim` is what a pinned key signed for this device, or null. */
  addReceipt(digest: Buffer, envelope: string, claim: OpenedReceipt | null): void {
    this.#statements.addReceipt.run(digest, envelope, claim?.size ?? null, claim?.root ?? null);
  }

  /** Remembers an entry, after the rules have judged it. */
  add(seq: number, body: JsonObject): void {
    const { type, rec, origin, receipt, sealed, file_digest: fileDigest } = body;
    const media = mediaNamed(body);
    if (media !== null && media !== "malformed") {
      const isImport = type === "recording.chunk" && body.offset !== undefined;
      this.#statements.addMedia.run(
        seq,
        Buffer.from(media.digest, "hex"),
        media.bytes,
        isImport ? rec : null,
      );
      if (isImport) this.#statements.addChunk.run(seq, seq, rec);
      if (isImport && sealed === true) this.#statements.seal.run(rec);
    }
    if (type === "recording.start" && typeof rec === "string") {
      this.#statements.addRecording.run(rec, typeof origin === "string" ? origin : "");
    } else if (type === "recording.stop" && typeof rec === "string") {
      this.#statements.stopRecording.run(seq, typeof fileDigest === "string" ? fileDigest : null, rec);
    } else if (type === "custody.receipt" && typeof receipt === "string") {
      this.#statements.nameReceipt.run(Buffer.from(receipt, "hex"));
    }
  }

  hasRecording(rec: string): boolean {
    return this.#statements.hasRecording.get(rec) !== undefined;
  }

  receipt(digest: string): string | null {
    return (this.#statements.receipt.get(Buffer.from(digest, "hex")) as string | undefined) ?? null;
  }

  isReceiptNamed(digest: string): boolean {
    return this.#statements.isReceiptNamed.get(Buffer.from(digest, "hex")) !== undefined;
  }

  firstMediaWithin(from: number, to: number): number | null {
    return (this.#statements.firstMediaWithin.get(from, to) as number | undefined) ?? null;
  }

  endedImport(rec: string): EndedImport | null {
    const row = this.#statements.endedImport.get(rec) as
      | { stopSeq: number; fileDigest: string | null; first: number | null; last: number | null }
      | undefined;
    if (row === undefined) return null;
    const { stopSeq, fileDigest, first, last } = row;
    const chunkSeqs = first === null ? [] : (this.#statements.chunkSeqs.all(first, last, rec) as number[]);
    return { stopSeq, fileDigest, chunkSeqs };
  }

  /** Pinned receipts for this device, in order of size. */
  *receiptClaims(): Generator<ReceiptClaim> {
    let last: { size: number; digest: Buffer } = { size: -1, digest: Buffer.alloc(0) };
    for (;;) {
      const rows = this.#statements.receiptClaims.all(last.size, last.digest) as ReceiptClaim[];
      yield* rows;
      const final = rows.at(-1);
      if (final === undefined || rows.length < BATCH) return;
      last = final;
    }
  }

  /** To be called once, when every entry has been added and before the media are asked for. */
  index(): void {
    this.#db.exec(INDEXES);
  }

  /** Files whose length entries disagree about, with the first entry that contradicts; at most `limit`. */
  disagreements(limit: number): { seq: number; digest: string }[] {
    return this.#statements.disagreements.all(limit) as { seq: number; digest: string }[];
  }

  /** Every file once, but not those of joined imports. */
  *singleFiles(): Generator<NamedFile> {
    let last = Buffer.alloc(0);
    for (;;) {
      const rows = this.#statements.singleFiles.all(last) as NamedFile[];
      yield* rows;
      const final = rows.at(-1);
      if (final === undefined || rows.length < BATCH) return;
      last = Buffer.from(final.digest, "hex");
    }
  }

  *joinedImports(): Generator<JoinedImport> {
    let last = -1;
    for (;;) {
      const row = this.#statements.nextImport.get(last) as
        | { rec: string; stopSeq: number; digest: string }
        | undefined;
      if (row === undefined) return;
      const { rec, stopSeq, digest } = row;
      yield { stopSeq, digest, files: this.#statements.importFiles.all(rec) as NamedFile[] };
      last = stopSeq;
    }
  }

  /** Seqs of the entries that name a file, rising. */
  namings(digest: string): number[] {
    return this.#statements.namings.all(Buffer.from(digest, "hex")) as number[];
  }

  isNamed(digest: string): boolean {
    return this.#statements.isNamed.get(Buffer.from(digest, "hex")) !== undefined;
  }

  totals(): { files: number; bytes: number; recordings: number } {
    return this.#statements.totals.get() as { files: number; bytes: number; recordings: number };
  }

  close(): void {
    this.#db.close();
  }
}

function prepare(db: Database.Database) {
  const file = "lower(hex(digest)) AS digest, max(bytes) AS bytes";
  // an import that was not fully read, or whose stop is missing, has no whole to compare with
  const joined = "r.origin = 'import' AND r.file_digest IS NOT NULL";
  return {
    addReceipt: db.prepare(
      "INSERT OR IGNORE INTO receipts (digest, envelope, size, root) VALUES (?, ?, ?, ?)",
    ),
    addMedia: db.prepare("INSERT OR IGNORE INTO media (seq, digest, bytes, import) VALUES (?, ?, ?, ?)"),
    addRecording: db.prepare("INSERT OR IGNORE INTO recordings (rec, origin) VALUES (?, ?)"),
    stopRecording: db.prepare(
      "UPDATE recordings SET stop_seq = ?, file_digest = ? WHERE rec = ? AND stop_seq IS NULL",
    ),
    addChunk: db.prepare(
      "UPDATE recordings SET first_chunk = coalesce(first_chunk, ?), last_chunk = ? WHERE rec = ?",
    ),
    endedImport: db.prepare(
      `SELECT stop_seq AS stopSeq, file_digest AS fileDigest, first_chunk AS first, last_chunk AS last
       FROM recordings WHERE rec = ? AND origin IN ('import', 'sealed') AND stop_seq IS NOT NULL`,
    ),
    chunkSeqs: db
      .prepare("SELECT seq FROM media WHERE seq BETWEEN ? AND ? AND import = ? ORDER BY seq")
      .pluck(),
    seal: db.prepare("UPDATE recordings SET origin = 'sealed' WHERE rec = ?"),
    nameReceipt: db.prepare("INSERT OR IGNORE INTO named_receipts (digest) VALUES (?)"),
    hasRecording: db.prepare("SELECT 1 FROM recordings WHERE rec = ?"),
    receipt: db.prepare("SELECT envelope FROM receipts WHERE digest = ?").pluck(),
    isReceiptNamed: db.prepare("SELECT 1 FROM named_receipts WHERE digest = ?"),
    firstMediaWithin: db
      .prepare("SELECT seq FROM media WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT 1")
      .pluck(),
    receiptClaims: db.prepare(
      `SELECT size, root, digest FROM receipts
       WHERE size IS NOT NULL AND (size, digest) > (?, ?) ORDER BY size, digest LIMIT ${BATCH}`,
    ),
    disagreements: db.prepare(
      `SELECT min(seq) AS seq, lower(hex(digest)) AS digest FROM media m
       WHERE bytes <> (SELECT bytes FROM media f WHERE f.digest = m.digest ORDER BY f.seq LIMIT 1)
       GROUP BY m.digest LIMIT ?`,
    ),
    singleFiles: db.prepare(
      `SELECT ${file} FROM media m WHERE digest > ? AND NOT EXISTS (
         SELECT 1 FROM media o JOIN recordings r ON r.rec = o.import WHERE o.digest = m.digest AND ${joined}
       ) GROUP BY digest ORDER BY digest LIMIT ${BATCH}`,
    ),
    nextImport: db.prepare(
      `SELECT rec, stop_seq AS stopSeq, file_digest AS digest FROM recordings r
       WHERE ${joined} AND stop_seq > ? AND EXISTS (SELECT 1 FROM media WHERE import = rec)
       ORDER BY stop_seq LIMIT 1`,
    ),
    importFiles: db.prepare(
      "SELECT lower(hex(digest)) AS digest, bytes FROM media WHERE import = ? ORDER BY seq",
    ),
    namings: db.prepare("SELECT seq FROM media WHERE digest = ? ORDER BY seq").pluck(),
    isNamed: db.prepare("SELECT 1 FROM media WHERE digest = ?"),
    totals: db.prepare(
      `SELECT (SELECT count(*) FROM (SELECT 1 FROM media GROUP BY digest)) AS files,
         (SELECT coalesce(sum(bytes), 0) FROM (SELECT max(bytes) AS bytes FROM media GROUP BY digest)) AS bytes,
         (SELECT count(*) FROM recordings) AS recordings`,
    ),
  };
}
