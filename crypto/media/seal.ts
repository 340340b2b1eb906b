import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { AgentError } from "../../config/base/errors.ts";
import type { Random } from "../../config/base/random.ts";
import type { MediaFields } from "../entry/media-fields.ts";
import { decodeBech32 } from "./bech32.ts";

/**
 * Sealing (ledger-format §9): age v1 (age-encryption.org/v1, X25519 recipients) over
 * 32 random bytes ‖ content. The device keeps no key that opens it.
 */

export interface Recipient {
  publicKey: KeyObject;
  raw: Buffer;
}

export interface Sealed {
  /** The age file, in parts. */
  content: Buffer[];
  fields: Required<Pick<MediaFields, "plain_digest" | "plain_bytes">>;
}

const INTRO = "age-encryption.org/v1\n";
const WRAP_INFO = "age-encryption.org/v1/X25519";
const STREAM_CHUNK = 64 * 1024;
const SALT_BYTES = 32;
const X25519_SPKI = Buffer.from("302a300506032b656e032100", "hex");
const X25519_PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");

/** Reads `age1…`. Throws `bad-recipient`. */
export function parseRecipient(text: string): Recipient {
  const raw = decodeBech32(text, "age");
  if (raw === null || raw.length !== 32) throw new AgentError("bad-recipient", text.slice(0, 80));
  return { raw, publicKey: x25519PublicKey(raw) };
}

/** Seals `content` to all recipients. */
export function seal(
  content: readonly Uint8Array[],
  recipients: readonly Recipient[],
  random: Random,
): Sealed {
  const sealer = new Sealer(recipients, random);
  const parts = content.flatMap((piece) => [...sealer.push(piece)]);
  const { rest, fields } = sealer.end();
  return { content: [...parts, ...rest], fields };
}

/**
 * The same piece by piece, holding one STREAM chunk: the age file is what `push` yields, then `rest`.
 * What was sealed is told apart from all else by its salt, so the same content is never sealed alike twice.
 */
export class Sealer {
  readonly #payloadKey: Buffer;
  readonly #plainHash = createHash("sha256");
  readonly #held = Buffer.allocUnsafeSlow(STREAM_CHUNK);
  #heldBytes = 0;
  #sealedChunks = 0;
  #plainBytes = 0;
  readonly #head: Buffer[];

  constructor(recipients: readonly Recipient[], random: Random) {
    const salt = random.bytes(SALT_BYTES);
    const fileKey = random.bytes(16);
    const header = buildHeader(fileKey, recipients, random);
    const nonce = random.bytes(16);
    this.#payloadKey = hkdf(fileKey, nonce, "payload");
    this.#head = [header, nonce];
    this.#plainHash.update(salt);
    this.#heldBytes = salt.copy(this.#held);
  }

  /** Seals what is certainly not the last chunk; `piece` may be reused once all is taken. */
  *push(piece: Uint8Array): Generator<Buffer> {
    this.#plainHash.update(piece);
    this.#plainBytes += piece.length;
    yield* this.#head.splice(0);
    for (let at = 0; at < piece.length; ) {
      // a full chunk waits for a byte that proves it not the last
      if (this.#heldBytes === STREAM_CHUNK) yield* this.#sealHeld(false);
      const taken = piece.subarray(at, at + STREAM_CHUNK - this.#heldBytes);
      this.#held.set(taken, this.#heldBytes);
      this.#heldBytes += taken.length;
      at += taken.length;
    }
  }

  /** The end of the age file. Nothing may be pushed afterwards. */
  end(): { rest: Buffer[]; fields: Sealed["fields"] } {
    const rest = [...this.#head.splice(0), ...this.#sealHeld(true)];
    const digest = this.#plainHash.digest("hex");
    return { rest, fields: { plain_digest: digest, plain_bytes: this.#plainBytes } };
  }

  /** STREAM of the age specification: 64 KiB chunks, a big-endian counter and a last-chunk flag as nonce. */
  #sealHeld(isLast: boolean): Buffer[] {
    const nonce = Buffer.alloc(12);
    nonce.writeUIntBE(this.#sealedChunks++, 5, 6);
    nonce[11] = isLast ? 1 : 0;
    const plain = this.#held.subarray(0, this.#heldBytes);
    this.#heldBytes = 0;
    return encrypt(plain, this.#payloadKey, nonce);
  }
}

function buildHeader(fileKey: Buffer, recipients: readonly Recipient[], random: Random): Buffer {
  const stanzas = recipients.map((recipient) => wrapFileKey(fileKey, recipient, random)).join("");
  const unauthenticated = `${INTRO}${stanzas}---`;
  const mac = createHmac("sha256", hkdf(fileKey, Buffer.alloc(0), "header"))
    .update(unauthenticated)
    .digest();
  return Buffer.from(`${unauthenticated} ${unpadded(mac)}\n`);
}

/** An X25519 stanza: ephemeral share, and the file key under the shared secret. */
function wrapFileKey(fileKey: Buffer, recipient: Recipient, random: Random): string {
  const secret = createPrivateKey({
    key: Buffer.concat([X25519_PKCS8, random.bytes(32)]),
    format: "der",
    type: "pkcs8",
  });
  const share = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);
  const shared = diffieHellman({ privateKey: secret, publicKey: recipient.publicKey });
  const wrapKey = hkdf(shared, Buffer.concat([share, recipient.raw]), WRAP_INFO);
  const body = Buffer.concat(encrypt(fileKey, wrapKey, Buffer.alloc(12)));
  return `-> X25519 ${unpadded(share)}\n${unpadded(body)}\n`;
}

function encrypt(plain: Uint8Array, key: Buffer, nonce: Buffer): Buffer[] {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  // a stream cipher: nothing is left for `final` to give
  return [cipher.update(plain), cipher.final(), cipher.getAuthTag()].filter(({ length }) => length > 0);
}

function hkdf(secret: Buffer, salt: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secret, salt, info, 32));
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

function x25519PublicKey(raw: Buffer): KeyObject {
  return createPublicKey({ key: Buffer.concat([X25519_SPKI, raw]), format: "der", type: "spki" });
}
