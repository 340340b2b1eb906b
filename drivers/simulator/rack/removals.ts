import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Clock } from "../../../config/base/clock.ts";

const LOOK_MS = 500;

/** Tells each file that goes from the folder, until the signal aborts: a disk does not know what its host deletes. */
export async function watchRemovals(
  folder: string,
  clock: Clock,
  onErase: (path: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let before = await filesBelow(folder);
  while (!signal.aborted) {
    await clock.sleep(LOOK_MS, signal).catch(() => undefined);
    const now = await filesBelow(folder);
    for (const path of before) if (!now.has(path)) onErase(path);
    before = now;
  }
}

async function filesBelow(folder: string): Promise<Set<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  return new Set(files.map(({ parentPath, name }) => relative(folder, join(parentPath, name))));
}
