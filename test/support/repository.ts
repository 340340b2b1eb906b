import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, found upwards from this file, since tests run compiled and from any folder. */
export const REPOSITORY = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  if (existsSync(join(folder, "biome.json"))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error("no biome.json above the tests: they run inside the repository");
  return rootAbove(parent);
}
