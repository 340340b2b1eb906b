import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../../../config/base/errors.ts";
import type { Config } from "../../../config/schema.ts";
import { readSecret } from "../../../config/secret.ts";
import { readKeyFile } from "../../../crypto/keys/key-file.ts";
import { examineWords } from "../../cli/text/doctor/examine.ts";
import { machineWords as words } from "../../cli/text/doctor/machine.ts";
import { type Check, fail, ok, skipped } from "../check.ts";

const LIMIT_MS = 5_000;
const OTHERS = 0o077;

/** Key files of a role, in its data directory. */
export function keyFilesOf({ role, dataDir }: Config): string[] {
  const names = role === "receiver" ? ["witness.key", "custody.key"] : ["device.key"];
  return names.map((name) => join(dataDir, "keys", name));
}

/** Files that a configuration names as secret. */
export function secretFilesOf(config: Config): string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, own] of Object.entries(value)) {
      if (/(password|key|users)File$/.test(key) && typeof own === "string") found.push(own);
      else look(own);
    }
  };
  look(config);
  return found;
}

const config: Check = {
  id: "config",
  name: words.config,
  why: words.configWhy,
  next: words.configNext,
  limitMs: LIMIT_MS,
  run: (patient) => ok(words.configSeen, { role: patient.config.role, file: patient.configFile }),
};

const secrets: Check = {
  id: "secrets",
  name: words.secrets,
  why: words.secretsWhy,
  next: words.secretsNext,
  limitMs: LIMIT_MS,
  run(patient) {
    const files = secretFilesOf(patient.config);
    for (const file of files) readSecret(file);
    return ok(words.secretsSeen, { count: files.length });
  },
};

const keys: Check = {
  id: "keys",
  name: words.keys,
  why: words.keysWhy,
  next: words.keysNext,
  limitMs: LIMIT_MS,
  run(patient) {
    const files = keyFilesOf(patient.config);
    if (!mayEnter(join(patient.config.dataDir, "keys"))) return skipped(examineWords.notAllowed);
    for (const path of files) {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found === undefined) return fail(words.keysMissing, { path });
      if ((found.mode & OTHERS) !== 0) return fail(words.keysExposed, { path });
      readKeyFile(path).destroy();
    }
    return ok(words.keysSeen, { count: files.length });
  },
};

/** False: the folder is there, and this account may not look into it. */
function mayEnter(folder: string): boolean {
  try {
    accessSync(folder, constants.X_OK);
    return true;
  } catch (error) {
    return errorCode(error) !== "EACCES";
  }
}

export const KEEPING_CHECKS: readonly Check[] = [config, secrets, keys];
