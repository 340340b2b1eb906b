import { execFile } from "node:child_process";
import { MAIN, type Outcome } from "../command-line.ts";

/** Accounts that no machine has. */
export const STRANGER_UID = 54_320;
export const MEMBER_GID = 54_321;
export const STRANGER_GID = 54_322;

/** Why another account cannot be played here; false: it can. */
export const needsRoot =
  process.getuid?.() === 0 ? false : "RIGHTS OF OTHER ACCOUNTS ARE NOT TESTED: only root can play them";

/** Runs `fulltrace` as another account that is in one group alone. */
export function fulltraceAs(gid: number, args: readonly string[]): Promise<Outcome> {
  const { PATH = "" } = process.env;
  const ids = [`--reuid=${STRANGER_UID}`, `--regid=${gid}`, "--clear-groups"];
  // it may not write where the coverage of this account is collected
  const env = { PATH, HOME: "/", LANG: "C.UTF-8", NODE_V8_COVERAGE: "" };
  const options = { env, timeout: 60_000 };
  return new Promise((resolve) => {
    const command = [...ids, process.execPath, MAIN, ...args];
    const child = execFile("setpriv", command, options, (_error, stdout, stderr) =>
      resolve({ exit: child.exitCode, stdout, stderr }),
    );
  });
}
