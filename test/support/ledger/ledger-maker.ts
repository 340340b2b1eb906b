import { canonicalBody, canonicalText, type JsonObject } from "../../../crypto/bytes/canonical.ts";
import { leafHash, sha256 } from "../../../crypto/bytes/digest.ts";
import { type Range, RangeSet } from "../../../crypto/bytes/ranges.ts";
import { ENTRY_TYPE, preAuthEncoding } from "../../../crypto/keys/dsse.ts";
import { COSIGNATURE, deviceVkey, formatVkey, PLAIN_NOTE, verifierKey } from "../../../crypto/keys/vkey.ts";
import { Frontier } from "../../../crypto/proof/merkle.ts";
import { cosign, signCheckpoint } from "../../../crypto/proof/note.ts";
import { signReceipt } from "../../../crypto/proof/receipt.ts";
import type { Evidence, EvidenceRow } from "./evidence.ts";
import { TestKey } from "./test-keys.ts";

export const DEVICE = TestKey.named("device");
export const WITNESS = TestKey.named("district.example/witness");
export const SECOND_WITNESS = TestKey.named("city.example/witness");
export const CUSTODY = TestKey.named("district.example/custody");
/** Listed in no trust file. */
export const STRANGER = TestKey.named("stranger.example");

export const START_UTC_MS = Date.UTC(2026, 10, 23, 8);
/** When witnesses cosign: one second later for every entry. */
export const COSIGNED_S = START_UTC_MS / 1000 + 3600;

const NO_PREVIOUS = "0".repeat(64);

/** An honest trust file for the makers' ledgers. */
export function trustFile(
  options: { quorum?: number; witnesses?: readonly TestKey[]; device?: TestKey } = {},
): string {
  const { quorum = 1, witnesses = [WITNESS], device = DEVICE } = options;
  const named = witnesses.map((key) => formatVkey(verifierKey(key.name, COSIGNATURE, key.publicKey)));
  const custody = formatVkey(verifierKey(CUSTODY.name, PLAIN_NOTE, CUSTODY.publicKey));
  return [
    `quorum = ${quorum}`,
    `device = ${JSON.stringify([formatVkey(deviceVkey(device.publicKey))])}`,
    `witness = ${JSON.stringify(named)}`,
    `custody = ${JSON.stringify([custody])}`,
    "",
  ].join("\n");
}

/** What a maker may do differently from an honest device: every lie is properly hashed and signed. */
export interface Lies {
  /** Changes a body before it is hashed and signed. */
  body?: (body: JsonObject) => void;
  /** Who signs an entry, given who should. */
  signers?: (signers: TestKey[], seq: number) => TestKey[];
}

/**
 * Writes ledgers by ledger-format alone, with none of the program's writer: genesis and first epoch are
 * there from the beginning, and everything else is asked for.
 */
export class LedgerMaker {
  readonly #lies: Lies;
  readonly #entries: EvidenceRow[] = [];
  readonly #frontier = Frontier.empty();
  readonly #checkpoints: Evidence["checkpoints"] = [];
  readonly #receipts: Evidence["receipts"] = [];
  readonly #media = new Map<string, Buffer>();
  #prev = NO_PREVIOUS;
  #epoch = 0;
  #epochKey = TestKey.named("epoch 0: none");
  #boots = 0;
  #monoUs = 0;
  #utcMs = START_UTC_MS;

  constructor(lies: Lies = {}) {
    this.#lies = lies;
    const key = DEVICE.publicKey.hex;
    const identity = {
      role: "recorder",
      model: "FT-1",
      serial: "000123",
      chunk_ms: 2000,
      heartbeat_ms: 60_000,
    };
    this.#seal({ type: "ledger.genesis", key, ...identity }, [DEVICE]);
    this.epoch("first");
  }

  /** Key of an epoch by its number. */
  static epochKey(epoch: number): TestKey {
    return TestKey.named(`epoch ${epoch}`);
  }

  get size(): number {
    return this.#entries.length;
  }

  pass(ms: number): void {
    this.#monoUs += ms * 1000;
    this.#utcMs += ms;
  }

  /** Any entry but an epoch, signed by the running epoch's key; answers its seq. */
  add(body: JsonObject): number {
    return this.#seal(body, [this.#epochKey]);
  }

  epoch(reason: "first" | "timer" | "recording" | "boot"): void {
    const old = this.#epochKey;
    this.#epoch++;
    this.#epochKey = LedgerMaker.epochKey(this.#epoch);
    const signers = reason === "first" || reason === "boot" ? [DEVICE] : [old, DEVICE];
    this.#seal({ type: "ledger.epoch", pub: this.#epochKey.publicKey.hex, reason }, [
      ...signers,
      this.#epochKey,
    ]);
  }

  /** A new run: its epoch and its device.boot. */
  boot(clean: boolean, open: string[] = []): void {
    this.#boots++;
    this.#monoUs = 0;
    this.epoch("boot");
    this.add({ type: "device.boot", clean, agent: "0.1.0", config: "c0".repeat(32), open });
  }

  /** Keeps a media file; answers the fields that name it. */
  media(content: Buffer): { digest: string; bytes: number; sealed: boolean } {
    const digest = sha256(content).toString("hex");
    this.#media.set(digest, content);
    return { digest, bytes: content.length, sealed: false };
  }

  /** A checkpoint of the present size with cosignatures, stored. */
  checkpoint(...witnesses: TestKey[]): string {
    const checkpoint = { dev: DEVICE.publicKey.deviceId, size: this.size, root: this.#frontier.root() };
    const timeS = COSIGNED_S + this.size;
    const lines = witnesses.map((key, i) => `${cosign(checkpoint, timeS + i, key.name, key.signer)}\n`);
    const note = signCheckpoint(checkpoint, DEVICE.signer) + lines.join("");
    this.#checkpoints.push({ size: this.size, note });
    return note;
  }

  /** A receipt over the present ledger for the media in `seqs`, stored and named by an entry; its digest. */
  receipt(seqs: Range[], custody = CUSTODY): string {
    const envelope = signReceipt(
      {
        dev: DEVICE.publicKey.deviceId,
        size: this.size,
        root: this.#frontier.root(),
        media: RangeSet.of(seqs),
        storedMs: this.#utcMs,
        receiver: custody.name,
      },
      custody.signer,
    );
    const digest = sha256(envelope);
    this.#receipts.push({ digest, envelope });
    this.add({
      type: "custody.receipt",
      receipt: digest.toString("hex"),
      receiver: custody.name,
      size: this.size,
    });
    return digest.toString("hex");
  }

  /** What was made so far. */
  evidence(trust = trustFile()): Evidence {
    return {
      entries: [...this.#entries],
      checkpoints: [...this.#checkpoints],
      receipts: [...this.#receipts],
      media: new Map(this.#media),
      trust,
    };
  }

  #seal(fields: JsonObject, signers: TestKey[]): number {
    const seq = this.size;
    this.pass(1);
    const boot = `00000000-0000-4000-8000-${String(this.#boots).padStart(12, "0")}`;
    const body: JsonObject = {
      v: 1,
      dev: DEVICE.publicKey.deviceId,
      seq,
      prev: this.#prev,
      epoch: this.#epoch,
      t: { boot, mono_us: this.#monoUs, utc_ms: this.#utcMs, src: "ntp", unc_ms: 20 },
      ...fields,
    };
    this.#lies.body?.(body);
    const row = sealed(seq, canonicalBody(body), this.#lies.signers?.(signers, seq) ?? signers);
    this.#entries.push(row);
    this.#frontier.append(row.leaf);
    this.#prev = row.leaf.toString("hex");
    return seq;
  }
}

/** A row whose leaf and signatures are right for these bytes. */
export function sealed(seq: number, body: Buffer, signers: readonly TestKey[]): EvidenceRow {
  const message = preAuthEncoding(ENTRY_TYPE, body);
  const sigs = signers.map((key) => ({ kid: key.publicKey.kid, sig: key.sign(message).toString("hex") }));
  return { seq, leaf: leafHash(body), body, sigs: canonicalText(sigs) };
}
