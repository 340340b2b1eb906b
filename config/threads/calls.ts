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

export type Reply =
  | { id: number; value: unknown }
  | { id: number; error: { code: string; place: string; next?: string; stack?: string } };

export interface EventMessage<E> {
  event: E;
}

/** Runs the operation that `message` names and says how it ended. Never rejects. */
export async function replyTo(operations: Operations, { id, operation, args }: CallMessage): Promise<Reply> {
  try {
    const run = operations[operation] as (...args: unknown[]) => unknown;
    return { id, value: await run(...args) };
  } catch (error) {
    return failed(id, operation, error);
  }
}

/** The reply that tells of an error. */
export function failed(id: number, operation: string, error: unknown): Reply {
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

/** The calls that one side has made and that are not answered yet. */
export class PendingCalls {
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #endedWith: AgentError | null = null;

  /** Sends one call. Rejects with the other side's AgentError, or with what `end` was told. */
  make(operation: string, args: unknown[], send: (message: CallMessage) => void): Promise<unknown> {
    if (this.#endedWith !== null) return Promise.reject(this.#endedWith);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      send({ id, operation, args });
    });
  }

  settle(reply: Reply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("value" in reply) {
      pending?.resolve(reply.value);
      return;
    }
    const { code, place, next, stack } = reply.error;
    pending?.reject(new AgentError(code, place, { cause: stack, ...(next === undefined ? {} : { next }) }));
  }

  /** The other side is gone: fails what waits, and every later call. */
  end(error: AgentError): void {
    if (this.#endedWith !== null) return;
    this.#endedWith = error;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
