import { parseArgs } from "node:util";

export interface LabOptions {
  json: boolean;
  /** Build the machine's image anew. */
  fresh: boolean;
  /** Show what the tests print, not only of those that failed. */
  verbose: boolean;
  /** 30 power cuts instead of 5, and so on: what takes hours. */
  full: boolean;
  /** Only the tests whose names contain one of these; all without any. */
  only: string[];
}

const USAGE = "usage: npm run lab -- [--json] [--fresh] [--verbose] [--full] [--only NAME]...";

/** Ends the process with 2 when they are misused. */
export function labOptions(args: readonly string[]): LabOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: "boolean", default: false },
        fresh: { type: "boolean", default: false },
        full: { type: "boolean", default: false },
        verbose: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
      },
    });
    return values;
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    process.exit(2);
  }
}
