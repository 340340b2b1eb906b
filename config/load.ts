import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import * as v from "valibot";
import { AgentError } from "./base/errors.ts";
import { SECRET_KEY } from "./fields.ts";
import { type Config, configSchema, type Role } from "./schema.ts";

const MAX_CONFIG_BYTES = 8 * 2 ** 20;

/**
 * Reads and checks a configuration file.
 * Throws `config-missing`, `config-syntax` with line and column, or `bad-config` with one line for each
 * fault: file, key path, what was found, what is allowed.
 */
export function loadConfig(file: string): Config {
  let toml: string;
  try {
    toml = readFileSync(file, "utf8");
  } catch (cause) {
    throw new AgentError("config-missing", `${file}: ${(cause as Error).message}`, {
      cause,
      next: "name a readable file with --config",
    });
  }
  return parseConfig(toml, file);
}

/** Checks the text of a configuration; `file` names it in errors and is where relative paths start. */
export function parseConfig(toml: string, file: string): Config {
  if (toml.length > MAX_CONFIG_BYTES) throw new AgentError("config-syntax", `${file}: longer than 8 MiB`);
  const raw = parseToml(toml, file);
  const schemas = configSchema(dirname(resolve(file)));
  const { role } = raw;
  if (!isRole(role, schemas)) throw badConfig([`${file}: role: ${wrongRole(role)}`]);
  const checked = v.safeParse(schemas[role], raw);
  if (!checked.success) throw badConfig(checked.issues.map((issue) => `${file}: ${describe(issue)}`));
  return camel(checked.output) as Config;
}

/** Throws `config-syntax` with the place. */
export function parseToml(toml: string, file: string): Record<string, unknown> {
  try {
    return parse(toml);
  } catch (cause) {
    const place = cause instanceof TomlError ? `${file}:${cause.line}:${cause.column}` : file;
    const why = (cause as Error).message.split("\n")[0];
    throw new AgentError("config-syntax", `${place}: ${why}`, { cause, next: "write the file as TOML 1.0" });
  }
}

function isRole(role: unknown, schemas: Record<Role, unknown>): role is Role {
  return typeof role === "string" && Object.hasOwn(schemas, role);
}

function wrongRole(role: unknown): string {
  const allowed = 'allowed: "recorder", "dock" or "receiver"';
  return role === undefined ? `missing; ${allowed}` : `found ${found(role)}; ${allowed}`;
}

function badConfig(lines: string[]): AgentError {
  return new AgentError("bad-config", lines.join("\n"), {
    next: "correct the file; docs/configuration.md explains every key",
  });
}

/** One fault as `key.path: found …; allowed: …`. */
function describe(issue: v.BaseIssue<unknown>): string {
  const key = v.getDotPath(issue) ?? "top level";
  // tables word unknown and missing keys themselves: what was found there may be a secret
  if (issue.type === "strict_object") return `${key}: ${issue.message}`;
  // the path's value: a rule between two keys is asked of their table, but told of one key
  const value = issue.path?.at(-1)?.value ?? issue.input;
  const told = value === undefined ? "missing" : `found ${SECRET_KEY.test(key) ? "a secret" : found(value)}`;
  return `${key}: ${told}; allowed: ${issue.message}`;
}

/** A value as the file spells it, short, without the user and password of an address. */
function found(value: unknown): string {
  const text = typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? typeof value);
  const open = text.replace(/\/\/[^/@\s]*@/g, "//…@");
  return open.length > 100 ? `${open.slice(0, 100)}…` : open;
}

/** The same value with keys as the program spells them. */
function camel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camel);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
      camel(inner),
    ]),
  );
}
