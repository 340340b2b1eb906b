import { join } from "node:path";
import type { Config } from "../../config/schema.ts";

/** Key files of a role, in its data directory. */
export function keyFilesOf({ role, dataDir }: Config): string[] {
  const names = role === "receiver" ? ["witness.key", "custody.key"] : ["device.key"];
  return names.map((name) => join(dataDir, "keys", name));
}

/** Files that a configuration names as secret. */
export function secretFilesOf(config: Config): string[] {
  const found: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, own] of Object.entries(value)) {
      if (/(password|key|users)File$/.test(key) && typeof own === "string") found.push(own);
      else look(own);
    }
  };
  look(config);
  return found;
}
