import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../../../config/package-root.ts";
import { machineWords as words } from "../../../cli/text/doctor/machine.ts";
import { type Check, fail, ok, type Patient, warn } from "../../check.ts";

const require = createRequire(import.meta.url);
const LIMIT_MS = 10_000;

interface Manifest {
  version: string;
  engines: { node: string };
  dependencies: Record<string, string>;
}

/** The program's own. */
function manifest(): Manifest {
  return JSON.parse(readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8")) as Manifest;
}

function versionOf(name: string): string | null {
  for (const folder of require.resolve.paths(name) ?? []) {
    const file = join(folder, name, "package.json");
    if (existsSync(file)) return (JSON.parse(readFileSync(file, "utf8")) as Manifest).version;
  }
  return null;
}

const node: Check = {
  id: "node",
  name: words.node,
  why: words.nodeWhy,
  next: words.nodeNext,
  limitMs: LIMIT_MS,
  run() {
    const least = manifest().engines.node.replace(">=", "");
    const values = { version: process.versions.node, least };
    return isAtLeast(process.versions.node, least)
      ? ok(words.nodeSeen, values)
      : fail(words.nodeSeen, values);
  },
};

function isAtLeast(version: string, least: string): boolean {
  const [own, other] = [version, least].map((text) => text.split(".").map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (own?.[i] ?? 0) - (other?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

const packages: Check = {
  id: "packages",
  name: words.packages,
  why: words.packagesWhy,
  next: words.moduleNext,
  limitMs: LIMIT_MS,
  run() {
    const pinned = Object.entries(manifest().dependencies);
    const others = pinned
      .map(([name, version]) => ({ name, version, found: versionOf(name) }))
      .filter(({ version, found }) => found !== version)
      .map(({ name, found }) => `${name} ${found ?? "–"}`);
    if (others.length > 0) return warn(words.packagesOther, { names: others.join(", ") });
    return ok(words.packagesSeen, { count: pinned.length });
  },
};

/** A native module, loaded by its name as its owner would load it; where a role can do without, its lack is no risk. */
function nativeModule(
  name: string,
  id: string,
  phrases: Pick<Check, "name" | "why">,
  isNeeded: (patient: Patient) => boolean,
): Check {
  return {
    id,
    ...phrases,
    next: words.moduleNext,
    limitMs: LIMIT_MS,
    run(patient) {
      try {
        require(name);
        return ok(words.moduleSeen, { version: versionOf(name) ?? "" });
      } catch (error) {
        const reason = (error as Error).message.split("\n")[0] ?? "";
        return (isNeeded(patient) ? fail : warn)(words.moduleBroken, { reason });
      }
    },
  };
}

export const PROGRAM_CHECKS: readonly Check[] = [
  node,
  packages,
  nativeModule("better-sqlite3", "sqlite", { name: words.sqlite, why: words.sqliteWhy }, () => true),
  nativeModule(
    "serialport",
    "serialport",
    { name: words.serialport, why: words.serialportWhy },
    ({ config }) => config.role === "recorder" && (config.board ?? config.gnss) !== undefined,
  ),
  nativeModule(
    "usb",
    "usb",
    { name: words.usb, why: words.usbWhy },
    ({ config }) => config.role === "dock" && config.dock.usb === "libusb",
  ),
];
