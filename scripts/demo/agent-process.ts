import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { callAgent } from "../../agent/control/client.ts";
import type {
  AgentStatus,
  ControlMethod,
  ControlRequest,
  ControlResults,
} from "../../agent/control/protocol.ts";
import { systemClock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";

const FULLTRACE = fileURLToPath(new URL("../../agent/cli/main.js", import.meta.url));
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 60_000;
const CALL_TIMEOUT_MS = 100_000;
const POLL_MS = 100;

/** What the first line of a program would run it with, behind `env`: its environment and Node's flags, with `node`. */
export function interpreter(program = FULLTRACE, node: readonly string[] = [process.execPath]): string[] {
  const [firstLine = ""] = readFileSync(program, "utf8").split("\n", 1);
  const [, words] = /^#!\/usr\/bin\/env -S (.*)$/.exec(firstLine) ?? [];
  if (words === undefined) throw new AgentError("agent-failed", `${program}: ${firstLine}`);
  return words.split(" ").flatMap((word) => (word === "node" ? node : word));
}

/** Runs `fulltrace` and answers its exit code and stdout. */
export async function fulltrace(
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [FULLTRACE, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => out.push(piece));
  child.stderr.on("data", (piece: Buffer) => err.push(piece));
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? 1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() };
}

/** How `fulltrace run` is started, up to its options. */
export function runCommand(): string[] {
  return ["env", ...interpreter(), FULLTRACE, "run"];
}

/** One agent (`fulltrace run`, if `command` is no other), as its operator would start, watch and stop it. */
export class AgentProcess {
  readonly #config: string;
  readonly #dataDir: string;
  readonly #logFile: string;
  readonly #command: readonly string[];
  #child: ChildProcess | null = null;

  constructor(config: string, dataDir: string, logFile: string, command: readonly string[] = runCommand()) {
    this.#command = command;
    this.#config = config;
    this.#dataDir = dataDir;
    this.#logFile = logFile;
  }

  /** Resolves when its control socket answers. Throws `agent-failed` with the place of its log. */
  async start(timeoutMs = START_TIMEOUT_MS): Promise<void> {
    const log = createWriteStream(this.#logFile, { flags: "a" });
    await once(log, "open");
    const [program = "", ...args] = this.#command;
    this.#child = spawn(program, [...args, "--config", this.#config], {
      stdio: ["ignore", log, log],
    });
    log.close();
    await this.waitFor(() => true, timeoutMs);
  }

  /** Throws when it does not run. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw this.#failed("it does not run");
    return pid;
  }

  call<Method extends ControlMethod>(
    method: Method,
    params: ControlRequest<Method>,
  ): Promise<ControlResults[Method]> {
    return callAgent(this.#dataDir, method, params, { timeoutMs: CALL_TIMEOUT_MS });
  }

  /** Polls the status until `isSo`. Throws `agent-failed` when it ends before, or never comes to it. */
  async waitFor(isSo: (status: AgentStatus) => boolean, timeoutMs: number): Promise<AgentStatus> {
    const endUs = systemClock.monoUs() + timeoutMs * 1000;
    for (;;) {
      if (this.#child === null || this.#child.exitCode !== null) throw this.#failed("it ended");
      const status = await this.call("status", {}).catch(() => null);
      if (status !== null && isSo(status)) return status;
      if (systemClock.monoUs() > endUs) throw this.#failed(`not after ${timeoutMs} ms`);
      await systemClock.sleep(POLL_MS);
    }
  }

  /** SIGKILL: what a power cut does to a process. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** SIGTERM, and waits for the orderly end; answers how long it took. Throws `agent-failed` if it fails. */
  async stop(timeoutMs = STOP_TIMEOUT_MS): Promise<number> {
    const startUs = systemClock.monoUs();
    const code = await this.#end("SIGTERM", timeoutMs);
    if (code !== 0) throw this.#failed(`exit code ${code}`);
    return Math.round((systemClock.monoUs() - startUs) / 1000);
  }

  /** Waits until it ends by itself, in order; answers after how long. Throws `agent-failed` if it fails or does not. */
  async ended(timeoutMs: number): Promise<number> {
    const startUs = systemClock.monoUs();
    const child = this.#child;
    if (child === null) throw this.#failed("it had ended before");
    if (child.exitCode === null) await once(child, "exit", { signal: AbortSignal.timeout(timeoutMs) });
    this.#child = null;
    if (child.exitCode !== 0) throw this.#failed(`exit code ${child.exitCode}`);
    return Math.round((systemClock.monoUs() - startUs) / 1000);
  }

  /** For an early end: nothing may be left running. */
  abandon(): void {
    this.#child?.kill("SIGKILL");
  }

  async #end(signal: "SIGKILL" | "SIGTERM", timeoutMs = STOP_TIMEOUT_MS): Promise<number | null> {
    const child = this.#child;
    if (child === null || child.exitCode !== null) throw this.#failed("it had ended before");
    const exit = once(child, "exit", { signal: AbortSignal.timeout(timeoutMs) });
    child.kill(signal);
    const [code] = (await exit) as [number | null];
    this.#child = null;
    return code;
  }

  #failed(why: string): AgentError {
    return new AgentError("agent-failed", `${this.#config}: ${why}`, {
      next: `read its log: ${this.#logFile}`,
    });
  }
}
