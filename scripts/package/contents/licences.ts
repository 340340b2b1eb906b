import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Lock } from "../native/native-packages.ts";
import { referenceOf } from "./sbom.ts";

const LICENCE = /^(?:licen[cs]e|copying|notice)/i;
const RULE = "─".repeat(80);
/** Libraries inside of the native modules: the file of their licence, or what they say instead of one. */
const COMPILED_IN = [
  { name: "libusb, inside of usb", file: "node_modules/usb/libusb/COPYING" },
  {
    name: "SQLite, inside of better-sqlite3",
    text: "SQLite is in the public domain: https://sqlite.org/copyright.html\n",
  },
];

/** One text with the licence of every package of `paths`, and of what is compiled into them. */
export function licencesOf(root: string, lock: Lock, paths: readonly string[]): string {
  const parts = paths.map((path) => part(referenceOf(path, lock), licenceText(root, path, lock)));
  const compiledIn = COMPILED_IN.map(({ name, file, text }) =>
    part(name, file === undefined ? text : readFileSync(join(root, file), "utf8")),
  );
  return [...parts, ...compiledIn].join("\n");
}

function part(name: string, text: string): string {
  return `${RULE}\n${name}\n${RULE}\n${text.trimEnd()}\n`;
}

/** Some packages name their licence and bring no text of it. */
function licenceText(root: string, path: string, lock: Lock): string {
  const folder = join(root, path);
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (file) => file.isFile() && LICENCE.test(file.name),
  );
  const named = lock[path]?.license;
  if (files.length > 0) return files.map(({ name }) => readFileSync(join(folder, name), "utf8")).join("\n");
  if (named === undefined) throw new Error(`${path} names no licence`);
  return `${named} (as its package.json says; it brings no text)`;
}
