import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { NATIVE_PACKAGES } from "../programs/bundle.ts";
import type { Target } from "../target.ts";

/** The packages that the bundles load: what their running needs, for one kind of machine, and nothing else. */

/** What those packages name as dependencies but need only to be installed or compiled. */
const INSTALL_ONLY: readonly string[] = ["prebuild-install", "node-addon-api", "@types/w3c-web-usb"];
/** Folders of theirs that are not part of them, or hold what this project places itself. */
const NOT_RUN: readonly string[] = ["node_modules", "build", "deps", "libusb", "test"];
const KEPT = /(?:\.c?js|^package\.json|^LICEN[CS]E.*)$/;

export interface LockedPackage {
  version: string;
  license?: string;
  dependencies?: Record<string, string>;
}

export type Lock = Record<string, LockedPackage>;

export function lockOf(root: string): Lock {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
}

/** The paths in the lock file of the native packages and all that they load, sorted. */
export function nativeClosure(lock: Lock): string[] {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const name of Object.keys(lock[path]?.dependencies ?? {})) {
      if (!INSTALL_ONLY.includes(name)) visit(resolveIn(lock, path, name));
    }
  };
  for (const name of NATIVE_PACKAGES) visit(`node_modules/${name}`);
  return [...found].sort();
}

/** As Node resolves a name: the nearest `node_modules` that has it. */
function resolveIn(lock: Lock, path: string, name: string): string {
  for (let folder = path; ; folder = posix.dirname(folder)) {
    const candidate = posix.join(folder, "node_modules", name);
    if (candidate in lock) return candidate;
    if (folder === ".") throw new Error(`${path} needs ${name}, which the lock file has not`);
  }
}

/** Copies the packages of `paths` from below `root` to below `folder`. */
export function copyPackages(root: string, folder: string, paths: readonly string[], target: Target): void {
  for (const path of paths) {
    const files = filesOf(join(root, path)).filter((file) => runs(file, target));
    if (!files.some((file) => file.endsWith("js")))
      throw new Error(`${path}: there is nothing that runs in it`);
    for (const file of files) cpSync(join(root, path, file), join(folder, path, file));
  }
}

/** Of the package itself, and not of those inside it. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function runs(file: string, { nodeArch }: Target): boolean {
  const [name, ...folders] = file.split("/").reverse();
  if (name === undefined || folders.some((folder) => NOT_RUN.includes(folder))) return false;
  if (!name.endsWith(".node")) return KEPT.test(name);
  return folders[0] === `linux-${nodeArch}` && !/musl|armv6/.test(name);
}
