import { AgentError } from "../../../config/base/errors.ts";
import { type JsonObject, parseBody } from "../../bytes/canonical.ts";
import { PublicKey } from "../../keys/ed25519.ts";
import { type NodeSource, nodePosition, treeRoot } from "../../proof/merkle.ts";
import { type Db, IS_COSIGNED, openForReading } from "./schema.ts";
import { ActivityIndex } from "./tables/activities.ts";
import { EntryIndex } from "./tables/entry-index.ts";
import { ImportIndex } from "./tables/imports.ts";
import { InspectionIndex } from "./tables/inspections.ts";
import { MediaIndex } from "./tables/media.ts";
import { ReceiptIndex } from "./tables/receipts.ts";
import { RecordingIndex } from "./tables/recordings.ts";
import { RecordIndex } from "./tables/records.ts";
import { ReportIndex } from "./tables/report/report-index.ts";

export interface StoredEntry {
  seq: number;
  leaf: Buffer;
  /** Canonical JSON, exactly as signed. */
  body: Buffer;
  sigs: string;
}

export interface CheckpointRow {
  size: number;
  note: string;
}

/**
 * Short synchronous reads over a ledger, through any connection: the writer's own, or a read-only
 * one beside it. Relies on the derived tables; the verifier does not use it.
 */
export class LedgerReader {
  readonly #db: Db;
  readonly #statements: ReturnType<typeof prepare>;
  #deviceKey: PublicKey | null = null;
  #media: MediaIndex | null = null;
  #receipts: ReceiptIndex | null = null;
  #recordings: RecordingIndex | null = null;
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

  /** A read-only connection of its own. Throws `ledger-missing` and `ledger-forbidden`. */
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

  /**
   * Entries that name media. Each table is prepared when it is first asked for: a command asks for few of them, and
   * a ledger that no writer of this version has opened lacks some.
   */
  get media(): MediaIndex {
    this.#media ??= new MediaIndex(this.#db);
    return this.#media;
  }

  get receipts(): ReceiptIndex {
    this.#receipts ??= new ReceiptIndex(this.#db);
    return this.#receipts;
  }

  get recordings(): RecordingIndex {
    this.#recordings ??= new RecordingIndex(this.#db);
    return this.#recordings;
  }

  /** Which recorders and which of their files the ledger knows. */
  get imports(): ImportIndex {
    this.#imports ??= new ImportIndex(this.#db);
    return this.#imports;
  }

  get activities(): ActivityIndex {
    this.#activities ??= new ActivityIndex(this.#db);
    return this.#activities;
  }

  /** Entries by type and day. */
  get index(): EntryIndex {
    this.#entryIndex ??= new EntryIndex(this.#db);
    return this.#entryIndex;
  }

  /** What gap accounts look up. */
  get records(): RecordIndex {
    this.#records ??= new RecordIndex(this.#db);
    return this.#records;
  }

  /** What inspections look up. */
  get inspections(): InspectionIndex {
    this.#inspections ??= new InspectionIndex(this.#db);
    return this.#inspections;
  }

  /** What reports count. */
  get reports(): ReportIndex {
    this.#reports ??= new ReportIndex(this.#db);
    return this.#reports;
  }

  /** Runs reads that belong together: all of them see one state of the ledger, whoever writes meanwhile. */
  atOnce<Result>(look: () => Result): Result {
    return this.#db.transaction(look).deferred();
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
    epochs: db.prepare("SELECT seq, pub, boot FROM epochs ORDER BY seq"),
  };
}
