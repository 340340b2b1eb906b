import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { syncDirectory, writeDurably } from "../../../config/base/durable.ts";
import { type JsonObject, parseBody, parseCanonicalText } from "../../bytes/canonical.ts";
import { leafHash } from "../../bytes/digest.ts";
import { ENTRY_TYPE, preAuthEncoding } from "../../keys/dsse.ts";
import { PublicKey } from "../../keys/ed25519.ts";
import type { RawEntry } from "../../proof/chain-checker.ts";
import type { LedgerReader, StoredEntry } from "../db/reader.ts";

/** One proof is enough to convict; these are kept to see how far it went. */
const MAX_PROOFS = 64;

/**
 * What proves that a device signed two histories (sync-protocol, "Forks and rollbacks"): below
 * `forks/`, the rival beside what the replica holds, both verbatim.
 */
export class ForkProofs {
  readonly #directory: string;
  #count: number;

  constructor(dataDir: string) {
    this.#directory = join(dataDir, "forks");
    this.#count = existsSync(this.#directory) ? readdirSync(this.#directory).length : 0;
  }

  get count(): number {
    return this.#count;
  }

  /** Durable when it returns; the same rival is kept once. */
  keepEntry(held: StoredEntry, rival: RawEntry): void {
    const name = `${held.seq}-${leafHash(rival.body).toString("hex").slice(0, 16)}.jsonl`;
    this.#keep(name, Buffer.concat([held, rival].flatMap(toLine)));
  }

  /** `rootHex` is the one that the note claims for `size`. */
  keepCheckpoint(size: number, rootHex: string, note: string): void {
    this.#keep(`${size}-${rootHex.slice(0, 16)}.note`, note);
  }

  #keep(name: string, content: Buffer | string): void {
    if (!existsSync(this.#directory)) {
      mkdirSync(this.#directory, { mode: 0o750 });
      syncDirectory(join(this.#directory, ".."));
    }
    const path = join(this.#directory, name);
    if (existsSync(path) || this.#count >= MAX_PROOFS) return;
    writeDurably(path, content, 0o640);
    this.#count++;
  }
}

function toLine({ body, sigs }: RawEntry): Buffer[] {
  return [Buffer.from('{"body":'), body, Buffer.from(`,"sigs":${sigs}}\n`)];
}

/**
 * The held entry that `raw` contradicts under the device's own valid signatures: another entry of the
 * same seq, or the one before it when `raw` follows another. Null: `raw` proves nothing.
 */
export function contradicted(raw: RawEntry, reader: LedgerReader): StoredEntry | null {
  const body = readBody(raw);
  if (body === null || reader.size() === 0 || body.dev !== reader.dev) return null;
  const held = rivalled(body, raw, reader);
  return held !== null && isSignedByDevice(raw, body, reader) ? held : null;
}

function readBody({ body }: RawEntry): JsonObject | null {
  try {
    return parseBody(body);
  } catch {
    // bytes that are no entry were not signed as one
    return null;
  }
}

function rivalled({ seq, prev }: JsonObject, raw: RawEntry, reader: LedgerReader): StoredEntry | null {
  if (typeof seq !== "number" || seq < 0) return null;
  const same = reader.entry(seq);
  if (same !== null) return same.leaf.equals(leafHash(raw.body)) ? null : same;
  const before = reader.entry(seq - 1);
  return before === null || before.leaf.toString("hex") === prev ? null : before;
}

/** Every signature verifies, and one is by the device key or by the entry's own epoch key. */
function isSignedByDevice(raw: RawEntry, body: JsonObject, reader: LedgerReader): boolean {
  const known = signersOf(body, reader);
  // the key that an epoch entry brings proves possession only: anyone could have made it
  const brought = body.type === "ledger.epoch" ? readKey(body.pub) : null;
  const keys = brought === null ? known : [...known, brought];
  const signatures = readSignatures(raw.sigs);
  if (signatures === null || !signatures.some(({ kid }) => known.some((key) => key.kid === kid)))
    return false;
  const message = preAuthEncoding(ENTRY_TYPE, raw.body);
  return signatures.every(
    ({ kid, sig }) => keys.find((key) => key.kid === kid)?.verify(message, sig) === true,
  );
}

/** Keys of this ledger that may sign the entry: only the device's for genesis and epochs, else the epoch's. */
function signersOf({ type, epoch }: JsonObject, reader: LedgerReader): PublicKey[] {
  const pubs = reader.epochs().map(({ pub }) => pub);
  const running = typeof epoch === "number" ? readKey(pubs[epoch - 1]) : null;
  const previous = typeof epoch === "number" ? readKey(pubs[epoch - 2]) : null;
  const keys =
    type === "ledger.genesis" || type === "ledger.epoch" ? [reader.deviceKey, previous] : [running];
  return keys.filter((key) => key !== null);
}

function readKey(hex: unknown): PublicKey | null {
  if (typeof hex !== "string") return null;
  try {
    return PublicKey.fromHex(hex);
  } catch {
    // not a key: nothing can be signed with it
    return null;
  }
}

function readSignatures(sigs: string): { kid: string; sig: Buffer }[] | null {
  try {
    const list = parseCanonicalText(sigs) as { kid: string; sig: string }[];
    return list.map(({ kid, sig }) => ({ kid, sig: Buffer.from(sig, "hex") }));
  } catch {
    // not the form of §4: not a signature
    return null;
  }
}
