import {
  type MessagePort,
  parentPort,
  type ResourceLimits,
  type Transferable,
  Worker,
} from "node:worker_threads";
import { AgentError } from "../base/errors.ts";
import { answer, type CallMessage, Calls, type Message, type Operations } from "./calls.ts";

/** Calls into a worker thread and events out of it. */

/** Worker side: serves `operations` until the port closes. Returns the emitter for events. */
export function serveThread<E>(operations: Operations): (event: E) => void {
  const port = parentPort as MessagePort;
  const say = (message: Message<E>) => port.postMessage(message);
  port.on("message", (message: CallMessage) => {
    void answer(operations, message, say);
  });
  return (event) => say({ event });
}

/** An AgentError that ends a worker arrives as a plain Error with its fields. */
function deathOf(cause: Error & { code?: unknown; place?: unknown; next?: unknown }, url: URL): AgentError {
  const { name, code, place, next } = cause;
  if (name !== "AgentError" || typeof code !== "string" || typeof place !== "string") {
    return new AgentError("thread-died", url.pathname, { cause });
  }
  return new AgentError(code, place, { cause, ...(typeof next === "string" ? { next } : {}) });
}

/** Main-thread side of one worker. */
export class ThreadClient<O extends Operations, E = never> {
  readonly #worker: Worker;
  readonly #calls: Calls<O, E>;
  readonly #ended: Promise<AgentError>;

  /** `url` names the compiled worker module; `data` becomes its `workerData`; `limits` bound its heap. */
  constructor(
    url: URL,
    data: unknown,
    onEvent: (event: E) => void = () => {},
    limits: ResourceLimits | undefined = undefined,
  ) {
    this.#calls = new Calls(onEvent);
    this.#worker = new Worker(url, {
      workerData: data,
      ...(limits === undefined ? {} : { resourceLimits: limits }),
    });
    this.#worker.on("message", (message: Message<E>) => this.#calls.receive(message));
    this.#ended = new Promise((resolve) => {
      this.#worker.once("error", (cause) => resolve(deathOf(cause, url)));
      this.#worker.once("exit", (code) =>
        resolve(new AgentError("thread-ended", `${url.pathname}: exit ${code}`)),
      );
    });
    void this.#ended.then((error) => this.#calls.end(error));
  }

  /**
   * Resolves, never rejects, when the thread is gone: `thread-ended` after `terminate`, the AgentError
   * that it threw while starting, or `thread-died`.
   */
  get ended(): Promise<AgentError> {
    return this.#ended;
  }

  /** Rejects with the worker's AgentError, or with `thread-died` / `thread-ended`. */
  call<K extends keyof O & string>(
    operation: K,
    args: Parameters<O[K]>,
    transfer: Transferable[] = [],
  ): Promise<Awaited<ReturnType<O[K]>>> {
    return this.#calls.make(operation, args, (message) => this.#worker.postMessage(message, transfer));
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

/**
 * A copy of `bytes` in an ArrayBuffer of its own, fit to be transferred: a view into a larger
 * buffer would take all of it along.
 */
export function transferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
