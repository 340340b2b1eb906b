import { AgentError } from "../../config/base/errors.ts";
import type { SigningKey } from "../keys/ed25519.ts";
import { COSIGNATURE, deviceKeyName, PLAIN_NOTE, type VerifierKey, verifierKey } from "../keys/vkey.ts";
import type { SignatureCheck } from "./chain-checker.ts";

/**
 * Checkpoints (C2SP tlog-checkpoint in signed-note form) and witness cosignatures
 * (C2SP tlog-cosignature `cosignature/v1`), ledger-format §6.
 */

export interface Checkpoint {
  dev: string;
  size: number;
  root: Buffer;
}

/** One `— name base64` line of a note, split but not verified. */
export interface SignatureLine {
  /** The line as written, without its LF. */
  text: string;
  name: string;
  keyId: Buffer;
  /** What follows the key id: 64 bytes of signature, or time ‖ signature in a cosignature. */
  payload: Buffer;
}

export interface Note extends Checkpoint {
  /** The three signed lines, each with its LF. */
  text: string;
  lines: SignatureLine[];
}

export const MAX_NOTE_BYTES = 16 * 1024;
const MAX_LINES = 32;
const DASH = "\u2014 ";

/** The signed text of a checkpoint: origin, size and root, each with its LF. */
export function checkpointText({ dev, size, root }: Checkpoint): string {
  return `${deviceKeyName(dev)}\n${size}\n${root.toString("base64")}\n`;
}

function signatureLine(vkey: VerifierKey, payload: Uint8Array): string {
  return `${DASH}${vkey.name} ${Buffer.concat([vkey.keyId, payload]).toString("base64")}`;
}

/** A note signed by the device key. */
export function signCheckpoint(checkpoint: Checkpoint, deviceKey: SigningKey): string {
  const text = checkpointText(checkpoint);
  const vkey = verifierKey(deviceKeyName(checkpoint.dev), PLAIN_NOTE, deviceKey.publicKey);
  return `${text}\n${signatureLine(vkey, deviceKey.sign(Buffer.from(text)))}\n`;
}

/** A witness's line for a checkpoint, without LF. `timeS` is seconds since 1970. */
export function cosign(checkpoint: Checkpoint, timeS: number, name: string, witnessKey: SigningKey): string {
  const vkey = verifierKey(name, COSIGNATURE, witnessKey.publicKey);
  const signature = witnessKey.sign(cosignedMessage(checkpointText(checkpoint), BigInt(timeS)));
  return signatureLine(vkey, Buffer.concat([u64be(BigInt(timeS)), signature]));
}

/** Reads a checkpoint note of ours: three lines, a blank one, then signature lines. Throws `bad-note`. */
export function parseNote(note: string): Note {
  const fail = (why: string): never => {
    throw new AgentError("bad-note", why);
  };
  if (Buffer.byteLength(note) > MAX_NOTE_BYTES) fail("too long");
  const end = note.indexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) fail("no signature block");
  const text = note.slice(0, end + 1);
  const [origin, sizeText, rootText, ...rest] = text.split("\n").slice(0, -1);
  if (rest.length > 0) fail("extension lines");
  const dev = /^fulltrace\/([0-9a-f]{32})$/.exec(origin ?? "")?.[1] ?? fail("origin");
  if (!/^(0|[1-9][0-9]{0,15})$/.test(sizeText ?? "") || !Number.isSafeInteger(Number(sizeText))) fail("size");
  const root = Buffer.from(rootText ?? "", "base64");
  if (root.length !== 32 || root.toString("base64") !== rootText) fail("root");
  const lines = note.slice(end + 2, -1).split("\n");
  if (lines.length > MAX_LINES) fail("too many signature lines");
  return { dev, size: Number(sizeText), root, text, lines: lines.map(parseSignatureLine) };
}

/** Splits one signature line (without LF). Throws `bad-note`. */
export function parseSignatureLine(line: string): SignatureLine {
  const match = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u.exec(line);
  const raw = Buffer.from(match?.[2] ?? "", "base64");
  if (match === null || raw.length < 5 || raw.toString("base64") !== match[2]) {
    throw new AgentError("bad-note", `signature line ${JSON.stringify(line.slice(0, 80))}`);
  }
  return { text: line, name: match[1] as string, keyId: raw.subarray(0, 4), payload: raw.subarray(4) };
}

/** True if the line claims to be by this key: name and key id match. */
export function isLineOf(line: SignatureLine, vkey: VerifierKey): boolean {
  return line.name === vkey.name && line.keyId.equals(vkey.keyId);
}

/** What to verify of a line that claims to be by `vkey` (type 0x01), or null if it does not. */
export function noteLineCheck(text: string, line: SignatureLine, vkey: VerifierKey): SignatureCheck | null {
  if (vkey.type !== PLAIN_NOTE || !isLineOf(line, vkey)) return null;
  return { key: vkey.key, message: Buffer.from(text), signature: line.payload };
}

/** True if a line of `vkey` (type 0x01) signs the note's text. */
export function verifyNoteLine(text: string, line: SignatureLine, vkey: VerifierKey): boolean {
  const check = noteLineCheck(text, line, vkey);
  return check?.key.verify(check.message, check.signature) ?? false;
}

/** What to verify of a cosignature line of `vkey` (type 0x04), and the time it claims; null if malformed. */
export function cosignatureCheck(
  text: string,
  line: SignatureLine,
  vkey: VerifierKey,
): (SignatureCheck & { timeMs: number }) | null {
  if (vkey.type !== COSIGNATURE || !isLineOf(line, vkey) || line.payload.length !== 72) return null;
  const time = line.payload.readBigUInt64BE();
  if (time > BigInt(Number.MAX_SAFE_INTEGER) / 1000n) return null;
  const message = cosignedMessage(text, time);
  return { key: vkey.key, message, signature: line.payload.subarray(8), timeMs: Number(time) * 1000 };
}

/** Time in ms that a valid cosignature line of `vkey` (type 0x04) claims for the note's text, or null. */
export function verifyCosignature(text: string, line: SignatureLine, vkey: VerifierKey): number | null {
  const check = cosignatureCheck(text, line, vkey);
  return check?.key.verify(check.message, check.signature) ? check.timeMs : null;
}

/** Reads a note and requires the device's own signature to be first and valid. Throws `bad-note`. */
export function openCheckpoint(note: string, device: VerifierKey): Note {
  const parsed = parseNote(note);
  const first = parsed.lines[0];
  if (
    first === undefined ||
    device.name !== deviceKeyName(parsed.dev) ||
    !verifyNoteLine(parsed.text, first, device)
  ) {
    throw new AgentError("bad-note", `size ${parsed.size}: not signed by ${device.name}`);
  }
  return parsed;
}

function cosignedMessage(text: string, time: bigint): Buffer {
  return Buffer.from(`cosignature/v1\ntime ${time}\n${text}`);
}

function u64be(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
