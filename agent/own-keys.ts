import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { readKeyFile } from "../crypto/keys/key-file.ts";
import { COSIGNATURE, deviceVkey, formatVkey, PLAIN_NOTE, verifierKey } from "../crypto/keys/vkey.ts";

export type KeyKind = "device" | "witness" | "custody";

/** The keys that a role has. */
export function keyKindsOf({ role }: Config): KeyKind[] {
  switch (role) {
    case "recorder":
    case "dock":
      return ["device"];
    case "receiver":
      return ["witness", "custody"];
  }
}

/** Where a key of this agent lies, in its data directory. */
export function keyFileOf({ dataDir }: Config, kind: KeyKind): string {
  return join(dataDir, "keys", `${kind}.key`);
}

/** The public half of a key; the private half is forgotten at once. Throws what reading the key file throws. */
export function ownVkey(config: Config, kind: KeyKind): string {
  const key = readKeyFile(keyFileOf(config, kind));
  key.destroy();
  const name = config.role === "receiver" ? `${config.receiver.name}/${kind}` : "";
  switch (kind) {
    case "device":
      return formatVkey(deviceVkey(key.publicKey));
    case "witness":
      return formatVkey(verifierKey(name, COSIGNATURE, key.publicKey));
    case "custody":
      return formatVkey(verifierKey(name, PLAIN_NOTE, key.publicKey));
  }
}
