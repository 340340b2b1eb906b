import { createHash } from "node:crypto";
import type { Config } from "./schema.ts";

/**
 * Hex SHA-256 of a checked configuration, for `device.boot`: the same for the same settings, however
 * the file is written. Secrets stand in files of their own, so only their paths are covered.
 */
export function configDigest(config: Config): string {
  return settingsDigest(config);
}

/** The same of any part of it, absent keys being as good as none. */
export function settingsDigest(settings: object): string {
  return createHash("sha256").update(sortedJson(settings)).digest("hex");
}

/** JSON with sorted keys at every depth. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, inner]) => `${JSON.stringify(key)}:${sortedJson(inner)}`).join(",")}}`;
}
