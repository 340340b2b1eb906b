import type { Socket } from "node:net";
import { createInterface } from "node:readline";

/** Sends one message. What the other end no longer takes is lost with its connection. */
export function sendLine(socket: Socket, message: object): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/** The messages that arrive on `socket`, until it ends. Throws what JSON.parse throws. */
export async function* linesOf<Message>(socket: Socket): AsyncGenerator<Message> {
  for await (const line of createInterface({ input: socket })) yield JSON.parse(line) as Message;
}
