import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The folder that the program was installed as, by its package.json: what it ships beside its code, and the
 * packages that it loads, are found from here, whether it runs as compiled or as bundled.
 */
export const PACKAGE_ROOT = nearestPackage(dirname(fileURLToPath(import.meta.url)));

function nearestPackage(folder: string): string {
  if (existsSync(join(folder, "package.json"))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error("package.json is missing: the installation is not whole");
  return nearestPackage(above);
}
