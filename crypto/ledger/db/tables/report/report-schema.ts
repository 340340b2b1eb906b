export const REPORT_NAMES = [
  "recording_sums",
  "receipted",
  "gap_sums",
  "activity_sums",
  "purge_sums",
  "wipe_sums",
];

/** What a report counts, one narrow row for each thing that is rare beside chunks. Times are claimed wall time, ms. */
export const REPORT_TABLES = `
CREATE TABLE recording_sums (
  start_seq INTEGER PRIMARY KEY,     -- of the recording.start
  rec       TEXT NOT NULL,
  start_ms  INTEGER NOT NULL,        -- of its first picture, pre-event time included
  stopped   INTEGER NOT NULL DEFAULT 0,
  media_us  INTEGER NOT NULL DEFAULT 0, -- end of its last chunk in media time; 0 while open, and for imports
  chunks    INTEGER NOT NULL DEFAULT 0, -- 0 while open
  bytes     INTEGER NOT NULL DEFAULT 0, -- as the stop states; 0 while open
  live      INTEGER NOT NULL,        -- 0: an import
  wearer    TEXT,
  activity  TEXT,                    -- that it was made for, or that it is linked to first
  delays    TEXT                     -- JSON array of step, chunks, step, chunks …: how many chunks were first
                                     -- covered by a receipt so long after they were signed, as steps of the scale
) STRICT;
CREATE INDEX recording_sums_by_time ON recording_sums (start_ms);
CREATE INDEX recording_sums_by_rec ON recording_sums (rec);
CREATE TABLE receipted (
  from_seq INTEGER PRIMARY KEY,      -- disjoint, non-adjacent ranges of seqs whose media a receipt covers
  to_seq   INTEGER NOT NULL
) STRICT;
CREATE TABLE gap_sums (
  at_ms     INTEGER NOT NULL,        -- when it began
  seq       INTEGER NOT NULL,        -- of the device.gap
  us        INTEGER NOT NULL,
  reason    TEXT NOT NULL,
  start_seq INTEGER,                 -- of the recording that it lies in, or follows
  inside    INTEGER NOT NULL,        -- 0: outside a recording
  PRIMARY KEY (at_ms, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE activity_sums (
  open_seq   INTEGER PRIMARY KEY,
  activity   TEXT NOT NULL UNIQUE,
  at_ms      INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  officers   TEXT NOT NULL,          -- JSON array of ids
  templated  INTEGER NOT NULL,
  close_seq  INTEGER,                -- null while it is open
  missing    INTEGER                 -- requirements that the close says are missing; null: it says nothing
) STRICT;
CREATE INDEX activity_sums_by_time ON activity_sums (at_ms);
CREATE TABLE purge_sums (
  at_ms  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,           -- of the custody.purge
  files  INTEGER NOT NULL,           -- media entries that it was the first to name
  bytes  INTEGER NOT NULL,
  PRIMARY KEY (at_ms, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE wipe_sums (
  at_ms  INTEGER NOT NULL,
  seq    INTEGER NOT NULL,           -- of the dock.wipe
  bytes  INTEGER NOT NULL,
  PRIMARY KEY (at_ms, seq)
) STRICT, WITHOUT ROWID;
`;
