import { createPrivateKey, X509Certificate } from "node:crypto";
import { dirname, join } from "node:path";
import { AgentError } from "../../../config/base/errors.ts";
import { parseConfig } from "../../../config/load.ts";
import { type UnitSettings, withUnitSettings } from "../../../config/personalise.ts";
import type { Config } from "../../../config/schema.ts";
import { COSIGNATURE, PLAIN_NOTE, parseVkey } from "../../../crypto/keys/vkey.ts";
import type { PersonalFiles, PersonalName } from "./members.ts";

/** The recorder's configuration on a unit, in the folder where its secrets lie too. */
export const CONFIG_NAME = "recorder.toml";

const LEAST_DATA_KEY_BYTES = 32;

/** Which key of `[sync]` names which file of the personal part. */
const BROKER_FILES = {
  "broker-password": "password_file",
  "broker-ca.pem": "ca_file",
  "broker-cert.pem": "cert_file",
  "broker-key.pem": "key_file",
} as const;
export const BROKER_NAMES = Object.keys(BROKER_FILES) as (keyof typeof BROKER_FILES)[];

export type RecorderConfig = Extract<Config, { role: "recorder" }>;

interface RecorderSetup {
  toml: string;
  config: RecorderConfig;
}

/**
 * Checks every file of a personal part by itself. Throws `personal-unfit` with its name; a secret stands in no error.
 */
export function checkPersonal(files: PersonalFiles): void {
  const serial = textOf(files, "serial");
  if (serial !== null && !/^\P{Cc}{1,64}$/u.test(serial)) throw unfit("serial", "1 to 64 letters");
  const code = textOf(files, "enrolment-code");
  if (code !== null && !/^[\x21-\x7e]{8,128}$/.test(code))
    throw unfit("enrolment-code", "8 to 128 ASCII letters");
  // the unit does not stretch it
  if ((files.get("data-key")?.length ?? LEAST_DATA_KEY_BYTES) < LEAST_DATA_KEY_BYTES)
    throw unfit("data-key", `at least ${LEAST_DATA_KEY_BYTES} random bytes`);
  const password = files.get("broker-password");
  if (password !== undefined && (password[0] === undefined || password[0] === 0x0a))
    throw unfit("broker-password", "the secret on its first line");
  for (const name of ["broker-ca.pem", "broker-cert.pem"] as const) {
    const pem = textOf(files, name);
    if (pem !== null) readAs(name, "a certificate, PEM", () => new X509Certificate(pem));
  }
  const key = textOf(files, "broker-key.pem");
  if (key !== null)
    readAs("broker-key.pem", "a private key, PEM, not encrypted", () => createPrivateKey(key));
  receiverKeys(files);
}

/**
 * The configuration that a unit gets: that of the personal part, or else `present`, with the unit's own settings.
 * `file` is where it will lie. Throws what reading a configuration throws, or `personal-unfit`.
 */
export function setupOf(files: PersonalFiles, present: string | null, file: string): RecorderSetup {
  const toml = textOf(files, "config.toml", false) ?? present;
  if (toml === null) throw unfit("config.toml", "a configuration, since the unit has none");
  const serial = textOf(files, "serial");
  const settings: UnitSettings = {
    ...(serial === null ? {} : { serial }),
    ...receiverKeys(files),
    brokerFiles: Object.fromEntries(
      BROKER_NAMES.filter((name) => files.has(name)).map((name) => [
        BROKER_FILES[name],
        join(dirname(file), name),
      ]),
    ),
  };
  const own = withUnitSettings(toml, file, settings);
  const config = parseConfig(own, file);
  if (config.role !== "recorder") throw unfit("config.toml", "a recorder's");
  return { toml: own, config };
}

/** Lines of vkeys by what they sign: cosignatures are a witness's, plain notes a custody's. */
function receiverKeys(files: PersonalFiles): { witness: string[]; custody: string[] } {
  const lines = (textOf(files, "receiver-keys") ?? "").split("\n").filter((line) => line !== "");
  const keys = lines.map((line) => {
    try {
      return { line, type: parseVkey(line).type };
    } catch (cause) {
      throw new AgentError("personal-unfit", `receiver-keys: ${(cause as AgentError).place}`, { cause });
    }
  });
  const of = (type: number) => keys.filter((key) => key.type === type).map(({ line }) => line);
  return { witness: of(COSIGNATURE), custody: of(PLAIN_NOTE) };
}

/** Null: there is no such file. Throws `personal-unfit` for what is not UTF-8. */
function textOf(files: PersonalFiles, name: PersonalName, isTrimmed = true): string | null {
  const content = files.get(name);
  if (content === undefined) return null;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    return isTrimmed ? text.trim() : text;
  } catch (cause) {
    throw new AgentError("personal-unfit", `${name}: not UTF-8`, { cause });
  }
}

function readAs(name: PersonalName, allowed: string, read: () => unknown): void {
  try {
    read();
  } catch {
    // its cause may show what stands in the file
    throw unfit(name, allowed);
  }
}

function unfit(name: string, allowed: string): AgentError {
  return new AgentError("personal-unfit", `${name}: allowed: ${allowed}`);
}
