import { AgentError } from "../../config/base/errors.ts";
import { type JsonObject, parseBody } from "../bytes/canonical.ts";
import { leafHash } from "../bytes/digest.ts";
import { ENTRY_TYPE, preAuthEncoding } from "../keys/dsse.ts";
import { PublicKey } from "../keys/ed25519.ts";

/**
 * Ledger-format §1–§4, entry by entry: canonical bytes, fields of every entry, chain, epochs and who signs.
 * §5 (what each type means) is checked elsewhere: its breaches never break the chain.
 */

/** An entry as stored and sent: the signed bytes and the `sigs` text. */
export interface RawEntry {
  body: Buffer;
  sigs: string;
}

/** One Ed25519 check left to do. */
export interface SignatureCheck {
  key: PublicKey;
  message: Buffer;
  signature: Buffer;
}

export interface CheckedEntry {
  seq: number;
  leaf: Buffer;
  body: JsonObject;
  /** The chain once this entry is accepted. */
  after: ChainState;
  /** Signers named, counted and ordered rightly; their signatures still to be verified by the caller. */
  signatures: () => SignatureCheck[];
}

/** What the next entry is checked against. */
export interface ChainState {
  deviceKey: PublicKey;
  size: number;
  /** Leaf hash of the last entry. */
  lastLeaf: Buffer;
  epoch: number;
  /** Key of the running epoch; null between genesis and `first`. */
  epochKey: PublicKey | null;
  boot: string;
  monoUs: number;
  /** What must come next after the last entry, if anything in particular. */
  expects: "any" | "first-epoch" | "device.boot" | "new-boot";
  /** Every `t.boot` so far. */
  boots: Set<string>;
  /** Hex of the device key and of every epoch key so far. */
  usedKeys: Set<string>;
}

interface EntryHead {
  type: string;
  seq: number;
  epoch: number;
  boot: string;
  monoUs: number;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const HEX_64 = /^[0-9a-f]{64}$/;
const HEX_128 = /^[0-9a-f]{128}$/;
const SOURCES = new Set(["none", "rtc", "ntp", "gnss", "dock"]);
const NO_PREVIOUS = "0".repeat(64);
const EPOCH_REASONS = new Set(["first", "timer", "recording", "boot"]);

/**
 * Checks a ledger from its beginning, or from a state that was reached before.
 * `check` changes nothing, so that a forged entry leaves no trace; `accept` moves on.
 */
export class ChainChecker {
  #state: ChainState | null;

  constructor(state: ChainState | null = null) {
    this.#state = state;
  }

  /** Null before genesis. */
  get state(): Readonly<ChainState> | null {
    return this.#state;
  }

  /** Throws an AgentError whose code names the broken rule. */
  check(raw: RawEntry): CheckedEntry {
    const body = parseBody(raw.body);
    const head = readHead(body, this.#state?.size ?? 0);
    const { state, signers } = this.#state === null ? begin(body, head) : advance(this.#state, body, head);
    state.lastLeaf = leafHash(raw.body);
    const signatures = readSignatures(raw.sigs, signers, head.seq);
    return {
      seq: head.seq,
      leaf: state.lastLeaf,
      body,
      after: state,
      signatures: () => {
        const message = preAuthEncoding(ENTRY_TYPE, raw.body);
        return signers.map((key, i) => ({
          key,
          message,
          signature: Buffer.from(signatures[i] as string, "hex"),
        }));
      },
    };
  }

  /**
   * Goes on behind entry `seq` although it was refused or is missing, so that a report names each fault
   * once and not everything after it. Only where the ledger is called altered already.
   */
  resumeAfter(seq: number, leaf: Buffer): void {
    if (this.#state !== null) this.#state = { ...this.#state, size: seq + 1, lastLeaf: leaf };
  }

  /** Makes a checked entry the last one. It must be the newest answer of `check`. */
  accept({ after }: CheckedEntry): void {
    after.boots.add(after.boot);
    if (after.epochKey !== null) after.usedKeys.add(after.epochKey.hex);
    this.#state = after;
  }
}

function fail(code: string, seq: number, why: string): never {
  throw new AgentError(code, `seq ${seq}: ${why}`);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

/** The fields of every entry, §2. */
function readHead(body: JsonObject, expectedSeq: number): EntryHead {
  const { v, type, seq, epoch, t } = body;
  if (seq !== expectedSeq) fail("entry-order", expectedSeq, `found seq ${JSON.stringify(seq)}`);
  if (v !== 1) fail("entry-fields", expectedSeq, "v");
  if (typeof type !== "string" || type === "") fail("entry-fields", expectedSeq, "type");
  if (!isCount(epoch)) fail("entry-fields", expectedSeq, "epoch");
  if (typeof t !== "object" || Array.isArray(t)) fail("entry-fields", expectedSeq, "t");
  const { boot, mono_us, utc_ms, src, unc_ms } = t;
  if (typeof boot !== "string" || !UUID.test(boot)) fail("entry-fields", expectedSeq, "t.boot");
  if (!isCount(mono_us)) fail("entry-fields", expectedSeq, "t.mono_us");
  if (typeof utc_ms !== "number") fail("entry-fields", expectedSeq, "t.utc_ms");
  if (typeof src !== "string" || !SOURCES.has(src)) fail("entry-fields", expectedSeq, "t.src");
  if (unc_ms !== undefined && (src === "none" || !isCount(unc_ms)))
    fail("entry-fields", expectedSeq, "t.unc_ms");
  return { type, seq: expectedSeq, epoch, boot, monoUs: mono_us };
}

interface Step {
  state: ChainState;
  signers: PublicKey[];
}

/** Genesis: names the device key, which signs it. */
function begin(body: JsonObject, head: EntryHead): Step {
  if (head.type !== "ledger.genesis") fail("entry-order", 0, `${head.type} instead of ledger.genesis`);
  if (head.epoch !== 0) fail("epoch-order", 0, "genesis is epoch 0");
  if (body.prev !== NO_PREVIOUS) fail("chain-broken", 0, "prev is not 64 zeros");
  const deviceKey = readKey(body.key, 0);
  if (body.dev !== deviceKey.deviceId) fail("wrong-device", 0, "dev is not the id of key");
  return {
    state: {
      deviceKey,
      size: 1,
      lastLeaf: Buffer.alloc(0),
      epoch: 0,
      epochKey: null,
      boot: head.boot,
      monoUs: head.monoUs,
      expects: "first-epoch",
      boots: new Set(),
      usedKeys: new Set([deviceKey.hex]),
    },
    signers: [deviceKey],
  };
}

function advance(last: ChainState, body: JsonObject, head: EntryHead): Step {
  const { seq, type } = head;
  if (body.dev !== last.deviceKey.deviceId) fail("wrong-device", seq, `dev ${JSON.stringify(body.dev)}`);
  if (body.prev !== last.lastLeaf.toString("hex")) fail("chain-broken", seq, "prev is not the leaf before");
  if (type === "ledger.genesis") fail("entry-order", seq, "a second genesis");
  checkBoot(last, head);
  const state: ChainState = { ...last, size: seq + 1, boot: head.boot, monoUs: head.monoUs, expects: "any" };
  if (type === "ledger.epoch") return startEpoch(last, state, body, head);
  if (head.epoch !== last.epoch) fail("epoch-order", seq, `epoch ${head.epoch} instead of ${last.epoch}`);
  if (type === "ledger.close") state.expects = "new-boot";
  return { state, signers: [last.epochKey as PublicKey] };
}

/** Order of boots, §2 and §4. */
function checkBoot(last: ChainState, head: EntryHead): void {
  const { seq, type, boot, monoUs } = head;
  const isNewBoot = boot !== last.boot;
  if (isNewBoot && last.boots.has(boot)) fail("boot-order", seq, "an ended boot reappears");
  if (!isNewBoot && monoUs < last.monoUs) fail("time-backwards", seq, "mono_us runs backwards");
  switch (last.expects) {
    case "any":
      // seq 2 follows the first epoch: the format does not forbid a first run to introduce itself
      if (type === "device.boot" && seq !== 2)
        fail("boot-order", seq, "device.boot without a boot epoch before it");
      break;
    case "first-epoch":
      if (isNewBoot || type !== "ledger.epoch")
        fail("boot-order", seq, "genesis is not followed by its first epoch");
      break;
    case "device.boot":
      if (isNewBoot || type !== "device.boot")
        fail("boot-order", seq, "a boot epoch is not followed by device.boot");
      break;
    case "new-boot":
      if (!isNewBoot) fail("boot-order", seq, "an entry after ledger.close");
      break;
  }
  if (isNewBoot && type !== "ledger.epoch")
    fail("boot-order", seq, "a new boot does not begin with its epoch");
}

function startEpoch(last: ChainState, state: ChainState, body: JsonObject, head: EntryHead): Step {
  const { seq } = head;
  const { reason } = body;
  if (head.epoch !== last.epoch + 1) fail("epoch-order", seq, `epoch ${head.epoch} after ${last.epoch}`);
  if (typeof reason !== "string" || !EPOCH_REASONS.has(reason)) fail("epoch-order", seq, "reason");
  if ((reason === "first") !== (seq === 1)) fail("epoch-order", seq, "first belongs to seq 1 alone");
  if ((reason === "boot") !== (head.boot !== last.boot)) {
    fail("epoch-order", seq, "reason boot belongs to the first entry of a new boot alone");
  }
  const key = readKey(body.pub, seq);
  if (last.usedKeys.has(key.hex)) fail("epoch-key-reused", seq, key.kid);
  const signers =
    reason === "first" || reason === "boot"
      ? [last.deviceKey, key]
      : [last.epochKey as PublicKey, last.deviceKey, key];
  return {
    state: { ...state, epoch: head.epoch, epochKey: key, expects: reason === "boot" ? "device.boot" : "any" },
    signers,
  };
}

function readKey(value: unknown, seq: number): PublicKey {
  if (typeof value !== "string" || !HEX_64.test(value)) fail("entry-fields", seq, "public key");
  try {
    return PublicKey.fromHex(value);
  } catch (cause) {
    throw new AgentError("bad-public-key", `seq ${seq}`, { cause });
  }
}

/** Characters of one `{"kid":"…","sig":"…"}` and of what stands before its signature. */
const ITEM_LENGTH = 163;
const SIG_OFFSET = 33;

/** The signatures in `sigs` as hex; its signers must be exactly `signers`, in order (§4). */
function readSignatures(sigs: string, signers: readonly PublicKey[], seq: number): string[] {
  const found = signers.map((_, i) => {
    const start = 1 + i * (ITEM_LENGTH + 1) + SIG_OFFSET;
    return sigs.slice(start, start + 128);
  });
  // the format leaves one spelling: with these signers and signatures there is no other RFC 8785 array
  const spelled = signers.map(({ kid }, i) => `{"kid":"${kid}","sig":"${found[i]}"}`).join(",");
  if (sigs !== `[${spelled}]` || !found.every((sig) => HEX_128.test(sig))) {
    fail(
      "wrong-signers",
      seq,
      `must be signed by ${signers.map(({ kid }) => kid).join(", ")} and nobody else`,
    );
  }
  return found;
}
