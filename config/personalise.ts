import { stringify } from "smol-toml";
import { AgentError } from "./base/errors.ts";
import { parseToml } from "./load.ts";

/** What of a unit's configuration is its own. */
export interface UnitSettings {
  serial?: string;
  witness: readonly string[];
  custody: readonly string[];
  /** Keys of `[sync]` and the files they are to name, beside the configuration. */
  brokerFiles: Readonly<Partial<Record<"password_file" | "ca_file" | "cert_file" | "key_file", string>>>;
}

type Table = Record<string, unknown>;

/**
 * A configuration with a unit's own settings in it. What it pins already stays pinned. Without settings it stays
 * letter for letter; with some, its comments are lost. `file` names it in errors. Throws `config-syntax`, or
 * `bad-config` where it has no table for a setting.
 */
export function withUnitSettings(toml: string, file: string, settings: UnitSettings): string {
  const { serial, witness, custody, brokerFiles } = settings;
  const forSync = witness.length + custody.length + Object.keys(brokerFiles).length > 0;
  if (serial === undefined && !forSync) return toml;
  const config = parseToml(toml, file);
  if (serial !== undefined) tableOf(config, "device", file)["serial"] = serial;
  if (forSync) {
    const sync = tableOf(config, "sync", file);
    pin(sync, "witness", witness);
    pin(sync, "custody", custody);
    Object.assign(sync, brokerFiles);
  }
  return stringify(config);
}

function pin(sync: Table, key: string, vkeys: readonly string[]): void {
  const pinned: unknown[] = Array.isArray(sync[key]) ? sync[key] : [];
  if (vkeys.length > 0) sync[key] = [...new Set([...pinned, ...vkeys])];
}

function tableOf(config: Table, key: string, file: string): Table {
  const table = config[key];
  if (typeof table === "object" && table !== null && !Array.isArray(table)) return table as Table;
  throw new AgentError("bad-config", `${file}: ${key}: missing; allowed: a table`);
}
