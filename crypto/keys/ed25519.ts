import { createPublicKey, type KeyObject, verify } from "node:crypto";
import nacl from "tweetnacl";
import { AgentError } from "../../config/base/errors.ts";
import type { Random } from "../../config/base/random.ts";
import { sha256 } from "../bytes/digest.ts";

/** Order of the base point, RFC 8032 §5.1. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** The field's prime, RFC 8032 §5.1. */
const P = 2n ** 255n - 19n;
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

/**
 * y coordinates of the points whose order divides 8 ("Taming the many EdDSAs", table 6a):
 * 1 (order 1), −1 (order 2), 0 (order 4) and the two of order 8. Both signs of x are refused.
 */
const ORDER_8_Y = 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n;
const SMALL_ORDER_Y = new Set([0n, 1n, P - 1n, ORDER_8_Y, P - ORDER_8_Y]);

/** Little-endian bytes as a number. */
function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

/** An encoded point's y, without the sign bit of x. */
function yCoordinate(point: Uint8Array): bigint {
  const bytes = Buffer.from(point);
  bytes[31] = (bytes[31] as number) & 0x7f;
  return littleEndian(bytes);
}

/** Why an encoded point is refused by ledger-format §4, or null. */
function pointFault(point: Uint8Array): "length" | "non-canonical" | "small-order" | null {
  if (point.length !== 32) return "length";
  const y = yCoordinate(point);
  if (y >= P) return "non-canonical";
  return SMALL_ORDER_Y.has(y) ? "small-order" : null;
}

/**
 * A public key that passed the strict checks of ledger-format §4, with node:crypto's handle cached
 * (verification with it is 70 × faster than tweetnacl's).
 */
export class PublicKey {
  readonly bytes: Buffer;
  /** First 8 bytes of H(public key), hex: the name of the key in `sigs`. */
  readonly kid: string;
  /** Device id (ledger-format §2): the first 32 hex digits of H(public key). */
  readonly deviceId: string;
  readonly #key: KeyObject;

  private constructor(bytes: Buffer, key: KeyObject) {
    this.bytes = bytes;
    this.#key = key;
    const digest = sha256(bytes).toString("hex");
    this.kid = digest.slice(0, 16);
    this.deviceId = digest.slice(0, 32);
  }

  /** Throws `bad-public-key` for a wrong length, a non-canonical encoding or a small-order point. */
  static of(bytes: Uint8Array): PublicKey {
    const fault = pointFault(bytes);
    if (fault !== null) throw new AgentError("bad-public-key", fault);
    const own = Buffer.from(bytes);
    return new PublicKey(
      own,
      createPublicKey({ key: Buffer.concat([SPKI_PREFIX, own]), format: "der", type: "spki" }),
    );
  }

  /** Reads 64 lower-case hex digits. Throws `bad-public-key`. */
  static fromHex(hex: string): PublicKey {
    if (!/^[0-9a-f]{64}$/.test(hex)) throw new AgentError("bad-public-key", "not 64 lower-case hex digits");
    return PublicKey.of(Buffer.from(hex, "hex"));
  }

  get hex(): string {
    return this.bytes.toString("hex");
  }

  /** Strict Ed25519: also refuses S ≥ L and a small-order or non-canonical R. Never throws. */
  verify(message: Uint8Array, signature: Uint8Array): boolean {
    return isStrict(signature) && verify(null, message, this.#key, signature);
  }

  /** The same on a thread of Node's pool: `message` and `signature` must not change meanwhile. */
  verifyInPool(message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    if (!isStrict(signature)) return Promise.resolve(false);
    return new Promise((resolve, reject) => {
      verify(null, message, this.#key, signature, (error, isValid) => {
        if (error === null) resolve(isValid);
        else reject(error);
      });
    });
  }
}

/** What ledger-format §4 asks of a signature before the equation is looked at. */
function isStrict(signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  // S < L for certain when the top bits are clear: spares the BigInt on nearly every signature
  if ((signature[63] as number) >= 0x10 && littleEndian(signature.subarray(32)) >= L) return false;
  return !pointNeedsLook(signature) || pointFault(signature.subarray(0, 32)) === null;
}

/** Cheap filter: only points whose top or low bytes are extreme can be small-order or non-canonical. */
function pointNeedsLook(signature: Uint8Array): boolean {
  const low = signature[0] as number;
  const high = (signature[31] as number) & 0x7f;
  return (
    high === 0 ||
    high === 0x7f ||
    low === Number(ORDER_8_Y & 0xffn) ||
    low === Number((P - ORDER_8_Y) & 0xffn)
  );
}

/** A private key that tweetnacl signs with. `destroy` overwrites it; nothing signs afterwards. */
export class SigningKey {
  readonly publicKey: PublicKey;
  readonly #secret: Uint8Array;
  #destroyed = false;

  private constructor(secret: Uint8Array, publicKey: PublicKey) {
    this.#secret = secret;
    this.publicKey = publicKey;
  }

  /** From the 32-byte seed of RFC 8032 §5.1.5; the caller may overwrite its copy. */
  static fromSeed(seed: Uint8Array): SigningKey {
    const pair = nacl.sign.keyPair.fromSeed(seed);
    return new SigningKey(pair.secretKey, PublicKey.of(pair.publicKey));
  }

  static generate(random: Random): SigningKey {
    const seed = random.bytes(32);
    const key = SigningKey.fromSeed(seed);
    seed.fill(0);
    return key;
  }

  /** The 32-byte seed, for writing the key file only. */
  get seed(): Buffer {
    return Buffer.from(this.#secret.subarray(0, 32));
  }

  /** 64 bytes, RFC 8032 §5.1.6. Throws `key-destroyed` after `destroy`. */
  sign(message: Uint8Array): Buffer {
    if (this.#destroyed) throw new AgentError("key-destroyed", this.publicKey.kid);
    return Buffer.from(nacl.sign.detached(message, this.#secret));
  }

  destroy(): void {
    this.#destroyed = true;
    this.#secret.fill(0);
  }
}
