import { createHmac, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { AgentError } from "../../../config/base/errors.ts";
import { canonicalText } from "../../../crypto/bytes/canonical.ts";
import { preAuthEncoding } from "../../../crypto/keys/dsse.ts";
import type { SigningKey } from "../../../crypto/keys/ed25519.ts";
import { deviceVkey, formatVkey, parseVkey } from "../../../crypto/keys/vkey.ts";

/** What is signed, by DSSE's encoding: `body` without `sig`, canonical. */
const TYPE = "application/vnd.fulltrace.enrolment.v1+json";
const MOST_BYTES = 4096;

/** How a unit asks an office to accept its ledger: its public key, signed by it, and no secret. */
export interface EnrolmentRequest {
  v: 1;
  vkey: string;
  model: string;
  serial: string;
  /** HMAC-SHA-256 by the enrolment code of the rest, hex: only who was given the code can have made it. */
  code_mac?: string;
  /** Ed25519, hex. */
  sig: string;
}

const hex = (letters: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${letters}}$`)));
const word = () => v.pipe(v.string(), v.minLength(1), v.maxLength(64), v.regex(/^\P{Cc}*$/u));
const schema = v.strictObject({
  v: v.literal(1),
  vkey: v.pipe(v.string(), v.maxLength(256)),
  model: word(),
  serial: word(),
  code_mac: v.exactOptional(hex(64)),
  sig: hex(128),
});

/** The same text for the same unit each time it is made. */
export function enrolmentRequest(
  key: SigningKey,
  { model, serial }: { model: string; serial: string },
  code: string | null,
): string {
  const unit = { v: 1 as const, vkey: formatVkey(deviceVkey(key.publicKey)), model, serial };
  const body = code === null ? unit : { ...unit, code_mac: macOf(unit, code) };
  const sig = Buffer.from(key.sign(preAuthEncoding(TYPE, Buffer.from(canonicalText(body))))).toString("hex");
  return `${JSON.stringify({ ...body, sig } satisfies EnrolmentRequest, null, 2)}\n`;
}

/**
 * Reads a request and checks its signature; with `code`, also that the unit was given this code. Throws
 * `enrolment-damaged`, or `enrolment-code-wrong`.
 */
export function readEnrolment(text: string, place: string, code: string | null): EnrolmentRequest {
  const request = parsed(text, place);
  const { sig, ...body } = request;
  const { name, key } = vkeyOf(request, place);
  const isSigned = key.verify(
    preAuthEncoding(TYPE, Buffer.from(canonicalText(body))),
    Buffer.from(sig, "hex"),
  );
  if (!isSigned || name !== deviceVkey(key).name) throw new AgentError("enrolment-damaged", `${place}: sig`);
  if (code === null) return request;
  const { code_mac: mac = "", ...unit } = body;
  const told = Buffer.from(mac, "hex");
  const right = Buffer.from(macOf(unit, code), "hex");
  if (told.length !== right.length || !timingSafeEqual(told, right))
    throw new AgentError("enrolment-code-wrong", place);
  return request;
}

function macOf(unit: object, code: string): string {
  return createHmac("sha256", code).update(canonicalText(unit)).digest("hex");
}

function parsed(text: string, place: string): EnrolmentRequest {
  try {
    if (text.length > MOST_BYTES) throw new RangeError(`more than ${MOST_BYTES} letters`);
    return v.parse(schema, JSON.parse(text));
  } catch (cause) {
    throw new AgentError("enrolment-damaged", `${place}: ${(cause as Error).message}`, { cause });
  }
}

function vkeyOf({ vkey }: EnrolmentRequest, place: string) {
  try {
    return parseVkey(vkey);
  } catch (cause) {
    throw new AgentError("enrolment-damaged", `${place}: vkey`, { cause });
  }
}
