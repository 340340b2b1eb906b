import type { Config } from "../../config/schema.ts";
import { keyFileOf, keyKindsOf } from "../own-keys.ts";

/** Key files of a role, in its data directory. */
export function keyFilesOf(config: Config): string[] {
  return keyKindsOf(config).map((kind) => keyFileOf(config, kind));
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
