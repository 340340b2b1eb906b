import { statSync } from "node:fs";
import { join } from "node:path";
import { readSecret } from "../../../../config/secret.ts";
import { readKeyFile } from "../../../../crypto/keys/key-file.ts";
import { examineWords } from "../../../cli/text/doctor/examine.ts";
import { machineWords as words } from "../../../cli/text/doctor/machine.ts";
import { type Check, fail, ok, skipped } from "../../check.ts";
import { mayEnter } from "../../rights.ts";
import { keyFilesOf, secretFilesOf } from "../../secret-files.ts";

const LIMIT_MS = 5_000;
const OTHERS = 0o077;

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

export const KEEPING_CHECKS: readonly Check[] = [config, secrets, keys];
