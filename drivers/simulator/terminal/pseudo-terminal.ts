import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, readlinkSync, rmSync } from "node:fs";
import type { Clock } from "../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";

const START_TIMEOUT_MS = 5_000;
const STOP_TIMEOUT_MS = 1_000;
/** What a line with nobody at its other end loses. */
const MOST_UNREAD_BYTES = 16_384;

/**
 * A pseudo-terminal at a path of ours, kept by socat: whoever opens the path has a serial port with us at the
 * other end. Closing it is like pulling the plug; the path is gone then.
 */
export class PseudoTerminal {
  readonly #socat: ChildProcessWithoutNullStreams;
  readonly #link: string;
  readonly #clock: Clock;

  /** Use `PseudoTerminal.open`. */
  constructor(socat: ChildProcessWithoutNullStreams, link: string, clock: Clock) {
    this.#socat = socat;
    this.#link = link;
    this.#clock = clock;
  }

  /** Throws `socat-missing`, `link-taken`, `terminal-failed`. */
  static async open(
    link: string,
    onBytes: (bytes: Uint8Array) => void,
    clock: Clock,
  ): Promise<PseudoTerminal> {
    makeRoom(link);
    // -d -d: says when the terminal is there
    const socat = spawn("socat", ["-d", "-d", `PTY,link=${link},rawer`, "STDIO"], { stdio: "pipe" });
    const terminal = new PseudoTerminal(socat, link, clock);
    socat.stdin.on("error", () => undefined);
    try {
      await started(socat, link, clock);
    } catch (error) {
      await terminal.close();
      throw error;
    }
    socat.stdout.on("data", onBytes);
    return terminal;
  }

  /** Resolves when it is gone, whoever ended it. */
  async gone(): Promise<void> {
    if (this.#socat.pid !== undefined && this.#socat.exitCode === null && this.#socat.signalCode === null) {
      await once(this.#socat, "exit");
    }
  }

  /** Bytes that nobody reads are lost, as on a wire. */
  write(bytes: Uint8Array): void {
    if (this.#socat.stdin.writable && this.#socat.stdin.writableLength < MOST_UNREAD_BYTES) {
      this.#socat.stdin.write(bytes);
    }
  }

  async close(): Promise<void> {
    this.#socat.kill("SIGTERM");
    const waiting = new AbortController();
    const isGone = await Promise.race([
      this.gone().then(() => true),
      this.#clock.sleep(STOP_TIMEOUT_MS, waiting.signal).then(
        () => false,
        () => false,
      ),
    ]);
    waiting.abort();
    if (!isGone) {
      this.#socat.kill("SIGKILL");
      await this.gone();
    }
    // socat removes it, unless it was killed
    if (isOwn(this.#link)) rmSync(this.#link);
  }
}

async function started(socat: ChildProcessWithoutNullStreams, link: string, clock: Clock): Promise<void> {
  const waiting = new AbortController();
  let told = "";
  const there = new Promise<void>((resolve, reject) => {
    socat.stderr.on("data", (text: Buffer) => {
      told = (told + text.toString("utf8")).slice(-2_000);
      if (told.includes("starting data transfer loop")) resolve();
    });
    socat.once("error", (cause) =>
      reject(
        errorCode(cause) === "ENOENT"
          ? new AgentError("socat-missing", "socat", { cause, next: "apt-get install socat" })
          : new AgentError("terminal-failed", link, { cause }),
      ),
    );
    socat.once("exit", () => reject(new AgentError("terminal-failed", `${link}: ${told.trim()}`)));
  });
  const timeout = clock.sleep(START_TIMEOUT_MS, waiting.signal).then(() => {
    throw new AgentError("terminal-failed", `${link}: socat does not start`);
  });
  timeout.catch(() => undefined);
  there.catch(() => undefined);
  try {
    await Promise.race([there, timeout]);
  } finally {
    waiting.abort();
  }
}

/** Throws `link-taken` for whatever is there, except a link that leads to no terminal any more: that is removed. */
function makeRoom(link: string): void {
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined) return;
  if (!isOwn(link) || existsSync(link)) {
    throw new AgentError("link-taken", link, { next: "remove it, or choose another path" });
  }
  rmSync(link);
}

function isOwn(link: string): boolean {
  const found = lstatSync(link, { throwIfNoEntry: false });
  return found?.isSymbolicLink() === true && readlinkSync(link).startsWith("/dev/pts/");
}
