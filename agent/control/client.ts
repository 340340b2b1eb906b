import { createConnection, type Socket } from "node:net";
import { rightsText } from "../../config/base/accounts.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import { controlSocketPath, type SocketAddress, socketAddress } from "./address.ts";
import { LineSplitter } from "./lines.ts";
import {
  type ControlAnswer,
  type ControlMethod,
  type ControlRequest,
  type ControlResults,
  MAX_ANSWER_BYTES,
} from "./protocol.ts";

export interface CallOptions {
  /** How long an answer may take. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/**
 * Asks the agent that runs on `dataDir`. Throws `agent-not-running`, `control-forbidden`,
 * `agent-silent` after `timeoutMs`, `bad-answer`, or what the agent answered.
 */
export async function callAgent<Method extends ControlMethod>(
  dataDir: string,
  method: Method,
  params: ControlRequest<Method>,
  options: CallOptions,
): Promise<ControlResults[Method]> {
  const place = controlSocketPath(dataDir);
  const timeout = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]);
  const { address, socket } = open(dataDir, place);
  try {
    const answer = await exchange(socket, `${JSON.stringify({ id: 1, method, params })}\n`, place, signal);
    if ("result" in answer) return answer.result as ControlResults[Method];
    const { code, place: where, next } = answer.error;
    throw new AgentError(code, where, next === undefined ? {} : { next });
  } catch (error) {
    if (timeout.aborted) {
      throw new AgentError("agent-silent", `${place}: no answer in ${options.timeoutMs} ms`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    socket.destroy();
    address.release();
  }
}

function open(dataDir: string, place: string): { address: SocketAddress; socket: Socket } {
  try {
    const address = socketAddress(dataDir);
    return { address, socket: createConnection({ path: address.path }) };
  } catch (cause) {
    throw connectionError(cause, place);
  }
}

/** Sends one line and takes one line. */
function exchange(
  socket: Socket,
  request: string,
  place: string,
  signal: AbortSignal,
): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const lines = new LineSplitter(MAX_ANSWER_BYTES);
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    socket.on("error", (cause) => reject(connectionError(cause, place)));
    socket.on("close", () => reject(new AgentError("bad-answer", `${place}: closed without an answer`)));
    socket.on("data", (chunk) => {
      try {
        for (const line of lines.push(chunk)) resolve(parseAnswer(line));
      } catch (cause) {
        reject(new AgentError("bad-answer", place, { cause }));
      }
    });
    socket.write(request);
  });
}

function parseAnswer(line: string): ControlAnswer {
  const answer = JSON.parse(line) as Partial<ControlAnswer> | null;
  const error = answer !== null && "error" in answer ? answer.error : undefined;
  if (typeof error?.code === "string" && typeof error.place === "string") return answer as ControlAnswer;
  if (answer !== null && "result" in answer) return answer as ControlAnswer;
  throw new AgentError("bad-answer", line.slice(0, 80));
}

function connectionError(cause: unknown, place: string): AgentError {
  switch (errorCode(cause)) {
    case "ENOENT":
    case "ENOTDIR":
    case "ECONNREFUSED":
      return new AgentError("agent-not-running", place, {
        cause,
        next: "start it: fulltrace run --config FILE",
      });
    case "EACCES":
    case "EPERM":
      return new AgentError("control-forbidden", `${place} (${rightsText(place)})`, {
        cause,
        next: "join the group that owns the socket",
      });
  }
  return new AgentError("bad-answer", `${place}: ${(cause as Error).message}`, { cause });
}
