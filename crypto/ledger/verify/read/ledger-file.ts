import Database from "better-sqlite3";
import { AgentError, errorCode } from "../../../../config/base/errors.ts";
import { MAX_BODY_BYTES } from "../../../bytes/canonical.ts";
import { MAX_NOTE_BYTES } from "../../../proof/note.ts";
import { MAX_ENVELOPE_BYTES } from "../../../proof/receipt.ts";

export interface EntryRow {
  seq: number;
  leaf: Buffer;
  body: Buffer;
  sigs: string;
}

/** The tables and columns of ledger-format §8. */
const TABLES = {
  entries: ["seq", "leaf", "body", "sigs"],
  checkpoints: ["size", "note"],
  receipts: ["digest", "envelope"],
};
const TABLE_NAMES = Object.keys(TABLES) as (keyof typeof TABLES)[];
/** An epoch entry has three signatures of 164 characters. */
const MAX_SIGS_BYTES = 1024;
/** More rows at once cost memory and save no time. */
const ROWS_AT_ONCE = 64;

/**
 * The three tables of ledger-format §8 in a private copy, and nothing else: derived tables are not
 * believed, and a foreign writer may have none. Rows of any content come out; what is too long to be
 * right comes out cut, so that it is found wrong in bounded memory.
 */
export class LedgerFile {
  readonly #db: Database.Database;
  readonly #entries: Database.Statement;
  readonly #checkpoints: Database.Statement;
  readonly #receipts: Database.Statement;

  private constructor(db: Database.Database) {
    this.#db = db;
    this.#entries = db.prepare(PACKED_ENTRIES).raw();
    this.#checkpoints = db.prepare(
      `SELECT size, ${upTo(MAX_NOTE_BYTES, "note")} AS note FROM checkpoints
       WHERE size > ? AND size <= ${Number.MAX_SAFE_INTEGER} ORDER BY size LIMIT ${ROWS_AT_ONCE}`,
    );
    this.#receipts = db.prepare(
      `SELECT rowid, CAST(digest AS BLOB) AS digest, ${upTo(MAX_ENVELOPE_BYTES, "envelope")} AS envelope
       FROM receipts NOT INDEXED
       WHERE rowid > ? AND rowid <= ${Number.MAX_SAFE_INTEGER} ORDER BY rowid LIMIT ${ROWS_AT_ONCE}`,
    );
  }

  /** Throws `not-a-ledger` or `database-damaged`. */
  static open(path: string): LedgerFile {
    return reading(() => {
      const db = new Database(path);
      try {
        db.pragma("trusted_schema = OFF");
        db.pragma("cache_size = -2048");
        requireTables(db);
        return new LedgerFile(db);
      } catch (error) {
        db.close();
        throw error;
      }
    });
  }

  /** The lowest and the highest seq, or null for a ledger without entries. */
  bounds(): { first: number; last: number } | null {
    return reading(() => {
      // two questions: SQLite answers each by one look at an end of the table, both together by reading it all
      const within = `FROM entries WHERE seq BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}`;
      const first = this.#db.prepare(`SELECT min(seq) ${within}`).pluck().get() as number | null;
      const last = this.#db.prepare(`SELECT max(seq) ${within}`).pluck().get() as number | null;
      return first === null || last === null ? null : { first, last };
    });
  }

  /** Tables with rows whose numbers no ledger can have: they are not among those that are read here. */
  strays(): (keyof typeof TABLES)[] {
    const numbers = { entries: "seq", checkpoints: "size", receipts: "rowid" };
    return TABLE_NAMES.filter((table) => {
      const outside = `${numbers[table]} < 0 OR ${numbers[table]} > ${Number.MAX_SAFE_INTEGER}`;
      return reading(
        () => this.#db.prepare(`SELECT 1 FROM ${table} WHERE ${outside} LIMIT 1`).get() !== undefined,
      );
    });
  }

  /** Entries from seq 0 on in order, some at a time. */
  *entries(): Generator<EntryRow[]> {
    const bounds = this.bounds();
    for (let at = 0; bounds !== null && at <= bounds.last; ) {
      const rows = reading(() => unpack(this.#entries.get(at, at + ROWS_AT_ONCE) as PackedEntries));
      yield rows;
      at = rows.length > 0 ? at + ROWS_AT_ONCE : this.#nextSeq(at);
    }
  }

  /** In order of size. */
  *checkpoints(): Generator<{ size: number; note: string }> {
    let last = -1;
    for (;;) {
      const rows = reading(() => this.#checkpoints.all(last) as { size: number; note: string }[]);
      yield* rows;
      if (rows.length < ROWS_AT_ONCE) return;
      last = rows.at(-1)?.size ?? 0;
    }
  }

  /** In no particular order. */
  *receipts(): Generator<{ digest: Buffer; envelope: string }> {
    let last = -1;
    for (;;) {
      const rows = reading(
        () => this.#receipts.all(last) as { rowid: number; digest: Buffer; envelope: string }[],
      );
      yield* rows;
      if (rows.length < ROWS_AT_ONCE) return;
      last = rows.at(-1)?.rowid ?? 0;
    }
  }

  close(): void {
    this.#db.close();
  }

  /** Jumps over a hole: there is an entry at or above `from`. */
  #nextSeq(from: number): number {
    return reading(() => {
      const statement = this.#db.prepare("SELECT min(seq) FROM entries WHERE seq >= ?").pluck();
      return statement.get(from) as number;
    });
  }
}

/**
 * Many rows as one: lists of lengths, and the columns joined. Row by row, better-sqlite3 needs longer
 * than all checks of an entry together. Casts join bytes as they are, valid UTF-8 or not.
 */
const PACKED_ENTRIES = `
SELECT group_concat(seq) AS seqs,
  group_concat(length(leaf)) AS leaf_bytes, CAST(group_concat(CAST(leaf AS TEXT), '') AS BLOB) AS leaves,
  group_concat(length(body)) AS body_bytes, CAST(group_concat(CAST(body AS TEXT), '') AS BLOB) AS bodies,
  group_concat(length(sigs)) AS sigs_bytes, CAST(group_concat(CAST(sigs AS TEXT), '') AS BLOB) AS sigs
FROM (
  SELECT seq,
    ${bytesUpTo(32, "leaf")} AS leaf,
    ${bytesUpTo(MAX_BODY_BYTES, "body")} AS body,
    ${bytesUpTo(MAX_SIGS_BYTES, "sigs")} AS sigs
  FROM entries WHERE seq >= ? AND seq < ? ORDER BY seq
)`;

type PackedEntries = [
  seqs: string | null,
  leafBytes: string,
  leaves: Buffer,
  bodyBytes: string,
  bodies: Buffer,
  sigsBytes: string,
  sigs: Buffer,
];

function unpack([seqs, leafBytes, leaves, bodyBytes, bodies, sigsBytes, sigs]: PackedEntries): EntryRow[] {
  if (seqs === null) return [];
  const leafAt = slices(leaves, leafBytes);
  const bodyAt = slices(bodies, bodyBytes);
  const sigsAt = slices(sigs, sigsBytes);
  return seqs
    .split(",")
    .map((seq) => ({ seq: Number(seq), leaf: leafAt(), body: bodyAt(), sigs: sigsAt().toString() }));
}

/** Answers the parts of `joined` one after the other. */
function slices(joined: Buffer | null, lengths: string): () => Buffer {
  const bytes = lengths.split(",").map(Number);
  let part = 0;
  let at = 0;
  return () => {
    const start = at;
    at += bytes[part++] ?? 0;
    return (joined ?? Buffer.alloc(0)).subarray(start, at);
  };
}

/** A column's bytes; one byte too many where there are more than a right row can have. */
function bytesUpTo(limit: number, column: string): string {
  return `CASE WHEN octet_length(${column}) > ${limit} THEN zeroblob(${limit + 1}) ELSE CAST(${column} AS BLOB) END`;
}

function upTo(limit: number, column: string): string {
  return `CASE WHEN octet_length(${column}) > ${limit} THEN '' ELSE CAST(${column} AS TEXT) END`;
}

function requireTables(db: Database.Database): void {
  if (db.pragma("encoding", { simple: true }) !== "UTF-8") throw new AgentError("not-a-ledger", "not UTF-8");
  const kinds = new Map(
    (db.pragma("table_list") as { schema: string; name: string; type: string }[])
      .filter(({ schema }) => schema === "main")
      .map(({ name, type }) => [name, type]),
  );
  for (const [table, columns] of Object.entries(TABLES)) {
    // a view or virtual table could answer differently every time
    if (kinds.get(table) !== "table") throw new AgentError("not-a-ledger", `no table ${table}`);
    const found = db.pragma(`table_xinfo(${table})`) as { name: string; hidden: number }[];
    const sound = columns.every((name) =>
      found.some((column) => column.name === name && column.hidden === 0),
    );
    if (!sound) throw new AgentError("not-a-ledger", `columns of ${table}`);
  }
}

/** SQLite's own errors as what they say about the file. */
function reading<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = errorCode(cause);
    if (code === "SQLITE_NOTADB") throw new AgentError("not-a-ledger", "not an SQLite database", { cause });
    if (code.startsWith("SQLITE_")) throw new AgentError("database-damaged", code, { cause });
    throw cause;
  }
}
