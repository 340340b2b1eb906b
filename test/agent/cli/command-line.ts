import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { assertPrintedFits } from "../../support/cli-schema.ts";

export const MAIN = fileURLToPath(new URL("../../../agent/cli/main.js", import.meta.url));

export interface Outcome {
  exit: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs `fulltrace` as a process of its own, in an English locale unless `env` says otherwise. What it prints
 * with `--json` must be what its schema says.
 */
export function fulltrace(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const { PATH = "", HOME = "/" } = process.env;
  const options = { env: { PATH, HOME, LANG: "C.UTF-8", ...env }, timeout: 60_000 };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [MAIN, ...args], options, (_error, stdout, stderr) => {
      try {
        assertPrintedFits(args, stdout);
        resolve({ exit: child.exitCode, stdout, stderr });
      } catch (error) {
        reject(error);
      }
    });
  });
}
