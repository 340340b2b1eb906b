import { cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { licencesOf } from "./contents/licences.ts";
import { manifestOf } from "./contents/manifest.ts";
import { sbomOf } from "./contents/sbom.ts";
import { copyPackages, lockOf, nativeClosure } from "./native/native-packages.ts";
import { addSqlite } from "./native/sqlite.ts";
import { bundlePrograms } from "./programs/bundle.ts";
import type { Target } from "./target.ts";

/** What errors, help and units refer to. */
const SHIPPED_PAGES = ["cli", "configuration", "dock", "doctor", "service", "update"] as const;

/**
 * Lays out in `folder`, which must not exist, all that a unit needs but Node and ffmpeg:
 *
 *     package.json  programs/  node_modules/  config/  docs/  LICENSE  licences.txt  sbom.cdx.json
 */
export async function assemble(root: string, folder: string, target: Target): Promise<void> {
  mkdirSync(folder, { recursive: false });
  const lock = lockOf(root);
  const natives = nativeClosure(lock);
  const bundled = await bundlePrograms(root, join(folder, "programs"));
  copyPackages(root, folder, natives, target);
  await addSqlite(root, folder, target);
  for (const file of shippedFiles(root)) cpSync(join(root, file), join(folder, file));
  const packages = [...natives, ...bundled].sort();
  writeFileSync(join(folder, "package.json"), manifestOf(root));
  writeFileSync(join(folder, "licences.txt"), licencesOf(root, lock, packages));
  writeFileSync(join(folder, "sbom.cdx.json"), await sbomOf(root, lock, packages));
}

/** What a unit needs of the repository beside the programs: pages, and what stands in `config/` and is no source. */
function shippedFiles(root: string): string[] {
  const configs = readdirSync(join(root, "config"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  const pages = SHIPPED_PAGES.map((page) => `docs/${page}.md`);
  return ["LICENSE", ...configs.sort(), ...pages];
}
