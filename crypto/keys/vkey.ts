import { AgentError } from "../../config/base/errors.ts";
import { sha256 } from "../bytes/digest.ts";
import { PublicKey } from "./ed25519.ts";

/** What a C2SP signed-note key signs: 0x01 plain Ed25519 notes (device, custody), 0x04 `cosignature/v1`. */
export type NoteKeyType = 0x01 | 0x04;
export const PLAIN_NOTE: NoteKeyType = 0x01;
export const COSIGNATURE: NoteKeyType = 0x04;

/** A named verifier key of C2SP signed-note: `name+hex(keyid)+base64(type ‖ public key)`. */
export interface VerifierKey {
  readonly name: string;
  readonly type: NoteKeyType;
  /** `H(name ‖ 0x0A ‖ type ‖ public key)[:4]`. */
  readonly keyId: Buffer;
  readonly key: PublicKey;
}

/** Names a key. Throws `bad-vkey` for a name that signed notes cannot carry (empty, white space, `+`). */
export function verifierKey(name: string, type: NoteKeyType, key: PublicKey): VerifierKey {
  if (name === "" || /[\s+]/u.test(name) || !name.isWellFormed()) {
    throw new AgentError("bad-vkey", `name ${JSON.stringify(name)}`);
  }
  const keyId = sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), key.bytes])).subarray(0, 4);
  return { name, type, keyId, key };
}

/** The vkey's text. */
export function formatVkey(vkey: VerifierKey): string {
  const body = Buffer.concat([Buffer.of(vkey.type), vkey.key.bytes]).toString("base64");
  return `${vkey.name}+${vkey.keyId.toString("hex")}+${body}`;
}

/** Reads a vkey; its key id must match. Throws `bad-vkey` or `bad-public-key`. */
export function parseVkey(text: string): VerifierKey {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u.exec(text);
  if (match === null) throw new AgentError("bad-vkey", `${text.slice(0, 80)}: not name+keyid+key`);
  const [, name, keyIdHex, base64] = match as unknown as [string, string, string, string];
  const raw = Buffer.from(base64, "base64");
  const type = raw[0];
  if (raw.length !== 33 || raw.toString("base64") !== base64)
    throw new AgentError("bad-vkey", `${name}: key length`);
  if (type !== PLAIN_NOTE && type !== COSIGNATURE)
    throw new AgentError("bad-vkey", `${name}: key type ${type}`);
  const vkey = verifierKey(name, type, PublicKey.of(raw.subarray(1)));
  if (vkey.keyId.toString("hex") !== keyIdHex)
    throw new AgentError("bad-vkey", `${name}: key id does not match`);
  return vkey;
}

/** The name under which a device signs its checkpoints (ledger-format §6). */
export function deviceKeyName(dev: string): string {
  return `fulltrace/${dev}`;
}

/** The device's vkey, as trust files and receiver configs list it. */
export function deviceVkey(key: PublicKey): VerifierKey {
  return verifierKey(deviceKeyName(key.deviceId), PLAIN_NOTE, key);
}
