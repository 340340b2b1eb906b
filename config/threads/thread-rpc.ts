import { type MessagePort, parentPort, type Transferable, Worker } from "node:worker_threads";
import { AgentError } from "../base/errors.ts";
import {
  type CallMessage,
  type EventMessage,
  failed,
  type Operations,
  PendingCalls,
  type Reply,
  replyTo,
} from "./calls.ts";

/** Calls into a worker thread and events out of it. */

/** Worker side: serves `operations` until the port closes. Returns the emitter for events. */
export function serveThread<E>(operations: Operations): (event: E) => void {
  const port = parentPort as MessagePort;
  port.on("message", (message: CallMessage) => {
    void answer(port, operations, message);
  });
  return (event) => port.postMessage({ event } satisfies EventMessage<E>);
}

async function answer(port: MessagePort, operations: Operations, message: CallMessage): Promise<void> {
  const reply = await replyTo(operations, message);
  try {
    port.postMessage(reply);
  } catch (error) {
    // what cannot be cloned
    port.postMessage(failed(message.id, message.operation, error));
  }
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
  readonly #calls = new PendingCalls();
  readonly #onEvent: (event: E) => void;
  readonly #ended: Promise<AgentError>;

  /** `url` names the compiled worker module; `data` becomes its `workerData`. */
  constructor(url: URL, data: unknown, onEvent: (event: E) => void = () => {}) {
    this.#onEvent = onEvent;
    this.#worker = new Worker(url, { workerData: data });
    this.#worker.on("message", (message: Reply | EventMessage<E>) => this.#receive(message));
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
    const made = this.#calls.make(operation, args, (message) => this.#worker.postMessage(message, transfer));
    return made as Promise<Awaited<ReturnType<O[K]>>>;
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: Reply | EventMessage<E>): void {
    if ("event" in message) {
      this.#onEvent(message.event);
      return;
    }
    this.#calls.settle(message);
  }
}

/**
 * A copy of `bytes` in an ArrayBuffer of its own, fit to be transferred: a view into a larger
 * buffer would take all of it along.
 */
export function transferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
