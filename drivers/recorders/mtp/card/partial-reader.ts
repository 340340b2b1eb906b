import { AgentError } from "../../../../config/base/errors.ts";
import { OPERATION, RESPONSE } from "../protocol/codes.ts";
import { type Conversation, refusal } from "../transport/conversation.ts";

/** For one transaction: its overhead is then below 3 % of a fast bus, and two of them are all a reader holds. */
const PART_BYTES = 1024 * 1024;

/**
 * The bytes from `offset` to `end` of an object by GetPartialObject, or Android's 64-bit form. While the reader
 * works on one part, the next is on its way.
 */
export async function* readParts(
  conversation: Conversation,
  wide: boolean,
  handle: number,
  offset: number,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const leaving = new AbortController();
  const leave = () => leaving.abort(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  const ask = (at: number) => {
    const asked = part(conversation, wide, handle, at, Math.min(PART_BYTES, end - at), leaving.signal);
    // who left early does not wait for it
    asked.catch(() => {});
    return asked;
  };
  try {
    signal.throwIfAborted();
    let coming = ask(offset);
    for (let at = offset; at < end; ) {
      const parts = await coming;
      at += Math.min(PART_BYTES, end - at);
      if (at < end) coming = ask(at);
      for (const read of parts) {
        yield read;
        conversation.release(read);
      }
    }
  } finally {
    signal.removeEventListener("abort", leave);
    leaving.abort();
  }
}

async function part(
  conversation: Conversation,
  wide: boolean,
  handle: number,
  offset: number,
  bytes: number,
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const operation = wide ? OPERATION.getPartialObject64 : OPERATION.getPartialObject;
  const parameters = wide
    ? [handle, offset % 2 ** 32, Math.floor(offset / 2 ** 32), bytes]
    : [handle, offset, bytes];
  const question = { operation, parameters, expectBytes: bytes, mostBytes: bytes };
  const { code, parts } = await conversation.ask(question, signal);
  const place = `object ${handle}, offset ${offset}`;
  if (code === RESPONSE.invalidObject) throw new AgentError("file-gone", place);
  if (code !== RESPONSE.ok) throw refusal(operation, code);
  const come = parts.reduce((sum, { length }) => sum + length, 0);
  if (come !== bytes) throw new AgentError("recorder-answer", `${place}: ${come} bytes of ${bytes}`);
  return parts;
}
