import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import * as v from "valibot";
import { AgentError } from "../../config/base/errors.ts";
import {
  COSIGNATURE,
  deviceKeyName,
  type NoteKeyType,
  PLAIN_NOTE,
  parseVkey,
  type VerifierKey,
} from "../keys/vkey.ts";

/** Whom a verifier trusts (ledger-format §10): a file, never the data itself. */
export interface Trust {
  /** How many distinct witnesses must have cosigned; 0 only without witnesses. */
  quorum: number;
  devices: VerifierKey[];
  witnesses: VerifierKey[];
  custody: VerifierKey[];
}

const trustSchema = v.strictObject({
  quorum: v.pipe(v.number(), v.integer(), v.minValue(0)),
  device: v.array(v.string()),
  witness: v.optional(v.array(v.string()), []),
  custody: v.optional(v.array(v.string()), []),
});

/** Reads `trust.toml`. Throws `bad-trust` naming the file and what is wrong. */
export function readTrust(path: string): Trust {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new AgentError("bad-trust", `${path}: cannot be read`, { cause });
  }
  return parseTrust(text, path);
}

/** Reads the text of a trust file; `place` names it in errors. Throws `bad-trust`. */
export function parseTrust(text: string, place: string): Trust {
  let raw: unknown;
  try {
    raw = parse(text);
  } catch (cause) {
    throw new AgentError("bad-trust", `${place}: not TOML`, { cause });
  }
  const checked = v.safeParse(trustSchema, raw);
  if (!checked.success) {
    const issue = checked.issues[0];
    throw new AgentError("bad-trust", `${place}: ${v.getDotPath(issue) ?? "top level"}: ${issue.message}`);
  }
  const { quorum } = checked.output;
  const trust: Trust = {
    quorum,
    devices: readKeys(checked.output.device, PLAIN_NOTE, `${place}: device`),
    witnesses: readKeys(checked.output.witness, COSIGNATURE, `${place}: witness`),
    custody: readKeys(checked.output.custody, PLAIN_NOTE, `${place}: custody`),
  };
  for (const { name, key } of trust.devices) {
    if (name !== deviceKeyName(key.deviceId))
      throw new AgentError("bad-trust", `${place}: device: ${name} is not the key's id`);
  }
  const all = [...trust.devices, ...trust.witnesses, ...trust.custody];
  if (new Set(all.map(({ key }) => key.hex)).size !== all.length) {
    throw new AgentError("bad-trust", `${place}: one public key appears twice`);
  }
  const least = trust.witnesses.length === 0 ? 0 : 1;
  if (quorum < least || quorum > trust.witnesses.length) {
    throw new AgentError("bad-trust", `${place}: quorum ${quorum} with ${trust.witnesses.length} witnesses`);
  }
  return trust;
}

/** Vkeys of one type. Throws `bad-trust` naming the place. */
function readKeys(texts: readonly string[], type: NoteKeyType, place: string): VerifierKey[] {
  return texts.map((text, i) => {
    try {
      const vkey = parseVkey(text);
      if (vkey.type !== type) throw new AgentError("bad-vkey", `type ${vkey.type}, wanted ${type}`);
      return vkey;
    } catch (cause) {
      throw new AgentError("bad-trust", `${place}[${i}]: ${(cause as Error).message}`, { cause });
    }
  });
}
