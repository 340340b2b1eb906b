import { AgentError } from "../../config/base/errors.ts";
import { canonicalText, decodeUtf8, parseCanonicalText } from "../bytes/canonical.ts";
import { isDigestHex, sha256 } from "../bytes/digest.ts";
import { preAuthEncoding, sealEnvelope, splitEnvelope, UPDATE_ORDER_TYPE } from "../keys/dsse.ts";
import type { SigningKey } from "../keys/ed25519.ts";
import type { VerifierKey } from "../keys/vkey.ts";

/**
 * An office's order to install an update, one bundle and no other (docs/update.md). It permits what a person at the
 * unit could order; the bundle's own signature and the gate are asked all the same.
 */
export interface UpdateOrder {
  /** Device id; `*`: whoever gets it. */
  dev: string;
  /** Of the bundle: its SHA-256 in hex, its length, and the version in it. */
  digest: string;
  bytes: number;
  version: string;
  /** Wall clock; installed from the first on, and not any more from the second on. */
  fromMs: number;
  untilMs: number;
}

export interface OpenedOrder extends UpdateOrder {
  /** H(envelope), hex: which order it is. */
  id: string;
  /** Name of the key that signed it. */
  signer: string;
  envelope: string;
}

export const MAX_ORDER_BYTES = 4096;
const VERSION = /^\d{1,5}\.\d{1,5}\.\d{1,5}$/;

/** The envelope's text. */
export function signOrder(order: UpdateOrder, key: SigningKey): string {
  const { dev, digest, bytes, version, fromMs, untilMs } = order;
  const fields = { v: 1, dev, digest, bytes, version, from_ms: fromMs, until_ms: untilMs };
  return sealEnvelope(UPDATE_ORDER_TYPE, Buffer.from(canonicalText(fields)), key);
}

/** Reads an envelope and verifies it with the one of `keys` that it names. Throws `bad-order`, or `unknown-order-key`. */
export function openOrder(envelope: string, keys: readonly VerifierKey[]): OpenedOrder {
  const { payload, keyid, sig } = split(envelope);
  const order = parsePayload(payload);
  const vkey = keys.find(({ key }) => key.kid === keyid);
  if (vkey === undefined) throw new AgentError("unknown-order-key", keyid.slice(0, 100));
  if (!vkey.key.verify(preAuthEncoding(UPDATE_ORDER_TYPE, payload), sig))
    throw new AgentError("bad-order", `signature of ${vkey.name}`);
  return { ...order, id: sha256(envelope).toString("hex"), signer: vkey.name, envelope };
}

/** What an envelope claims, its signature not looked at: for handing it on, never for trusting it. Throws `bad-order`. */
export function orderClaims(envelope: string): UpdateOrder {
  return parsePayload(split(envelope).payload);
}

function split(envelope: string) {
  return splitEnvelope(envelope, UPDATE_ORDER_TYPE, { maxBytes: MAX_ORDER_BYTES, code: "bad-order" });
}

function parsePayload(payload: Buffer): UpdateOrder {
  let value: Record<string, unknown>;
  try {
    value = parseCanonicalText(decodeUtf8(payload)) as Record<string, unknown>;
  } catch (cause) {
    throw new AgentError("bad-order", "payload", { cause });
  }
  const { v, dev, digest, bytes, version, from_ms: fromMs, until_ms: untilMs, ...extra } = value;
  const sound =
    v === 1 &&
    typeof dev === "string" &&
    /^(\*|[0-9a-f]{32})$/.test(dev) &&
    typeof digest === "string" &&
    isDigestHex(digest) &&
    typeof bytes === "number" &&
    bytes > 0 &&
    typeof version === "string" &&
    VERSION.test(version) &&
    typeof fromMs === "number" &&
    typeof untilMs === "number" &&
    fromMs < untilMs &&
    Object.keys(extra).length === 0;
  if (!sound) throw new AgentError("bad-order", "payload fields");
  return { dev, digest, bytes, version, fromMs, untilMs };
}
