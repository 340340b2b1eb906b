import { createConnection } from "node:net";
import type { Readable, Writable } from "node:stream";

/**
 * How a program without rights asks a service that has them: one line of JSON, one line as the answer, over a
 * connection of its own, which systemd hands to one process of the service (`Accept=yes`).
 */

export const MAX_LINE_BYTES = 4096;

/** Takes one order from `input` and gives its answer to `output`, which it ends. */
export async function answerOne(
  input: Readable,
  output: Writable,
  answer: (line: string) => Promise<object>,
): Promise<void> {
  output.end(`${JSON.stringify(await answer(await firstLine(input)))}\n`);
}

/**
 * The line that the service at `socket` answers with. Throws an `Error` that says why there is none; `signal` ends the
 * waiting, and not what the service does.
 */
export function ask(
  socket: string,
  order: object,
  patienceMs: number,
  signal?: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = createConnection({ path: socket });
    const end = (why: string, cause?: unknown) => {
      signal?.removeEventListener("abort", giveUp);
      connection.destroy();
      reject(new Error(`${socket}: ${why}`, { cause }));
    };
    const giveUp = () => end("nobody waits any more");
    if (signal?.aborted === true) giveUp();
    signal?.addEventListener("abort", giveUp, { once: true });
    let answer = "";
    connection.setEncoding("utf8");
    connection.setTimeout(patienceMs, () => end(`no answer within ${patienceMs} ms`));
    connection.once("error", (cause) => end(cause.message, cause));
    connection.on("data", (text: string) => {
      answer += text;
      if (answer.length > MAX_LINE_BYTES) end("an answer without an end");
    });
    connection.once("end", () => {
      signal?.removeEventListener("abort", giveUp);
      connection.destroy();
      resolve(answer);
    });
    connection.write(`${JSON.stringify(order)}\n`);
  });
}

async function firstLine(input: Readable): Promise<string> {
  let text = "";
  for await (const piece of input.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    text += piece;
    if (text.includes("\n") || text.length > MAX_LINE_BYTES) break;
  }
  return text.slice(0, MAX_LINE_BYTES).split("\n", 1)[0] ?? "";
}
