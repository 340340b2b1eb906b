import Database from "better-sqlite3";
import { ledgerPath, requireLedger } from "./ledger-place.ts";
import { REPORT_NAMES, REPORT_TABLES } from "./tables/report/report-schema.ts";

export type Db = Database.Database;

/** The evidence itself: exactly the tables of ledger-format §8. */
const EVIDENCE_TABLES = `
CREATE TABLE IF NOT EXISTS entries (
  seq  INTEGER PRIMARY KEY,          -- 0, 1, 2 … no holes
  leaf BLOB NOT NULL,                -- 32 bytes, H(0x00 ‖ body)
  body BLOB NOT NULL,                -- canonical JSON, exactly as signed
  sigs TEXT NOT NULL                 -- §4
) STRICT;
CREATE TABLE IF NOT EXISTS checkpoints (
  size INTEGER PRIMARY KEY,          -- equals the note's size
  note TEXT NOT NULL                 -- signed note, cosignature lines appended as they arrive
) STRICT;
CREATE TABLE IF NOT EXISTS receipts (
  digest   BLOB PRIMARY KEY,         -- H(envelope)
  envelope TEXT NOT NULL             -- DSSE JSON
) STRICT;
CREATE TRIGGER IF NOT EXISTS entries_never_change BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER IF NOT EXISTS entries_never_go BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
`;

/**
 * Indexes over the evidence: rebuilt from it when they are missing or of another version, believed by no
 * verifier. Whoever changes them raises the version.
 */
const DERIVED_VERSION = 10;
const DERIVED_NAMES = [
  "tree_nodes",
  "epochs",
  "media",
  "recordings",
  "recording_entries",
  "activities",
  "activity_entries",
  "named_receipts",
  "imports",
  "dockings",
  "doubts",
  "disks",
  "typed_entries",
  "days",
  "linked_recordings",
  "disputes",
  ...REPORT_NAMES,
];
const DERIVED_TABLES = `
CREATE TABLE tree_nodes (
  position INTEGER PRIMARY KEY,      -- in-order number of a perfect subtree of two leaves or more
  hash     BLOB NOT NULL
) STRICT;
CREATE TABLE epochs (
  seq  INTEGER PRIMARY KEY,          -- of the ledger.epoch entry
  pub  TEXT NOT NULL,                -- hex public key
  boot TEXT NOT NULL                 -- t.boot that it was written in
) STRICT;
CREATE TABLE media (
  seq    INTEGER PRIMARY KEY,        -- of the entry that names the media
  digest BLOB NOT NULL,              -- H(stored bytes)
  bytes  INTEGER NOT NULL,           -- stored length
  type   TEXT NOT NULL,              -- of the entry
  rec    TEXT,                       -- recording that it belongs to
  purged INTEGER NOT NULL DEFAULT 0  -- seq of the custody.purge that names it, 0 if none
) STRICT;
CREATE INDEX media_by_digest ON media (digest);
CREATE INDEX media_by_rec ON media (rec, seq);
CREATE INDEX media_kept ON media (seq) WHERE purged = 0;
CREATE TABLE recordings (
  rec       TEXT PRIMARY KEY,
  start_seq INTEGER NOT NULL,
  stop_seq  INTEGER,                 -- null while open
  activity  TEXT,
  markers   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX recordings_by_stop ON recordings (stop_seq);
CREATE TABLE recording_entries (
  rec TEXT NOT NULL,
  seq INTEGER NOT NULL,              -- of any entry that names the recording and no media
  PRIMARY KEY (rec, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE activities (
  activity  TEXT PRIMARY KEY,
  open_seq  INTEGER NOT NULL,
  close_seq INTEGER
) STRICT;
CREATE TABLE activity_entries (
  activity TEXT NOT NULL,
  seq      INTEGER NOT NULL,         -- of any entry that names the activity, a recording.start too
  PRIMARY KEY (activity, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE named_receipts (
  digest BLOB PRIMARY KEY,           -- receipts that a custody.receipt entry names
  seq    INTEGER NOT NULL
) STRICT;
CREATE INDEX named_receipts_by_seq ON named_receipts (seq);
CREATE TABLE imports (
  rec         TEXT PRIMARY KEY,
  serial      TEXT NOT NULL,         -- the four claims of recording.start's source
  path        TEXT NOT NULL,
  bytes       INTEGER NOT NULL,
  modified_ms INTEGER,
  start_seq   INTEGER NOT NULL,
  stop_seq    INTEGER,               -- null while open
  file_digest TEXT                   -- hex; null unless the stop states it: the file is not here whole
) STRICT;
CREATE TABLE dockings (
  seq    INTEGER PRIMARY KEY,        -- of a dock.attach or dock.detach
  serial TEXT NOT NULL,
  taker  TEXT                        -- wearer that a dock.detach names
) STRICT;
CREATE TABLE doubts (
  serial TEXT PRIMARY KEY,           -- that a dock.doubt names
  seq    INTEGER NOT NULL            -- of the first
) STRICT;
CREATE TABLE disks (
  serial TEXT NOT NULL,
  disk   TEXT NOT NULL,              -- that a dock.inventory of this serial names
  PRIMARY KEY (serial, disk)
) STRICT, WITHOUT ROWID;
CREATE TABLE typed_entries (
  type TEXT NOT NULL,                -- of any entry but a chunk, which the table media tells
  seq  INTEGER NOT NULL,
  PRIMARY KEY (type, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE linked_recordings (
  rec      TEXT NOT NULL,            -- that an activity.link names, and no later activity.unlink
  activity TEXT NOT NULL,
  PRIMARY KEY (rec, activity)
) STRICT, WITHOUT ROWID;
CREATE TABLE disputes (
  activity TEXT PRIMARY KEY          -- that an activity.dispute names
) STRICT;
CREATE TABLE days (
  day       INTEGER PRIMARY KEY,     -- of t.utc_ms: days since 1970-01-01 UTC
  first_seq INTEGER NOT NULL,        -- the wall clock may step: days can overlap
  last_seq  INTEGER NOT NULL,
  entries   INTEGER NOT NULL,
  bytes     INTEGER NOT NULL         -- of media that these entries name
) STRICT;
CREATE INDEX dockings_by_serial ON dockings (serial, seq);
CREATE INDEX imports_by_claim ON imports (serial, path);
${REPORT_TABLES}`;

/** Condition on a checkpoint: the em dash that begins a signature line occurs once in a note without cosignatures. */
export const IS_COSIGNED = "length(note) - length(replace(note, char(8212), '')) > 1";

/**
 * Opens the one write connection. Answers whether the derived tables are new, hence empty: they count as
 * new until `markDerived`.
 */
export function openForWriting(dataDir: string): { db: Db; derivedIsNew: boolean } {
  const db = new Database(ledgerPath(dataDir));
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.pragma("journal_size_limit = 8388608");
  db.exec(EVIDENCE_TABLES);
  const derivedIsNew = !hasDerived(db);
  if (derivedIsNew) {
    const drops = DERIVED_NAMES.map((name) => `DROP TABLE IF EXISTS ${name};`).join(" ");
    db.exec(`BEGIN; PRAGMA user_version = 0; ${drops} ${DERIVED_TABLES} COMMIT;`);
  }
  return { db, derivedIsNew };
}

/** Inside the transaction that has filled the derived tables: they are whole, and of this version. */
export function markDerived(db: Db): void {
  db.pragma(`user_version = ${DERIVED_VERSION}`);
}

/** True if the derived tables are there, whole and of this version. */
export function hasDerived(db: Db): boolean {
  return (
    db.pragma("user_version", { simple: true }) === DERIVED_VERSION &&
    DERIVED_NAMES.every((name) => hasTable(db, name))
  );
}

function hasTable(db: Db, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined;
}

/** Opens a read-only connection. Throws `ledger-missing` and `ledger-forbidden`. */
export function openForReading(dataDir: string): Db {
  const db = new Database(requireLedger(dataDir), { readonly: true });
  db.pragma("query_only = ON");
  return db;
}
