import { parseArgs } from "node:util";
import { AgentError } from "../../config/base/errors.ts";

export interface DemoOptions {
  /** File, `/dev/videoN`, `rtsp://…` or `testsrc`. */
  source: string;
  /** From button press to stop. */
  seconds: number;
  /** Where everything is left; absent: a new folder below `demo-data/`. */
  data: string | undefined;
  json: boolean;
  lang: "zh" | "en";
}

const MIN_SECONDS = 6;
const MAX_SECONDS = 3600;

/** Throws `bad-argument`. */
export function parseDemoOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions {
  const { values } = parse(args);
  const seconds = Number(values.seconds);
  if (!Number.isInteger(seconds) || seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
    throw usage(`--seconds ${values.seconds}: a whole number from ${MIN_SECONDS} to ${MAX_SECONDS}`);
  }
  const lang = values.lang ?? ((env["LC_ALL"] ?? env["LANG"] ?? "").startsWith("zh") ? "zh" : "en");
  if (lang !== "zh" && lang !== "en") throw usage(`--lang ${lang}: zh or en`);
  return { source: values.source, seconds, data: values.data, json: values.json, lang };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        source: { type: "string", default: "testsrc" },
        seconds: { type: "string", default: "16" },
        data: { type: "string" },
        json: { type: "boolean", default: false },
        lang: { type: "string" },
      },
    });
  } catch (cause) {
    throw usage((cause as Error).message);
  }
}

function usage(what: string): AgentError {
  return new AgentError("bad-argument", what, {
    next: "npm run demo -- [--source FILE|/dev/videoN|rtsp://…|testsrc] [--seconds N] [--data DIR] [--lang zh|en] [--json]",
  });
}
