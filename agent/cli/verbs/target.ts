import { resolve } from "node:path";
import { AgentError } from "../../../config/base/errors.ts";
import type { Config } from "../../../config/schema.ts";
import type { OwnTemplates } from "../../../config/template-catalogue.ts";
import type { Face } from "../face/face.ts";

/** Which agent is meant: by its data directory, or by its configuration. */
export interface Target {
  data?: string;
  config?: string;
}

/** The data directory meant. Throws `misuse` when none is named, or what loading the configuration throws. */
export async function dataDirOf(face: Face, { data, config }: Target): Promise<string> {
  if (data !== undefined) return resolve(data);
  if (config === undefined)
    throw new AgentError("misuse", "--data DIR or --config FILE", { next: "fulltrace … --data DIR" });
  const { loadConfig } = await import("../../../config/load.ts");
  const loaded = loadConfig(config);
  face.speak(loaded.lang);
  return loaded.dataDir;
}

/** Of commands that need no agent, and may be told of its configuration. */
export interface ProbeOptions {
  config?: string;
  json?: boolean;
}

/** The configuration, if one is named. Throws what loading it throws. */
export async function configOf(face: Face, { config }: { config?: string }): Promise<Config | null> {
  if (config === undefined) return null;
  const { loadConfig } = await import("../../../config/load.ts");
  const loaded = loadConfig(config);
  face.speak(loaded.lang);
  return loaded;
}

/** Where the configuration, if one is named, says that an office keeps its own templates. */
export async function ownTemplates(config: string | undefined): Promise<OwnTemplates> {
  if (config === undefined) return { replaces: [] };
  const { loadConfig } = await import("../../../config/load.ts");
  const loaded = loadConfig(config);
  return "records" in loaded ? loaded.records : { replaces: [] };
}
