import { once } from "node:events";
import { createConnection } from "node:net";
import { linesOf, sendLine } from "../../../scripts/lab/wire/json-lines.ts";
import type { Answer, LabHardware, Question } from "../../../scripts/lab/wire/messages.ts";

/** The host, as the machine's network shows it. */
const HOST = "10.0.2.2";

/** What the host has plugged in. */
export const hardware = JSON.parse(process.env["LAB_HARDWARE"] ?? "null") as LabHardware;

/** Asks the host to do something with the machine's devices. Throws its complaint. */
export async function askHost(question: Question): Promise<void> {
  const socket = createConnection({ host: HOST, port: Number(process.env["LAB_PORT"]) });
  try {
    await once(socket, "connect");
    sendLine(socket, question);
    for await (const answer of linesOf<Answer>(socket)) {
      if (!answer.ok) throw new Error(`the host could not: ${answer.error}`);
      return;
    }
    throw new Error("the host did not answer");
  } finally {
    socket.destroy();
  }
}
