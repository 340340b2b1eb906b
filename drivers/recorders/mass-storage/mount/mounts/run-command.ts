import { spawn } from "node:child_process";
import { AgentError } from "../../../../../config/base/errors.ts";

/** mount(8) says a line; more is not read. */
const MAX_TOLD_LETTERS = 400;

/**
 * Runs a program of the system to its end, without a shell and with an empty environment. Throws
 * `card-mount-failed` with what it said, or when it has not ended after `timeoutMs`. It is killed then; one that
 * hangs inside the kernel, with a dead disk, is left behind and ends with the disk.
 */
export function runCommand(program: string, args: readonly string[], timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
    });
    let told = "";
    const failed = (why: string, cause?: unknown) => {
      clearTimeout(patience);
      const next =
        "look at the kernel's log (dmesg), and at docs/recorder-drivers.md for what the dock needs";
      reject(new AgentError("card-mount-failed", `${program} ${args.join(" ")}: ${why}`, { cause, next }));
    };
    const patience = setTimeout(() => {
      child.kill("SIGKILL");
      child.stderr.destroy();
      child.unref();
      failed(`no end after ${timeoutMs} ms`);
    }, timeoutMs);
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text: string) => {
      told = (told + text).slice(0, MAX_TOLD_LETTERS);
    });
    child.once("error", (cause) => failed(cause.message, cause));
    child.once("close", (code, killedBy) => {
      clearTimeout(patience);
      if (code === 0) resolve();
      else failed(told.replace(/\s+/g, " ").trim() || `ended with ${killedBy ?? code}`);
    });
  });
}
