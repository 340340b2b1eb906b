import { AgentError } from "../base/errors.ts";

/**
 * Calls by message and their answers, whatever carries them: a thread's port or a process's channel.
 * Calls are answered in the order the other side finishes them; errors keep code, place and next step.
 */

/** The functions one side offers, by name. */
export type Operations = Record<string, (...args: never[]) => unknown>;

export interface CallMessage {
  id: number;
  operation: string;
  args: unknown[];
}

type Reply =
  | { id: number; value: unknown }
  | { id: number; error: { code: string; place: string; next?: string; stack?: string } };

/** What comes back: an answer, or an event that nobody asked for. */
export type Message<E> = Reply | { event: E };

/** Runs what `message` asks for and sends how it ended; `send` throws for what cannot be carried. */
export async function answer(
  operations: Operations,
  { id, operation, args }: CallMessage,
  send: (reply: Message<never>) => void,
): Promise<void> {
  try {
    const run = operations[operation] as (...args: unknown[]) => unknown;
    send({ id, value: await run(...args) });
  } catch (error) {
    send(failed(id, operation, error));
  }
}

function failed(id: number, operation: string, error: unknown): Reply {
  const { code, place, next } =
    error instanceof AgentError ? error : new AgentError("unexpected", `${operation}: ${String(error)}`);
  const stack = causes(error);
  return { id, error: { code, place, stack, ...(next === undefined ? {} : { next }) } };
}

function causes(error: unknown): string {
  const seen: string[] = [];
  for (let at = error; at instanceof Error && seen.length < 5; at = at.cause)
    seen.push(at.stack ?? at.message);
  return seen.join("\ncaused by ");
}

interface Pending {
  resolve: (value: unknown) => void;
  reject: (error: AgentError) => void;
}

/** The calls that one side has made and that are not answered yet, and the ear for the other side's events. */
export class Calls<O extends Operations, E> {
  readonly #pending = new Map<number, Pending>();
  readonly #onEvent: (event: E) => void;
  #nextId = 1;
  #endedWith: AgentError | null = null;

  constructor(onEvent: (event: E) => void) {
    this.#onEvent = onEvent;
  }

  /** Sends one call. Rejects with the other side's AgentError, or with what `end` was told. */
  make<K extends keyof O & string>(
    operation: K,
    args: Parameters<O[K]>,
    send: (message: CallMessage) => void,
  ): Promise<Awaited<ReturnType<O[K]>>> {
    if (this.#endedWith !== null) return Promise.reject(this.#endedWith);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as (value: unknown) => void, reject });
      send({ id, operation, args });
    });
  }

  /** Takes what the other side sent; after `end` nothing more is heard of it. */
  receive(message: Message<E>): void {
    if (this.#endedWith !== null) return;
    if ("event" in message) this.#onEvent(message.event);
    else this.#settle(message);
  }

  /** The other side is gone: fails what waits, and every later call. */
  end(error: AgentError): void {
    if (this.#endedWith !== null) return;
    this.#endedWith = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("value" in reply) {
      pending?.resolve(reply.value);
      return;
    }
    const { code, place, next, stack } = reply.error;
    pending?.reject(new AgentError(code, place, { cause: stack, ...(next === undefined ? {} : { next }) }));
  }
}
