import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { interpreter } from "../../demo/agent-process.ts";

/** Runs a command to its end and answers its stdout; its stderr is shown. Throws unless it exits with 0. */
export async function run(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [stdout, [code, signal]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`${command}: exit ${code ?? signal}`);
  return stdout;
}

/** The same for a compiled module of ours, in a Node as the command's first line would have it. */
export async function runModule(module: URL, args: readonly string[]): Promise<string> {
  return await run("env", [...interpreter(), fileURLToPath(module), ...args]);
}

/** A helper process that ends with this one. */
export class Helper {
  readonly #child: ChildProcess;

  /** Its stderr is shown. */
  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    process.once("exit", this.#kill);
  }

  /** What it prints first. Throws when it ends without a word. */
  async firstOutput(): Promise<string> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error("no stdout");
    const [piece] = await Promise.race([once(stdout, "data"), once(stdout, "end")]);
    if (piece === undefined) throw new Error(`${this.#child.spawnfile} ended before it was ready`);
    return String(piece);
  }

  async stop(): Promise<void> {
    process.off("exit", this.#kill);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#kill();
    await exited;
  }

  readonly #kill = () => void this.#child.kill("SIGKILL");
}
