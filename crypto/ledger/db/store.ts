import { AgentError } from "../../../config/base/errors.ts";
import { type JsonObject, parseBody } from "../../bytes/canonical.ts";
import { PublicKey } from "../../keys/ed25519.ts";
import type { ChainState } from "../../proof/chain-checker.ts";
import { Frontier } from "../../proof/merkle.ts";
import { DerivedTables } from "./derived.ts";
import { LedgerReader, type StoredEntry } from "./reader.ts";
import { type Db, markDerived, openForWriting } from "./schema.ts";

/** An entry ready to be stored: checked, and parsed. */
export interface NewEntry extends StoredEntry {
  parsed: JsonObject;
}

/** What one transaction adds. */
export interface Addition {
  entries: readonly NewEntry[];
  checkpoints?: readonly { size: number; note: string }[];
  receipts?: readonly { digest: Buffer; envelope: string }[];
}

/**
 * The one write connection of a ledger, a device's own or a receiver's replica. It stores what its
 * caller has signed or verified; an addition is durable when `add` returns.
 */
export class LedgerStore {
  readonly reader: LedgerReader;
  readonly #db: Db;
  readonly #derived: DerivedTables;
  readonly #statements: ReturnType<typeof prepare>;
  #frontier: Frontier;

  private constructor(db: Db) {
    this.#db = db;
    this.reader = new LedgerReader(db);
    this.#derived = new DerivedTables(db);
    this.#statements = prepare(db);
    this.#frontier = Frontier.empty();
  }

  /** Opens or creates `ledger.db` in an existing directory; derived tables that are missing or of another version are rebuilt. */
  static open(dataDir: string): LedgerStore {
    const { db, derivedIsNew } = openForWriting(dataDir);
    const store = new LedgerStore(db);
    if (derivedIsNew) store.#rebuildDerived();
    else store.#frontier = Frontier.load(store.reader.size(), store.reader.node);
    return store;
  }

  get size(): number {
    return this.#frontier.size;
  }

  root(): Buffer {
    return this.#frontier.root();
  }

  /** Root after further `leaves`, without adding them. */
  rootWith(leaves: readonly Buffer[]): Buffer {
    const tentative = this.#frontier.clone();
    for (const leaf of leaves) tentative.append(leaf);
    return tentative.root();
  }

  /** Adds everything in one transaction, durably, or throws and adds nothing: `disk-full` or `ledger-write-failed`. */
  add(addition: Addition): void {
    const frontier = this.#frontier.clone();
    this.#transact(() => {
      for (const entry of addition.entries) this.#insert(entry, frontier);
      for (const { size, note } of addition.checkpoints ?? []) this.#statements.checkpoint.run(size, note);
      for (const { digest, envelope } of addition.receipts ?? []) {
        const { changes } = this.#statements.receipt.run(digest, envelope);
        if (changes > 0) this.#derived.addReceipt(envelope);
      }
    });
    this.#frontier = frontier;
  }

  /** Replaces a stored note by itself with further signature lines. */
  replaceNote(size: number, note: string): void {
    this.#transact(() => this.#statements.replaceNote.run(note, size));
  }

  /** Where the chain stands, for checking or signing what comes next; null before genesis. */
  chainState(): ChainState | null {
    const last = this.size === 0 ? null : this.reader.entry(this.size - 1);
    if (last === null) return null;
    const body = parseBody(last.body) as JsonObject & { t: JsonObject };
    const { deviceKey } = this.reader;
    const epochs = this.reader.epochs();
    const running = epochs.at(-1);
    return {
      deviceKey,
      size: this.size,
      lastLeaf: last.leaf,
      epoch: body.epoch as number,
      epochKey: running === undefined ? null : PublicKey.fromHex(running.pub),
      boot: body.t.boot as string,
      monoUs: body.t.mono_us as number,
      expects: expectation(body),
      boots: new Set([body.t.boot as string, ...epochs.map(({ boot }) => boot)]),
      usedKeys: new Set([deviceKey.hex, ...epochs.map(({ pub }) => pub)]),
    };
  }

  close(): void {
    this.#db.close();
  }

  #insert({ seq, leaf, body, sigs, parsed }: NewEntry, frontier: Frontier): void {
    this.#statements.entry.run(seq, leaf, body, sigs);
    this.#derived.add(seq, parsed, frontier.append(leaf));
  }

  #rebuildDerived(): void {
    const size = this.reader.size();
    this.#transact(() => {
      for (let seq = 0; seq < size; seq++) {
        const entry = this.reader.entry(seq);
        if (entry === null) throw new AgentError("entry-missing", `seq ${seq}`);
        this.#derived.add(seq, parseBody(entry.body), this.#frontier.append(entry.leaf));
      }
      // in the order they came: the first to cover a chunk says how long it waited
      for (const envelope of this.#statements.receiptsInOrder.all())
        this.#derived.addReceipt(envelope as string);
      markDerived(this.#db);
    });
  }

  #transact(work: () => void): void {
    try {
      this.#db.transaction(work).immediate();
    } catch (cause) {
      if (cause instanceof AgentError) throw cause;
      const code = (cause as { code?: string }).code;
      throw new AgentError(code === "SQLITE_FULL" ? "disk-full" : "ledger-write-failed", this.#db.name, {
        cause,
      });
    }
  }
}

/** What §4 demands of the entry after this one. */
function expectation({ type, reason }: JsonObject): ChainState["expects"] {
  if (type === "ledger.genesis") return "first-epoch";
  if (type === "ledger.epoch" && reason === "boot") return "device.boot";
  return type === "ledger.close" ? "new-boot" : "any";
}

function prepare(db: Db) {
  return {
    entry: db.prepare("INSERT INTO entries (seq, leaf, body, sigs) VALUES (?, ?, ?, ?)"),
    checkpoint: db.prepare("INSERT OR IGNORE INTO checkpoints (size, note) VALUES (?, ?)"),
    replaceNote: db.prepare("UPDATE checkpoints SET note = ? WHERE size = ?"),
    receipt: db.prepare("INSERT OR IGNORE INTO receipts (digest, envelope) VALUES (?, ?)"),
    receiptsInOrder: db.prepare("SELECT envelope FROM receipts ORDER BY rowid").pluck(),
  };
}
