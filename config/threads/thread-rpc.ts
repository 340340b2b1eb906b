import {
  type MessagePort,
  parentPort,
  type ResourceLimits,
  type Transferable,
  Worker,
} from "node:worker_threads";
import { AgentError } from "../base/errors.ts";

/**
 * Calls into a worker thread and events out of it. Calls are answered in the order the worker
 * finishes them; errors keep code, place and next step.
 */

/** The functions a worker offers, by name. */
export type Operations = Record<string, (...args: never[]) => unknown>;

interface CallMessage {
  id: number;
  operation: string;
  args: unknown[];
}

type Reply =
  | { id: number; value: unknown }
  | { id: number; error: { code: string; place: string; next?: string; stack?: string } };

interface EventMessage<E> {
  event: E;
}

/** Worker side: serves `operations` until the port closes. Returns the emitter for events. */
export function serveThread<E>(operations: Operations): (event: E) => void {
  const port = parentPort as MessagePort;
  port.on("message", (message: CallMessage) => {
    void answer(port, operations, message);
  });
  return (event) => port.postMessage({ event } satisfies EventMessage<E>);
}

async function answer(
  port: MessagePort,
  operations: Operations,
  { id, operation, args }: CallMessage,
): Promise<void> {
  try {
    const run = operations[operation] as (...args: unknown[]) => unknown;
    port.postMessage({ id, value: await run(...args) } satisfies Reply);
  } catch (error) {
    const { code, place, next } =
      error instanceof AgentError ? error : new AgentError("unexpected", `${operation}: ${String(error)}`);
    const stack = causes(error);
    port.postMessage({
      id,
      error: { code, place, stack, ...(next === undefined ? {} : { next }) },
    } satisfies Reply);
  }
}

function causes(error: unknown): string {
  const seen: string[] = [];
  for (let at = error; at instanceof Error && seen.length < 5; at = at.cause)
    seen.push(at.stack ?? at.message);
  return seen.join("\ncaused by ");
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
  readonly #pending = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: AgentError) => void }
  >();
  readonly #onEvent: (event: E) => void;
  readonly #ended: Promise<AgentError>;
  #nextId = 1;
  #endedWith: AgentError | null = null;

  /** `url` names the compiled worker module; `data` becomes its `workerData`; `limits` bound its heap. */
  constructor(
    url: URL,
    data: unknown,
    onEvent: (event: E) => void = () => {},
    limits: ResourceLimits | undefined = undefined,
  ) {
    this.#onEvent = onEvent;
    this.#worker = new Worker(url, {
      workerData: data,
      ...(limits === undefined ? {} : { resourceLimits: limits }),
    });
    this.#worker.on("message", (message: Reply | EventMessage<E>) => this.#receive(message));
    this.#ended = new Promise((resolve) => {
      this.#worker.once("error", (cause) => resolve(deathOf(cause, url)));
      this.#worker.once("exit", (code) =>
        resolve(new AgentError("thread-ended", `${url.pathname}: exit ${code}`)),
      );
    });
    void this.#ended.then((error) => {
      this.#endedWith = error;
      for (const { reject } of this.#pending.values()) reject(error);
      this.#pending.clear();
    });
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
    if (this.#endedWith !== null) return Promise.reject(this.#endedWith);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.#worker.postMessage({ id, operation, args } satisfies CallMessage, transfer);
    });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #receive(message: Reply | EventMessage<E>): void {
    if ("event" in message) {
      this.#onEvent(message.event);
      return;
    }
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if ("value" in message) {
      pending?.resolve(message.value);
      return;
    }
    const { code, place, next, stack } = message.error;
    pending?.reject(new AgentError(code, place, { cause: stack, ...(next === undefined ? {} : { next }) }));
  }
}

/**
 * A copy of `bytes` in an ArrayBuffer of its own, fit to be transferred: a view into a larger
 * buffer would take all of it along.
 */
export function transferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
