import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Lock } from "../native/native-packages.ts";
import { run } from "../run.ts";

/** What the package is made of, as CycloneDX 1.5: what npm says of just the packages that went into it. */

interface Component {
  "bom-ref": string;
  type: string;
  name: string;
  version: string;
  licenses?: unknown[];
}

interface Bom {
  serialNumber?: string;
  metadata: { timestamp?: string; component: Component };
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

/**
 * `paths`: the packages, as the lock file names them. The same packages give the same text: no time of making
 * and no random number is in it. Throws when npm does not know one of them.
 */
export async function sbomOf(root: string, lock: Lock, paths: readonly string[]): Promise<string> {
  // all of them: npm would leave out what a tool of development needs as well
  const bom = JSON.parse(await run("npm", ["sbom", "--sbom-format", "cyclonedx"], { cwd: root })) as Bom;
  const own = { ...bom.metadata.component, ...nameOf(root) };
  const refs = new Set(paths.map((path) => referenceOf(path, lock)));
  const components = [...bom.components.filter((part) => refs.has(part["bom-ref"])), ...compiledIn(root)];
  const known = new Set(components.map((part) => part["bom-ref"]));
  const unknown = [...refs].filter((ref) => !known.has(ref));
  if (unknown.length > 0) throw new Error(`npm sbom does not tell of ${unknown.join(", ")}`);
  const { serialNumber: _, ...rest } = bom;
  const { timestamp: __, ...metadata } = bom.metadata;
  const dependencies = bom.dependencies
    .filter(({ ref }) => known.has(ref) || ref === own["bom-ref"])
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((part) => known.has(part)) }));
  return `${JSON.stringify({ ...rest, metadata: { ...metadata, component: own }, components, dependencies }, null, 2)}\n`;
}

export function referenceOf(path: string, lock: Lock): string {
  return `${packageName(path)}@${lock[path]?.version}`;
}

/** `node_modules/a/node_modules/@b/c` is `@b/c`. */
export function packageName(path: string): string {
  return path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
}

/** npm calls a project by its folder. */
function nameOf(root: string): { name: string } {
  return { name: JSON.parse(readFileSync(join(root, "package.json"), "utf8")).name };
}

/** Libraries that are inside of the native modules, which no registry lists. */
function compiledIn(root: string): Component[] {
  return [
    library("sqlite", sqliteVersion(root), "blessing"),
    library("libusb", libusbVersion(root), "LGPL-2.1-or-later"),
  ];
}

function library(name: string, version: string, license: string): Component {
  return {
    "bom-ref": `${name}@${version}`,
    type: "library",
    name,
    version,
    licenses: [{ license: { id: license } }],
  };
}

function sqliteVersion(root: string): string {
  const Database = createRequire(join(root, "package.json"))("better-sqlite3");
  return new Database(":memory:").prepare("SELECT sqlite_version()").pluck().get() as string;
}

function libusbVersion(root: string): string {
  const header = readFileSync(join(root, "node_modules/usb/libusb/libusb/version.h"), "utf8");
  return ["MAJOR", "MINOR", "MICRO"]
    .map((part) => new RegExp(`#define LIBUSB_${part} (\\d+)`).exec(header)?.[1])
    .join(".");
}
