import { existsSync } from "node:fs";
import { systemRandom } from "../../../../config/base/random.ts";
import { loadConfig } from "../../../../config/load.ts";
import type { Config } from "../../../../config/schema.ts";
import { createKeyFile, readKeyFile } from "../../../../crypto/keys/key-file.ts";
import { type KeyKind, keyFileOf, keyKindsOf, ownVkey } from "../../../own-keys.ts";
import type { Face } from "../../face/face.ts";
import type { ExitCode } from "../../face/failure.ts";
import { pairs } from "../../face/table.ts";
import type { Phrase } from "../../text/phrase.ts";
import { words } from "../../text/words.ts";

export interface KeyOptions {
  config: string;
  json?: boolean;
}

const titles: Readonly<Record<KeyKind, Phrase>> = {
  device: words.keyDevice,
  witness: words.keyWitness,
  custody: words.keyCustody,
};

/** Makes the keys of the role that are not there yet. A key that is there is never replaced. */
export async function init(face: Face, { config: file, json }: KeyOptions): Promise<ExitCode> {
  const config = loadConfig(file);
  face.speak(config.lang);
  const results = keyKindsOf(config).map((kind) => {
    const path = keyFileOf(config, kind);
    const isNew = !existsSync(path);
    const key = isNew ? createKeyFile(path, systemRandom) : readKeyFile(path);
    key.destroy();
    return { key: kind, path, made: isNew };
  });
  if (json === true) face.printJson({ role: config.role, keys: results });
  else
    for (const { path, made } of results)
      face.print(face.say(made ? words.keyMade : words.keyKept, { path }));
  return 0;
}

/** Prints the public keys, and the lines of configurations and trust files that name them. */
export async function show(face: Face, { config: file, json }: KeyOptions): Promise<ExitCode> {
  const config = loadConfig(file);
  face.speak(config.lang);
  const keys = keyKindsOf(config).map((kind) => ({ kind, vkey: ownVkey(config, kind) }));
  const named = Object.fromEntries(keys.map(({ kind, vkey }) => [kind, vkey]));
  if (json === true) {
    face.printJson({ role: config.role, ...named });
    return 0;
  }
  face.print(...pairs(keys.map(({ kind, vkey }) => [face.say(titles[kind]), vkey])), "");
  for (const { heading, lines } of pasteable(config.role, named)) face.print(face.say(heading), ...lines, "");
  return 0;
}

/** What to paste where. */
function pasteable(
  role: Config["role"],
  { device, witness, custody }: Partial<Record<KeyKind, string>>,
): { heading: Phrase; lines: string[] }[] {
  const list = (key: string, vkey = "") => `  ${key} = [${JSON.stringify(vkey)}]`;
  switch (role) {
    case "recorder":
    case "dock":
      return [
        { heading: words.forReceiver, lines: ["  [receiver]", list("devices", device)] },
        { heading: words.forTrust, lines: [list("device", device)] },
      ];
    case "receiver": {
      const pinned = [list("witness", witness), list("custody", custody)];
      return [
        { heading: words.forDevices, lines: ["  [sync]", ...pinned] },
        { heading: words.forTrust, lines: ["  quorum = 1", ...pinned] },
      ];
    }
  }
}
