import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

export interface EvidenceRow {
  seq: number;
  leaf: Buffer;
  body: Buffer;
  sigs: string;
}

/** A ledger as a stranger would find it: the rows of the three tables, the media files, and whom to trust. */
export interface Evidence {
  entries: EvidenceRow[];
  checkpoints: { size: number; note: string }[];
  receipts: { digest: Buffer; envelope: string }[];
  /** By digest, hex. */
  media: Map<string, Buffer>;
  /** Text of `trust.toml`. */
  trust: string;
}

/** A copy that shares no rows, so that one may be tampered with. */
export function copyOf(evidence: Evidence): Evidence {
  return {
    entries: evidence.entries.map((row) => ({
      ...row,
      leaf: Buffer.from(row.leaf),
      body: Buffer.from(row.body),
    })),
    checkpoints: evidence.checkpoints.map((row) => ({ ...row })),
    receipts: evidence.receipts.map((row) => ({ ...row })),
    media: new Map([...evidence.media].map(([digest, bytes]) => [digest, Buffer.from(bytes)])),
    trust: evidence.trust,
  };
}

/** The tables of ledger-format §8, word for word, and no others: a foreign writer's file. */
const TABLES = `
CREATE TABLE entries (
  seq  INTEGER PRIMARY KEY,
  leaf BLOB NOT NULL,
  body BLOB NOT NULL,
  sigs TEXT NOT NULL
) STRICT;
CREATE TABLE checkpoints (
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;
CREATE TABLE receipts (
  digest   BLOB PRIMARY KEY,
  envelope TEXT NOT NULL
) STRICT;
`;

/** Writes `ledger.db` and `media/` into an existing directory. */
export function writeEvidence(dataDir: string, evidence: Evidence): void {
  const db = new Database(join(dataDir, "ledger.db"));
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = OFF");
  db.exec(TABLES);
  const entry = db.prepare("INSERT INTO entries VALUES (?, ?, ?, ?)");
  const checkpoint = db.prepare("INSERT INTO checkpoints VALUES (?, ?)");
  const receipt = db.prepare("INSERT INTO receipts VALUES (?, ?)");
  db.transaction(() => {
    for (const { seq, leaf, body, sigs } of evidence.entries) entry.run(seq, leaf, body, sigs);
    for (const { size, note } of evidence.checkpoints) checkpoint.run(size, note);
    for (const { digest, envelope } of evidence.receipts) receipt.run(digest, envelope);
  })();
  db.close();
  for (const [digest, bytes] of evidence.media) {
    mkdirSync(join(dataDir, "media", digest.slice(0, 2)), { recursive: true });
    writeFileSync(mediaPath(dataDir, digest), bytes);
  }
}

export function mediaPath(dataDir: string, digest: string): string {
  return join(dataDir, "media", digest.slice(0, 2), digest);
}
