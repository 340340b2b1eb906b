import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** Runs a command to its end and answers its stdout; its stderr is shown. Throws unless it exits with 0. */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [stdout, [code, signal]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`${command}: exit ${code ?? signal}`);
  return stdout;
}

/** The same for a compiled module of ours in a Node of its own. */
export async function runModule(module: URL, args: readonly string[]): Promise<string> {
  return await run(process.execPath, [fileURLToPath(module), ...args]);
}
