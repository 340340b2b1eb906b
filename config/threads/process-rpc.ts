import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { AgentError } from "../base/errors.ts";
import { answer, type CallMessage, Calls, type Message, type Operations } from "./calls.ts";

/** Calls into a child process and events out of it, as thread-rpc.ts has them for a worker thread. */

/** Of what a dying process wrote, this much is kept. */
const LAST_WORDS_BYTES = 4096;

/** Child's side: serves `operations` until the parent is gone, then exits. Returns the emitter for events. */
export function serveProcess<E>(operations: Operations): (event: E) => void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message: CallMessage) => {
    void answer(operations, message, say);
  });
  return (event) => say({ event });
}

/** A parent that is gone hears nothing; `disconnect` ends this process then. */
function say<E>(message: Message<E>): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

export interface ProcessOptions {
  /** Everything the child finds in its environment. */
  env: Record<string, string>;
  /** Limit of its heap. */
  heapMiB: number;
}

/** Parent's side of one child process. */
export class ProcessClient<O extends Operations, E = never> {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #calls: Calls<O, E>;
  readonly #ended: Promise<AgentError>;
  #lastWords = "";
  #killedFor: AgentError | null = null;
  #tellKilled: (reason: AgentError) => void = () => {};
  /** Resolves with what `kill` was told, if it is called. */
  readonly killed: Promise<AgentError> = new Promise((resolve) => {
    this.#tellKilled = resolve;
  });

  /** `url` names the compiled module that the child runs. */
  constructor(url: URL, options: ProcessOptions, onEvent: (event: E) => void = () => {}) {
    this.#name = url.pathname;
    this.#calls = new Calls(onEvent);
    this.#child = fork(fileURLToPath(url), [], {
      env: options.env,
      // a young generation of 1 MiB: 20 MiB less for the same speed, since what is read lies outside the heap
      execArgv: [
        `--max-old-space-size=${options.heapMiB}`,
        "--max-semi-space-size=1",
        "--enable-source-maps",
      ],
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.on("message", (message) => this.#calls.receive(message as Message<E>));
    this.#child.stderr?.on("data", (piece: Buffer) => {
      this.#lastWords = `${this.#lastWords}${piece.toString()}`.slice(-LAST_WORDS_BYTES);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (cause) => resolve(new AgentError("process-died", this.#name, { cause })));
      this.#child.once("close", (code, signal) => resolve(this.#killedFor ?? this.#endOf(code, signal)));
    });
    void this.#ended.then((error) => this.#calls.end(error));
  }

  /** Absent if the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves, never rejects, when the process is gone: what `kill` was told, `process-ended`, or `process-died` with its last words as cause. */
  get ended(): Promise<AgentError> {
    return this.#ended;
  }

  /** Rejects with the child's AgentError, or with what ended the process. */
  call<K extends keyof O & string>(operation: K, args: Parameters<O[K]>): Promise<Awaited<ReturnType<O[K]>>> {
    return this.#calls.make(operation, args, (message) => {
      this.#child.send(message, (cause) => {
        if (cause !== null) this.#calls.end(new AgentError("process-ended", this.#name, { cause }));
      });
    });
  }

  /** Ends it at once: what waits fails with `reason`, and nothing more is heard of it. */
  kill(reason: AgentError): void {
    this.#killedFor ??= reason;
    this.#tellKilled(reason);
    this.#calls.end(reason);
    this.#child.kill("SIGKILL");
  }

  #endOf(code: number | null, signal: NodeJS.Signals | null): AgentError {
    const how = signal ?? `exit ${code}`;
    const died = signal !== null || code !== 0;
    return new AgentError(died ? "process-died" : "process-ended", `${this.#name}: ${how}`, {
      ...(this.#lastWords === "" ? {} : { cause: this.#lastWords }),
    });
  }
}
