import type Database from "better-sqlite3";
import type { ImportSource } from "../../../entry/recording-types.ts";
import type { EndedImport } from "../../../proof/rules/custody-rules.ts";
import type { Db } from "../schema.ts";

/** One import of one file of a recorder, as its claims and its stop tell. */
export interface ImportRow {
  rec: string;
  serial: string;
  path: string;
  bytes: number;
  modifiedMs: number | null;
  startSeq: number;
  /** Null while it is open. */
  stopSeq: number | null;
  /** Hex SHA-256 of the file; null unless it was imported whole. */
  fileDigest: string | null;
}

const COLUMNS = `rec, serial, path, bytes, modified_ms AS modifiedMs, start_seq AS startSeq,
  stop_seq AS stopSeq, file_digest AS fileDigest`;
const OF_CLAIM = "serial = ? AND path = ? AND bytes = ? AND modified_ms IS ?";

/** Which recorders the ledger knows, and which of their files: reads of the derived tables `imports`, `dockings`, `doubts` and `disks`. */
export class ImportIndex {
  readonly #statements: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#statements = prepare(db);
  }

  /** The newest import of this claim that brought the file whole, or null. */
  whole(claim: ImportSource): ImportRow | null {
    return this.#ofClaim(this.#statements.newestWhole, claim);
  }

  /** The newest import of this claim that brought these bytes whole (hex digest), or null. */
  withDigest(claim: ImportSource, fileDigest: string): ImportRow | null {
    return this.#ofClaim(this.#statements.newestWithDigest, claim, fileDigest);
  }

  /** The newest import of this claim, whole or not, or null. */
  newest(claim: ImportSource): ImportRow | null {
    return this.#ofClaim(this.#statements.newest, claim);
  }

  /** An import that has ended, with the seqs of its chunks; null: no such import, or it goes on. */
  ended(rec: string): EndedImport | null {
    const row = this.#statements.ofRecording.get(rec) as ImportRow | undefined;
    if (row === undefined || row.stopSeq === null) return null;
    const { stopSeq, fileDigest } = row;
    return { stopSeq, fileDigest, chunkSeqs: this.#statements.chunkSeqs.all(rec) as number[] };
  }

  /** True if a recorder of this serial has been docked here before. */
  wasDocked(serial: string): boolean {
    return this.#statements.docked.get(serial) !== undefined;
  }

  /** True if a `dock.doubt` names this serial. */
  isDoubted(serial: string): boolean {
    return this.#statements.doubted.get(serial) !== undefined;
  }

  /** What the disks called themselves that this recorder came back as. */
  disksOf(serial: string): string[] {
    return this.#statements.disks.all(serial) as string[];
  }

  /** Who took it at the end of its last docking; null: nobody said. */
  lastTaker(serial: string): string | null {
    return (this.#statements.lastTaker.get(serial) as string | null | undefined) ?? null;
  }

  /** All imports from one recorder, oldest first. */
  *from(serial: string): Generator<ImportRow> {
    for (const row of this.#statements.ofSerial.iterate(serial)) yield row as ImportRow;
  }

  #ofClaim(
    statement: Database.Statement,
    { serial, path, bytes, modified_ms: modifiedMs }: ImportSource,
    ...digest: string[]
  ): ImportRow | null {
    return (
      (statement.get(serial, path, bytes, modifiedMs ?? null, ...digest) as ImportRow | undefined) ?? null
    );
  }
}

function prepare(db: Db) {
  return {
    newest: db.prepare(`SELECT ${COLUMNS} FROM imports WHERE ${OF_CLAIM} ORDER BY start_seq DESC LIMIT 1`),
    newestWhole: db.prepare(
      `SELECT ${COLUMNS} FROM imports WHERE ${OF_CLAIM} AND file_digest IS NOT NULL
       ORDER BY start_seq DESC LIMIT 1`,
    ),
    newestWithDigest: db.prepare(
      `SELECT ${COLUMNS} FROM imports WHERE ${OF_CLAIM} AND file_digest = ? ORDER BY start_seq DESC LIMIT 1`,
    ),
    doubted: db.prepare("SELECT 1 FROM doubts WHERE serial = ?"),
    disks: db.prepare("SELECT disk FROM disks WHERE serial = ? ORDER BY disk").pluck(),
    docked: db.prepare("SELECT 1 FROM dockings WHERE serial = ? LIMIT 1"),
    lastTaker: db.prepare("SELECT taker FROM dockings WHERE serial = ? ORDER BY seq DESC LIMIT 1").pluck(),
    ofRecording: db.prepare(`SELECT ${COLUMNS} FROM imports WHERE rec = ?`),
    chunkSeqs: db
      .prepare("SELECT seq FROM media WHERE rec = ? AND type = 'recording.chunk' ORDER BY seq")
      .pluck(),
    ofSerial: db.prepare(`SELECT ${COLUMNS} FROM imports WHERE serial = ? ORDER BY start_seq`),
  };
}
