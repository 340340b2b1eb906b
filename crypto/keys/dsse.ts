import { AgentError } from "../../config/base/errors.ts";
import type { SigningKey } from "./ed25519.ts";

export const ENTRY_TYPE = "application/vnd.fulltrace.entry.v1+json";
export const RECEIPT_TYPE = "application/vnd.fulltrace.receipt.v1+json";
export const UPDATE_ORDER_TYPE = "application/vnd.fulltrace.update-order.v1+json";

/** DSSE v1 pre-authentication encoding: what is signed for `body` of media type `type` (ledger-format §4). */
export function preAuthEncoding(type: string, body: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.length} `;
  const encoded = Buffer.allocUnsafe(head.length + body.length);
  encoded.write(head, "latin1");
  encoded.set(body, head.length);
  return encoded;
}

/** The text of an envelope around `payload`, signed by `key` alone. */
export function sealEnvelope(type: string, payload: Buffer, key: SigningKey): string {
  const sig = key.sign(preAuthEncoding(type, payload)).toString("base64");
  // the envelope's field names are DSSE's, outside the key rule of ledger-format §1
  return JSON.stringify({
    payload: payload.toString("base64"),
    payloadType: type,
    signatures: [{ keyid: key.publicKey.kid, sig }],
  });
}

/**
 * The parts of an envelope in the one form that `sealEnvelope` writes; its signature is not looked at. Throws `code`
 * with what is wrong.
 */
export function splitEnvelope(
  envelope: string,
  type: string,
  { maxBytes, code }: { maxBytes: number; code: string },
): { payload: Buffer; keyid: string; sig: Buffer } {
  const fail = (why: string, cause?: unknown): never => {
    throw new AgentError(code, why, { cause });
  };
  if (Buffer.byteLength(envelope) > maxBytes) fail("too long");
  let value: { payload?: unknown; payloadType?: unknown; signatures?: unknown };
  try {
    value = JSON.parse(envelope);
  } catch (cause) {
    return fail("not JSON", cause);
  }
  const signature = Array.isArray(value?.signatures) ? value.signatures[0] : undefined;
  const { payload, payloadType } = value ?? {};
  const { keyid, sig } = signature ?? {};
  if (typeof payload !== "string" || payloadType !== type) return fail("payload");
  if (typeof keyid !== "string" || typeof sig !== "string") return fail("signature");
  // exactly the canonical form: one signature, no other fields, keys in order
  if (JSON.stringify({ payload, payloadType, signatures: [{ keyid, sig }] }) !== envelope)
    fail("not in canonical form");
  const payloadBytes = Buffer.from(payload, "base64");
  const sigBytes = Buffer.from(sig, "base64");
  if (payloadBytes.toString("base64") !== payload || sigBytes.toString("base64") !== sig) fail("base64");
  return { payload: payloadBytes, keyid, sig: sigBytes };
}
