import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeDurably } from "./base/durable.ts";
import { type AgentError, errorCode } from "./base/errors.ts";
import { loadConfig, parseConfig } from "./load.ts";
import type { Config } from "./schema.ts";

/**
 * The configuration file that each version of the program last started with. What was written for a newer version may
 * have keys that an older one does not know; a unit that falls back must not stand still over that.
 */

const LAST_STARTED = "last-started";
const MOST_KEPT = 4;

export interface KeptConfig {
  readonly config: Config;
  /** Why the file itself is not used; null: it is. */
  readonly refused: AgentError | null;
}

/**
 * As `loadConfig`. Where the file is refused, and the last start was another version's, this answers what `version`
 * last started with. A file that this version refuses after it has started with it has a fault that somebody must see:
 * then it throws. What it starts with is kept in `folder`, which is made.
 */
export function loadOrKept(file: string, folder: string, version: string): KeptConfig {
  try {
    const config = loadConfig(file);
    tryToKeep(file, folder, version);
    return { config, refused: null };
  } catch (error) {
    const kept = isAboutContent(error) ? keptBy(folder, version) : null;
    if (kept === null) throw error;
    // its relative paths start where they always did
    return { config: parseConfig(kept, file), refused: error as AgentError };
  }
}

function isAboutContent(error: unknown): boolean {
  return ["bad-config", "config-syntax"].includes(errorCode(error));
}

/** null: nothing, or this version was the last to start. */
function keptBy(folder: string, version: string): string | null {
  const last = textOf(join(folder, LAST_STARTED));
  return last === null || last === version ? null : textOf(fileOf(folder, version));
}

/** A disk that is full keeps nobody from recording: a version that is fallen back to finds what was kept before. */
function tryToKeep(file: string, folder: string, version: string): void {
  try {
    keep(readFileSync(file, "utf8"), folder, version);
  } catch {
    // the disk's own alarms tell
  }
}

function keep(toml: string, folder: string, version: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  replace(fileOf(folder, version), toml);
  replace(join(folder, LAST_STARTED), version);
  for (const name of staleIn(folder)) rmSync(join(folder, name), { force: true });
}

/** Flash is not written for what it holds already. */
function replace(file: string, text: string): void {
  if (textOf(file) !== text) writeDurably(file, text);
}

function staleIn(folder: string): string[] {
  const changedMs = (name: string) => statSync(join(folder, name)).mtimeMs;
  const kept = readdirSync(folder).filter((name) => name.endsWith(".toml"));
  return kept.sort((a, b) => changedMs(b) - changedMs(a)).slice(MOST_KEPT);
}

function fileOf(folder: string, version: string): string {
  return join(folder, `${version}.toml`);
}

/** null: there is none that can be read. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
