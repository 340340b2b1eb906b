import {
  createCipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  type KeyObject,
} from "node:crypto";
import { AgentError } from "../../config/base/errors.ts";
import type { Random } from "../../config/base/random.ts";
import { sha256 } from "../bytes/digest.ts";
import type { MediaFields } from "../entry/types.ts";
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
  const salt = random.bytes(32);
  const plain = Buffer.concat([salt, ...content]);
  const fileKey = random.bytes(16);
  const header = buildHeader(fileKey, recipients, random);
  const nonce = random.bytes(16);
  const payloadKey = hkdf(fileKey, nonce, "payload");
  return {
    content: [header, nonce, ...encryptStream(plain, payloadKey)],
    fields: { plain_digest: sha256(plain).toString("hex"), plain_bytes: plain.length - salt.length },
  };
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

/** STREAM of the age specification: 64 KiB chunks, a big-endian counter and a last-chunk flag as nonce. */
function encryptStream(plain: Buffer, key: Buffer): Buffer[] {
  const out: Buffer[] = [];
  const nonce = Buffer.alloc(12);
  for (let start = 0, n = 0; start === 0 || start < plain.length; start += STREAM_CHUNK, n++) {
    nonce.writeUIntBE(n, 5, 6);
    nonce[11] = start + STREAM_CHUNK >= plain.length ? 1 : 0;
    out.push(...encrypt(plain.subarray(start, start + STREAM_CHUNK), key, nonce));
  }
  return out;
}

function encrypt(plain: Uint8Array, key: Buffer, nonce: Buffer): Buffer[] {
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  return [cipher.update(plain), cipher.final(), cipher.getAuthTag()];
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
