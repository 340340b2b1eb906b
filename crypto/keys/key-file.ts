import { createPrivateKey } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeDurably } from "../../config/base/durable.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { Random } from "../../config/base/random.ts";
import { SigningKey } from "./ed25519.ts";

const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** Reads an Ed25519 private key, PKCS#8 PEM (RFC 8410). Throws `key-missing` or `key-unreadable`. */
export function readKeyFile(path: string): SigningKey {
  if (!existsSync(path)) {
    throw new AgentError("key-missing", path, { next: "make one with: fulltrace key init --config FILE" });
  }
  try {
    const der = createPrivateKey(readFileSync(path, "utf8")).export({ format: "der", type: "pkcs8" });
    if (der.length !== 48 || !der.subarray(0, 16).equals(PKCS8_PREFIX))
      throw new AgentError("key-unreadable", path);
    const key = SigningKey.fromSeed(der.subarray(16));
    der.fill(0);
    return key;
  } catch (cause) {
    throw new AgentError("key-unreadable", path, { cause, next: "the file must be an Ed25519 PKCS#8 PEM" });
  }
}

/** Makes a fresh key and writes it durably with mode 0600. Throws `key-exists` rather than replace one. */
export function createKeyFile(path: string, random: Random): SigningKey {
  if (existsSync(path)) throw new AgentError("key-exists", path);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const key = SigningKey.generate(random);
  const body = Buffer.concat([PKCS8_PREFIX, key.seed]).toString("base64");
  writeDurably(path, `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`, 0o600);
  return key;
}

/** The key at `path`, made on first use. */
export function openKeyFile(path: string, random: Random): SigningKey {
  return existsSync(path) ? readKeyFile(path) : createKeyFile(path, random);
}
