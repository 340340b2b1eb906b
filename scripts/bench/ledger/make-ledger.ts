import { createPrivateKey, type KeyObject, sign } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { systemRandom } from "../../../config/base/random.ts";
import { canonicalBody, canonicalText, type JsonObject } from "../../../crypto/bytes/canonical.ts";
import { leafHash } from "../../../crypto/bytes/digest.ts";
import type { Epoch, Genesis, Heartbeat } from "../../../crypto/entry/ledger-types.ts";
import type { AppendableBody } from "../../../crypto/entry/types.ts";
import { ENTRY_TYPE, preAuthEncoding } from "../../../crypto/keys/dsse.ts";
import { SigningKey } from "../../../crypto/keys/ed25519.ts";
import { openKeyFile } from "../../../crypto/keys/key-file.ts";
import { LedgerStore, type NewEntry } from "../../../crypto/ledger/db/store.ts";
import { signCheckpoint } from "../../../crypto/proof/note.ts";

/** Entries a transaction. */
const BATCH = 1000;
/** So that the checkpoint after every batch keeps to one in 10 s. */
const HEARTBEAT_MS = 10;
const START_UTC_MS = Date.UTC(2026, 0, 1);
const BOOT = "00000000-0000-4000-8000-000000000001";

/**
 * Writes a valid ledger of heartbeats quickly: the bytes are those of the real writer, but signed by
 * node:crypto, a thousand entries to a transaction. The real writer can go on with it.
 */
export class LedgerMaker {
  readonly dataDir: string;
  readonly dev: string;
  readonly deviceKey: SigningKey;
  readonly #epochKey = SigningKey.generate(systemRandom);
  readonly #fastEpochKey = privateKeyObject(this.#epochKey);
  #lastLeaf: Buffer = Buffer.alloc(32);

  private constructor(dataDir: string, deviceKey: SigningKey) {
    this.dataDir = dataDir;
    this.deviceKey = deviceKey;
    this.dev = deviceKey.publicKey.deviceId;
  }

  /** A ledger of two entries, genesis and the first epoch, in a new directory. */
  static begin(dataDir: string): LedgerMaker {
    mkdirSync(dataDir, { recursive: true });
    const maker = new LedgerMaker(dataDir, openKeyFile(join(dataDir, "keys", "device.key"), systemRandom));
    maker.#begin();
    return maker;
  }

  /** Adds heartbeats until the ledger has `size` entries. The database is closed afterwards: it may be copied. */
  growTo(size: number): void {
    const store = LedgerStore.open(this.dataDir);
    while (store.size < size) {
      const count = Math.min(BATCH, size - store.size);
      this.#add(
        store,
        Array.from({ length: count }, (_, i) => this.#heartbeat(store.size + i)),
      );
    }
    store.close();
  }

  /** Adds entries of any kind but epochs, as their clock claims, a checkpoint after every thousand. */
  growBy(made: Iterable<MadeEntry>): void {
    const store = LedgerStore.open(this.dataDir);
    let batch: NewEntry[] = [];
    const flush = () => {
      if (batch.length > 0) this.#add(store, batch);
      batch = [];
    };
    for (const { own, utcMs, receipt } of made) {
      if (own !== undefined) batch.push(this.#fastEntry(store.size + batch.length, own, utcMs));
      if (batch.length === BATCH || receipt !== undefined) flush();
      if (receipt !== undefined) store.add({ entries: [], receipts: [receipt(store)] });
    }
    flush();
    store.close();
  }

  /** Stores a receipt's envelope as it would stand beside the entries. */
  addReceipt(receipt: { digest: Buffer; envelope: string }): void {
    const store = LedgerStore.open(this.dataDir);
    store.add({ entries: [], receipts: [receipt] });
    store.close();
  }

  #begin(): void {
    const genesis: Genesis = {
      type: "ledger.genesis",
      key: this.deviceKey.publicKey.hex,
      role: "recorder",
      model: "bench",
      serial: "bench",
      chunk_ms: 2000,
      heartbeat_ms: HEARTBEAT_MS,
    };
    const epoch: Epoch = { type: "ledger.epoch", pub: this.#epochKey.publicKey.hex, reason: "first" };
    const slow = (key: SigningKey) => ({
      kid: key.publicKey.kid,
      sign: (message: Buffer) => key.sign(message),
    });
    const store = LedgerStore.open(this.dataDir);
    this.#add(store, [
      this.#entry(0, 0, genesis, [slow(this.deviceKey)]),
      this.#entry(1, 1, epoch, [slow(this.deviceKey), slow(this.#epochKey)]),
    ]);
    store.close();
  }

  #add(store: LedgerStore, entries: NewEntry[]): void {
    const size = store.size + entries.length;
    const root = store.rootWith(entries.map(({ leaf }) => leaf));
    const note = signCheckpoint({ dev: this.dev, size, root }, this.deviceKey);
    store.add({ entries, checkpoints: [{ size, note }] });
  }

  #heartbeat(seq: number): NewEntry {
    const body: Heartbeat = { type: "device.heartbeat", free_bytes: 64e9 - seq, recording: false };
    return this.#fastEntry(seq, body, START_UTC_MS + seq * HEARTBEAT_MS);
  }

  #fastEntry(seq: number, own: Own, utcMs: number): NewEntry {
    const { kid } = this.#epochKey.publicKey;
    const signer = { kid, sign: (message: Buffer) => sign(null, message, this.#fastEpochKey) };
    return this.#entry(seq, 1, own, [signer], utcMs);
  }

  #entry(
    seq: number,
    epoch: number,
    own: Own,
    signers: readonly Signer[],
    utcMs = START_UTC_MS + seq * HEARTBEAT_MS,
  ): NewEntry {
    const parsed = {
      ...own,
      v: 1,
      dev: this.dev,
      seq,
      prev: this.#lastLeaf.toString("hex"),
      epoch,
      t: {
        boot: BOOT,
        mono_us: seq * HEARTBEAT_MS * 1000,
        utc_ms: utcMs,
        src: "none",
      },
    } as unknown as JsonObject;
    const body = canonicalBody(parsed);
    const message = preAuthEncoding(ENTRY_TYPE, body);
    const sigs = canonicalText(signers.map(({ kid, sign }) => ({ kid, sig: sign(message).toString("hex") })));
    const leaf = leafHash(body);
    this.#lastLeaf = leaf;
    return { seq, leaf, body, sigs, parsed };
  }
}

type Own = Genesis | Epoch | AppendableBody;

/** An entry to be made, or a receipt that comes when all before it is stored. */
export interface MadeEntry {
  own?: AppendableBody;
  utcMs: number;
  receipt?: (store: LedgerStore) => { digest: Buffer; envelope: string };
}

interface Signer {
  kid: string;
  sign(message: Buffer): Buffer;
}

/** node:crypto's handle of a key that tweetnacl signs with elsewhere: same bytes, a hundred times faster. */
function privateKeyObject(key: SigningKey): KeyObject {
  const jwk = {
    kty: "OKP",
    crv: "Ed25519",
    d: key.seed.toString("base64url"),
    x: key.publicKey.bytes.toString("base64url"),
  };
  return createPrivateKey({ key: jwk, format: "jwk" });
}
