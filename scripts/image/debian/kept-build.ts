import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

export interface KeptBuild {
  folder: string;
  /** False: it lay in the cache. */
  built: boolean;
}

/**
 * What is costly to make, from the folder `cache` under its `key`, or made there by `build`; what lay there under
 * other keys goes. A stopped build leaves nothing that would be taken for a whole one.
 */
export async function keptBuild(
  cache: string,
  key: string,
  fresh: boolean,
  build: (into: string) => Promise<void>,
): Promise<KeptBuild> {
  const folder = join(cache, key);
  if (fresh) rmSync(folder, { recursive: true, force: true });
  if (existsSync(folder)) return { folder, built: false };
  mkdirSync(cache, { recursive: true });
  for (const older of readdirSync(cache)) rmSync(join(cache, older), { recursive: true, force: true });
  const unfinished = mkdtempSync(join(cache, "unfinished-"));
  const remove = () => rmSync(unfinished, { recursive: true, force: true });
  process.once("exit", remove);
  try {
    await build(unfinished);
    renameSync(unfinished, folder);
  } finally {
    remove();
    process.off("exit", remove);
  }
  return { folder, built: true };
}
