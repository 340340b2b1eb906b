import { AgentError } from "../../config/base/errors.ts";
import { canonicalText, decodeUtf8, parseCanonicalText } from "../bytes/canonical.ts";
import { sha256 } from "../bytes/digest.ts";
import { type Range, RangeSet } from "../bytes/ranges.ts";
import { preAuthEncoding, RECEIPT_TYPE, sealEnvelope, splitEnvelope } from "../keys/dsse.ts";
import type { SigningKey } from "../keys/ed25519.ts";
import type { VerifierKey } from "../keys/vkey.ts";

/** A receiver's promise of custody (ledger-format §7). */
export interface Receipt {
  dev: string;
  size: number;
  /** Root of the first `size` entries. */
  root: Buffer;
  /** Seqs whose media is held; none at or above `size`. */
  media: RangeSet;
  storedMs: number;
  /** Name of the custody key. */
  receiver: string;
}

export interface OpenedReceipt extends Receipt {
  /** H(envelope), 32 bytes. */
  digest: Buffer;
  /** Verbatim, as stored and hashed. */
  envelope: string;
}

export const MAX_RECEIPT_RANGES = 1024;
/** 1,024 ranges of two 16-digit numbers, in base64, with room for the rest. */
export const MAX_ENVELOPE_BYTES = 64 * 1024;

/** Signs a receipt: the envelope's text. */
export function signReceipt(receipt: Receipt, custody: SigningKey): string {
  const payload = Buffer.from(
    canonicalText({
      v: 1,
      dev: receipt.dev,
      size: receipt.size,
      root: receipt.root.toString("hex"),
      media: receipt.media.toJSON() as unknown as Range[],
      stored_ms: receipt.storedMs,
      receiver: receipt.receiver,
    }),
  );
  return sealEnvelope(RECEIPT_TYPE, payload, custody);
}

/**
 * Reads an envelope and verifies it with the one of `custodyKeys` that it names.
 * Throws `bad-receipt`, or `unknown-custody-key` when no listed key has its `keyid`.
 */
export function openReceipt(envelope: string, custodyKeys: readonly VerifierKey[]): OpenedReceipt {
  const { payload, keyid, sig } = split(envelope);
  const receipt = parsePayload(payload);
  const vkey = custodyKeys.find((key) => key.key.kid === keyid);
  if (vkey === undefined) throw new AgentError("unknown-custody-key", `${receipt.receiver} ${keyid}`);
  if (vkey.name !== receipt.receiver)
    throw new AgentError("bad-receipt", `${receipt.receiver} with the key of ${vkey.name}`);
  if (!vkey.key.verify(preAuthEncoding(RECEIPT_TYPE, payload), sig)) {
    throw new AgentError("bad-receipt", `signature of ${receipt.receiver}`);
  }
  return { ...receipt, digest: sha256(envelope), envelope };
}

/** What an envelope claims, its signature not looked at: for choosing and showing, never for trusting. Throws `bad-receipt`. */
export function receiptClaims(envelope: string): Receipt {
  return parsePayload(split(envelope).payload);
}

function split(envelope: string) {
  return splitEnvelope(envelope, RECEIPT_TYPE, { maxBytes: MAX_ENVELOPE_BYTES, code: "bad-receipt" });
}

function parsePayload(payload: Buffer): Receipt {
  try {
    const value = parseCanonicalText(decodeUtf8(payload)) as Record<string, unknown>;
    const { v, dev, size, root, media, stored_ms, receiver, ...extra } = value;
    const sound =
      v === 1 &&
      typeof dev === "string" &&
      /^[0-9a-f]{32}$/.test(dev) &&
      typeof size === "number" &&
      size >= 0 &&
      typeof root === "string" &&
      /^[0-9a-f]{64}$/.test(root) &&
      typeof stored_ms === "number" &&
      typeof receiver === "string" &&
      Object.keys(extra).length === 0;
    if (!sound) throw new AgentError("bad-receipt", "payload fields");
    const ranges = RangeSet.parse(media, MAX_RECEIPT_RANGES);
    const [, end] = ranges.toJSON().at(-1) ?? [0, 0];
    if (end > size) throw new AgentError("bad-receipt", "media above size");
    return { dev, size, root: Buffer.from(root, "hex"), media: ranges, storedMs: stored_ms, receiver };
  } catch (cause) {
    if (cause instanceof AgentError && cause.code === "bad-receipt") throw cause;
    throw new AgentError("bad-receipt", "payload", { cause });
  }
}
