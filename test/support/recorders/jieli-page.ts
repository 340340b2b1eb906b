import { readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../repository.ts";

const PAGE = readFileSync(join(REPOSITORY, "docs/recorder-drivers.md"), "utf8");

/** One command as docs/recorder-drivers.md has it. */
export interface JieliRow {
  /** What `Gat947Device` calls it, and the library: `GetIDCode`; empty: a command that belongs to others. */
  call: string;
  command: number;
  /** Bytes of the data phase. */
  bytes: number;
  /** Result code of a call that failed; null: it has none. */
  failed: number | null;
}

/** The table of commands. */
export function jieliPage(): JieliRow[] {
  const rows = PAGE.matchAll(/^\| ([0-9A-F, ]+) \| (.*) \| (.*) \|(.*)\|$/gm);
  return [...rows].flatMap(([, commands = "", calls = "", data = "", results = ""]) => {
    const names = [...calls.matchAll(/`(\w+)`/g)].map(([, name]) => name as string);
    const failed = /^\d+ \/ (\d+)$/.exec(results.trim())?.[1];
    return commands.split(", ").map((command, at) => ({
      call: names[at] ?? "",
      command: Number.parseInt(command, 16),
      bytes: data === "none" ? 0 : Number(/^\d+(?= bytes)/.exec(data)?.[0]),
      failed: failed === undefined ? null : Number(failed),
    }));
  });
}

/** The fields of the 89 bytes of info, in their order: name on the page and length. */
export function infoFields(): [string, number][] {
  const [, list = ""] = /\| 89 bytes: (.*?) \|/.exec(PAGE) ?? [];
  return list.split(", ").map((field) => [field.replace(/ \d+$/, ""), Number(/\d+$/.exec(field)?.[0])]);
}
