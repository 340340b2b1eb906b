import { readFileSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

/** The groups and accounts of this machine: group(5) and passwd(5). */

const GROUPS = "/etc/group";
const ACCOUNTS = "/etc/passwd";

/** The number of an account that is named; null: there is none of this name. */
export function accountNumber(account: string): number | null {
  const found = records(ACCOUNTS).find(([name]) => name === account)?.[2];
  return found === undefined ? null : Number(found);
}

/** The number of a group that is named, or given by its number; null: there is none of this name. */
export function groupNumber(group: string): number | null {
  if (/^[0-9]+$/.test(group)) return Number(group);
  const found = records(GROUPS).find(([name]) => name === group)?.[2];
  return found === undefined ? null : Number(found);
}

/** What the first place of a path that can be looked at allows to whom, as `root:fulltrace 0750`; empty: none can. */
export function rightsText(path: string): string {
  const found = statOf(path);
  if (found !== null) {
    const mode = (found.mode & 0o7777).toString(8).padStart(4, "0");
    return `${nameIn(ACCOUNTS, found.uid)}:${nameIn(GROUPS, found.gid)} ${mode}`;
  }
  return dirname(path) === path ? "" : rightsText(dirname(path));
}

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** A number stands for itself where the machine knows no name. */
function nameIn(file: string, id: number): string {
  return records(file).find(([, , own]) => Number(own) === id)?.[0] ?? String(id);
}

function records(file: string): string[][] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(":"))
      .filter((fields) => fields.length > 2);
  } catch {
    return [];
  }
}
