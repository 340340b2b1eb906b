import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "./setup/build.mjs";
import { requireNode } from "./setup/node-version.mjs";
import { installNpmPackages } from "./setup/npm-packages.mjs";
import { SetupError, say } from "./setup/say.mjs";
import { installSystemPackages } from "./setup/system-packages.mjs";

/** The repository's root, ending with a separator. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Makes this clone ready for `profiles` (`demo`, `test`, `bench`, `lab`, `package`; `build` needs no system
 * package of its own). Plain JavaScript without packages, since it runs before there are any. Work that was done is not
 * repeated, and nothing is fetched when nothing is missing. Ends the process with 1 when it cannot.
 */
export function setUp(...profiles) {
  try {
    requireNode(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).engines.node);
    for (const profile of profiles) installSystemPackages(profile);
    installNpmPackages(ROOT);
    build(ROOT);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`set-up failed: ${error.message}`);
    process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setUp(process.argv[2] ?? "demo");
