import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../../config/schema.ts";
import { repairWords as words } from "../cli/text/doctor/repairs.ts";
import type { Phrase, Values } from "../cli/text/phrase.ts";
import { keyFilesOf, secretFilesOf } from "./secret-files.ts";

export interface Repair {
  did: Phrase;
  values: Values;
}

/** A key is its owner's alone; a secret may be its group's. */
const NOT_OWNER = 0o077;
const OTHERS = 0o007;

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
      giveToOwnerOf(dirname(path), path);
      return { did: words.madeDirectory, values: { path } };
    });
}

function permissions(config: Config): Repair[] {
  return [
    ...keyFilesOf(config).flatMap((path) => close(path, NOT_OWNER)),
    ...secretFilesOf(config).flatMap((path) => close(path, OTHERS)),
  ];
}

/** Takes from a file the rights that are too many; what may not be repaired by this account is left. */
function close(path: string, tooMany: number): Repair[] {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || (mode & tooMany) === 0 || !mayChange(path)) return [];
  const left = mode & 0o777 & ~tooMany;
  chmodSync(path, left);
  return [{ did: words.closed, values: { path, mode: octal(mode & 0o777), left: octal(left) } }];
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}

function mayChange(path: string): boolean {
  const uid = process.getuid?.();
  return uid === 0 || uid === statSync(path).uid;
}

/** What root makes in another account's directory is that account's. */
function giveToOwnerOf(parent: string, path: string): void {
  const { uid, gid } = statSync(parent);
  if (process.getuid?.() === 0) chownSync(path, uid, gid);
}
