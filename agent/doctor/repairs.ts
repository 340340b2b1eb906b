import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/schema.ts";
import { repairWords as words } from "../cli/text/doctor/repairs.ts";
import type { Phrase, Values } from "../cli/text/phrase.ts";
import { keyFilesOf, secretFilesOf } from "./checks/keeping.ts";

export interface Repair {
  did: Phrase;
  values: Values;
}

const PRIVATE = 0o600;
const OTHERS = 0o077;

/**
 * What may be repaired without asking: a data directory that is missing, and files that others may read although
 * they are secret. Evidence, keys and settings are not touched. Answers what was done.
 */
export function repair(config: Config): Repair[] {
  return [...directories(config), ...permissions(config)];
}

function directories({ dataDir }: Config): Repair[] {
  return [dataDir, join(dataDir, "keys")]
    .filter((path) => !existsSync(path))
    .map((path) => {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      return { did: words.madeDirectory, values: { path } };
    });
}

function permissions(config: Config): Repair[] {
  return [...keyFilesOf(config), ...secretFilesOf(config)].flatMap((path) => {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    if (mode === undefined || (mode & OTHERS) === 0) return [];
    chmodSync(path, PRIVATE);
    return [{ did: words.closed, values: { path, mode: (mode & 0o777).toString(8) } }];
  });
}
