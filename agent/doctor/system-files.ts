import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the kernel says in a small file, without its line end; empty: it says nothing. */
export function readText(...path: string[]): string {
  try {
    return readFileSync(join(...path), "utf8").trim();
  } catch {
    return "";
  }
}
