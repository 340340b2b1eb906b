import type { Socket } from "node:net";
import * as v from "valibot";
import type { Counters } from "../../config/base/counters.ts";
import { underDeadline } from "../../config/base/deadline.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import { LineSplitter } from "./lines.ts";
import {
  type ControlAnswer,
  type ControlError,
  type ControlHandlers,
  controlParams,
  isControlMethod,
  MAX_REQUEST_BYTES,
} from "./protocol.ts";

/** Requests that may wait behind the one under way. */
const MAX_WAITING = 8;

export interface ConnectionOptions {
  handlers: ControlHandlers;
  log: Logger;
  counters: Counters;
  idleMs: number;
  requestMs: number;
}

type AnyHandler = (params: unknown, signal: AbortSignal) => Promise<unknown>;

/** One client: its requests are done one after the other, and what it may make us hold is bounded. */
export class ControlConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #lines = new LineSplitter(MAX_REQUEST_BYTES);
  readonly #gone = new AbortController();
  readonly #waiting: string[] = [];
  #isBusy = false;
  #hasEnded = false;

  constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on("data", (chunk) => this.#take(chunk));
    // a client may close its half and still wait for the answers
    socket.on("end", () => {
      this.#hasEnded = true;
      this.#endIfDone();
    });
    socket.on("error", () => options.counters.add("control-connection-lost"));
    socket.on("close", () => this.#gone.abort(new AgentError("aborted", "the client is gone")));
    socket.setTimeout(options.idleMs, () => {
      if (!this.#isBusy) this.#refuse({ code: "idle", place: `no request in ${options.idleMs} ms` });
    });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    try {
      for (const line of this.#lines.push(chunk)) {
        if (this.#waiting.length >= MAX_WAITING) {
          throw new AgentError("too-many-requests", `${MAX_WAITING} are waiting already`);
        }
        this.#waiting.push(line);
      }
    } catch (error) {
      this.#refuse(describe(error, "request"));
      return;
    }
    if (!this.#isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    for (let line = this.#waiting.shift(); line !== undefined; line = this.#waiting.shift()) {
      this.#send(await this.#answer(line));
    }
    this.#isBusy = false;
    this.#endIfDone();
  }

  async #answer(line: string): Promise<ControlAnswer> {
    const { log, counters, requestMs } = this.#options;
    let id: string | number | null = null;
    try {
      const request = parseRequest(line);
      id = request.id;
      const { handler, params } = this.#resolve(request);
      const result = await underDeadline(this.#gone.signal, requestMs, (limited) => handler(params, limited));
      return { id, result };
    } catch (error) {
      const told = describe(error, "request");
      counters.add(`control-${told.code}`);
      if (told.code === "unexpected") log.error({ err: error }, "control request failed");
      return { id, error: told };
    }
  }

  /** Finds the handler and checks its params. Throws `unknown-method`, `not-in-this-role` or `bad-params`. */
  #resolve({ method, params }: Request): { handler: AnyHandler; params: unknown } {
    if (!isControlMethod(method))
      throw new AgentError("unknown-method", JSON.stringify(method ?? null).slice(0, 80));
    const handler = this.#options.handlers[method] as AnyHandler | undefined;
    if (handler === undefined) throw new AgentError("not-in-this-role", method);
    const checked = v.safeParse(controlParams[method], params ?? {});
    if (!checked.success) {
      const issue = checked.issues[0];
      throw new AgentError("bad-params", `${method}: ${v.getDotPath(issue) ?? "params"}: ${issue.message}`);
    }
    return { handler, params: checked.output };
  }

  #send(answer: ControlAnswer): void {
    if (!this.#socket.destroyed) this.#socket.write(`${JSON.stringify(answer)}\n`);
  }

  /** Says why and hangs up: what follows on such a connection cannot be trusted to be a request. */
  #refuse(error: ControlError): void {
    this.#options.counters.add(`control-${error.code}`);
    this.#waiting.length = 0;
    this.#socket.removeAllListeners("data");
    this.#send({ id: null, error });
    this.#socket.destroySoon();
  }

  #endIfDone(): void {
    if (this.#hasEnded && !this.#isBusy) this.#socket.end();
  }
}

interface Request {
  id: string | number | null;
  method: unknown;
  params: unknown;
}

/** Throws `bad-request`. */
function parseRequest(line: string): Request {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new AgentError("bad-request", "not JSON", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new AgentError("bad-request", "not an object");
  }
  const { id, method, params } = value as Record<string, unknown>;
  const isName = typeof id === "number" || (typeof id === "string" && id.length <= 64);
  return { id: isName ? id : null, method, params };
}

function describe(error: unknown, place: string): ControlError {
  if (error instanceof AgentError) {
    const { code, next } = error;
    return { code, place: error.place, ...(next === undefined ? {} : { next }) };
  }
  if (error instanceof DOMException && error.name === "TimeoutError") return { code: "timed-out", place };
  return { code: "unexpected", place };
}
