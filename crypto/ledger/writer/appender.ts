import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { type Random, uuid } from "../../../config/base/random.ts";
import { canonicalBody, canonicalText, type JsonObject } from "../../bytes/canonical.ts";
import { leafHash } from "../../bytes/digest.ts";
import type { EntryEnvelope, WallClaim } from "../../entry/envelope.ts";
import type { Boot, ClockStep, Close, Epoch, Genesis } from "../../entry/ledger-types.ts";
import type { AppendableBody, EntryBody } from "../../entry/types.ts";
import { ENTRY_TYPE, preAuthEncoding } from "../../keys/dsse.ts";
import { SigningKey } from "../../keys/ed25519.ts";
import { signCheckpoint } from "../../proof/note.ts";
import type { CheckpointRow } from "../db/reader.ts";
import type { LedgerStore, NewEntry } from "../db/store.ts";
import type { ClockOrigin } from "./clock-origin.ts";

export interface AppenderParts {
  store: LedgerStore;
  deviceKey: SigningKey;
  clock: Clock;
  random: Random;
  clockOrigin: () => ClockOrigin;
  /** Longest time between checkpoints while entries are being added. */
  checkpointMs: number;
}

/** Own fields of the genesis entry, but for the key. */
export type Identity = Omit<Genesis, "type" | "key">;

/** Own fields of `device.boot`, and what start-up found beyond them. */
export type BootReport = Omit<Boot, "type"> & { quarantined?: string[] };

/** An epoch key is replaced well before the 10 minutes of ledger-format §4 are over. */
const EPOCH_MAX_US = 9.5 * 60 * 1e6;
/** NTP slews less than 128 ms; a larger jump between two entries was a step. */
const CLOCK_STEP_MS = 500;

/** The chain's end while entries are drafted, before they are committed. */
interface Draft {
  entries: NewEntry[];
  seq: number;
  prev: Buffer;
  epoch: number;
  epochKey: SigningKey;
  epochMonoUs: number;
}

/** Entries after which a checkpoint is due at once (ledger-format §6). */
const CHECKPOINTED = new Set(["recording.stop", "ledger.epoch", "device.gap", "ledger.close"]);

/**
 * Makes entries: chain, time, epoch keys, signatures and checkpoints, committed as one transaction
 * a call. Holds the device key and the epoch key; the only code that signs entries.
 */
export class Appender {
  readonly boot: string;
  readonly #parts: AppenderParts;
  readonly #startUs: number;
  #epochKey: SigningKey;
  #epoch: number;
  #epochMonoUs = 0;
  #lastMonoUs = 0;
  #lastWall: { monoUs: number; utcMs: number };
  #lastCheckpointUs = 0;
  readonly #open = new Set<string>();
  #closed = false;

  private constructor(parts: AppenderParts, epoch: number) {
    this.#parts = parts;
    this.boot = uuid(parts.random);
    this.#startUs = parts.clock.monoUs();
    this.#epoch = epoch;
    this.#epochKey = parts.deviceKey;
    this.#lastWall = { monoUs: 0, utcMs: parts.clock.utcMs() };
  }

  /** Begins a ledger: genesis and first epoch in one transaction. */
  static begin(parts: AppenderParts, identity: Identity): Appender {
    const appender = new Appender(parts, 0);
    const { deviceKey } = parts;
    const genesis: Genesis = { type: "ledger.genesis", key: deviceKey.publicKey.hex, ...identity };
    const draft = appender.#draft(Buffer.alloc(32));
    appender.#addSigned(draft, genesis, [deviceKey]);
    appender.#addEpoch(draft, "first", [deviceKey]);
    appender.#commit(draft);
    return appender;
  }

  /** Goes on with a ledger: boot epoch and `device.boot` in one transaction. */
  static resume(parts: AppenderParts, report: BootReport): Appender {
    const last = parts.store.chainState();
    if (last === null) throw new AgentError("ledger-empty", "nothing to go on with");
    if (last.deviceKey.hex !== parts.deviceKey.publicKey.hex) {
      throw new AgentError("wrong-device-key", `ledger of ${last.deviceKey.deviceId}`, {
        next: "put back the keys/device.key that this ledger was begun with",
      });
    }
    const appender = new Appender(parts, last.epoch);
    const draft = appender.#draft(last.lastLeaf);
    appender.#addEpoch(draft, "boot", [parts.deviceKey]);
    appender.#add(draft, { type: "device.boot", ...report });
    appender.#commit(draft);
    return appender;
  }

  get deviceKey(): SigningKey {
    return this.#parts.deviceKey;
  }

  /** µs since this writer opened; never runs backwards. */
  monoUs(): number {
    this.#lastMonoUs = Math.max(this.#lastMonoUs, this.#parts.clock.monoUs() - this.#startUs);
    return this.#lastMonoUs;
  }

  /** Monotonic start, on the injected clock's own scale. */
  get startUs(): number {
    return this.#startUs;
  }

  /** Seq of the new entry, durable. Throws `ledger-closed`, `not-canonical`, `body-too-large`, `disk-full`. */
  append(body: AppendableBody): number {
    const [seq] = this.appendAll([body]);
    return seq as number;
  }

  /** The same for several at once: all of them are durable, or none. */
  appendAll(bodies: readonly AppendableBody[]): number[] {
    if (this.#closed) throw new AgentError("ledger-closed", bodies.map(({ type }) => type).join(", "));
    if (bodies.length === 0) return [];
    const draft = this.#draft(this.#lastLeaf());
    this.#addClockStep(draft);
    if (this.#open.size > 0 && this.monoUs() - draft.epochMonoUs >= EPOCH_MAX_US)
      this.#rotate(draft, "timer");
    const seqs = bodies.map((body) => {
      const { seq } = draft;
      this.#add(draft, body);
      if (body.type === "recording.stop") this.#rotate(draft, "recording");
      return seq;
    });
    this.#commit(draft);
    for (const body of bodies) this.#follow(body);
    return seqs;
  }

  /** Writes `ledger.close` and its checkpoint; nothing can be appended afterwards. */
  close(reason: string): CheckpointRow {
    const draft = this.#draft(this.#lastLeaf());
    const body: Close = { type: "ledger.close", reason };
    this.#add(draft, body);
    this.#commit(draft);
    this.#closed = true;
    this.#epochKey.destroy();
    return this.checkpoint();
  }

  /** The checkpoint of the present size, made if there is none. */
  checkpoint(): CheckpointRow {
    const { store } = this.#parts;
    const known = store.reader.checkpoint(store.size);
    if (known !== null) return known;
    const row = this.#signCheckpoint(store.size, store.root());
    store.add({ entries: [], checkpoints: [row] });
    this.#lastCheckpointUs = this.monoUs();
    return row;
  }

  #lastLeaf(): Buffer {
    const { store } = this.#parts;
    return store.reader.node(0, store.size - 1);
  }

  #draft(prev: Buffer): Draft {
    return {
      entries: [],
      seq: this.#parts.store.size,
      prev,
      epoch: this.#epoch,
      epochKey: this.#epochKey,
      epochMonoUs: this.#epochMonoUs,
    };
  }

  #add(draft: Draft, body: EntryBody): void {
    this.#addSigned(draft, body, [draft.epochKey]);
  }

  #addSigned(draft: Draft, own: EntryBody, signers: readonly SigningKey[]): void {
    const envelope: EntryEnvelope = {
      v: 1,
      dev: this.#parts.deviceKey.publicKey.deviceId,
      seq: draft.seq,
      prev: draft.prev.toString("hex"),
      epoch: draft.epoch,
      t: { boot: this.boot, mono_us: this.monoUs(), ...this.#wallClaim() },
    };
    const parsed = { ...own, ...envelope } as unknown as JsonObject;
    const body = canonicalBody(parsed);
    const message = preAuthEncoding(ENTRY_TYPE, body);
    const sigs = canonicalText(
      signers.map((key) => ({ kid: key.publicKey.kid, sig: key.sign(message).toString("hex") })),
    );
    const leaf = leafHash(body);
    draft.entries.push({ seq: draft.seq, leaf, body, sigs, parsed });
    draft.seq++;
    draft.prev = leaf;
  }

  #addEpoch(draft: Draft, reason: Epoch["reason"], signers: readonly SigningKey[]): void {
    const fresh = SigningKey.generate(this.#parts.random);
    draft.epoch++;
    this.#addSigned(draft, { type: "ledger.epoch", pub: fresh.publicKey.hex, reason }, [...signers, fresh]);
    draft.epochKey = fresh;
    draft.epochMonoUs = this.monoUs();
  }

  #rotate(draft: Draft, reason: "timer" | "recording"): void {
    this.#addEpoch(draft, reason, [draft.epochKey, this.#parts.deviceKey]);
  }

  #addClockStep(draft: Draft): void {
    const elapsedMs = (this.monoUs() - this.#lastWall.monoUs) / 1000;
    const stepMs = Math.round(this.#parts.clock.utcMs() - this.#lastWall.utcMs - elapsedMs);
    if (Math.abs(stepMs) < CLOCK_STEP_MS) return;
    const body: ClockStep = { type: "device.clock", step_ms: stepMs, src: this.#parts.clockOrigin().src };
    this.#add(draft, body);
  }

  #wallClaim(): WallClaim {
    const { src, uncMs } = this.#parts.clockOrigin();
    const claim: WallClaim = { utc_ms: this.#parts.clock.utcMs(), src };
    if (uncMs !== undefined && src !== "none") claim.unc_ms = uncMs;
    return claim;
  }

  /** One transaction; the chain moves on, and an old epoch key is overwritten, only once it is durable. */
  #commit(draft: Draft): void {
    const { store } = this.#parts;
    const dueUs = this.#lastCheckpointUs + this.#parts.checkpointMs * 1000;
    const isDue =
      this.monoUs() >= dueUs || draft.entries.some(({ parsed }) => CHECKPOINTED.has(parsed.type as string));
    const leaves = draft.entries.map(({ leaf }) => leaf);
    const checkpoints = isDue ? [this.#signCheckpoint(draft.seq, store.rootWith(leaves))] : [];
    store.add({ entries: draft.entries, checkpoints });
    const { parsed } = draft.entries.at(-1) as NewEntry;
    const t = parsed.t as JsonObject;
    this.#lastWall = { monoUs: t.mono_us as number, utcMs: t.utc_ms as number };
    if (isDue) this.#lastCheckpointUs = this.monoUs();
    if (draft.epochKey !== this.#epochKey) {
      if (this.#epochKey !== this.#parts.deviceKey) this.#epochKey.destroy();
      this.#epochKey = draft.epochKey;
      this.#epoch = draft.epoch;
      this.#epochMonoUs = draft.epochMonoUs;
    }
  }

  #signCheckpoint(size: number, root: Buffer): CheckpointRow {
    const { deviceKey } = this.#parts;
    return { size, note: signCheckpoint({ dev: deviceKey.publicKey.deviceId, size, root }, deviceKey) };
  }

  #follow(body: AppendableBody): void {
    if (body.type === "recording.start") this.#open.add(body.rec);
    if (body.type === "recording.stop") this.#open.delete(body.rec);
  }
}
