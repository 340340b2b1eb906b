import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Counters } from "../../../config/base/counters.ts";
import { withDeadline } from "../../../config/base/deadline.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import { type DockingAnswer, encodeAsk, parseAnswer } from "./wire.ts";

export interface DockingAddress {
  /** Such as `ff02::1%usb0`. */
  host: string;
  port: number;
}

export interface QuestionParts {
  random: Random;
  counters: Counters;
  /** How long an answer may take before the question is sent again. */
  repeatMs: number;
  timeoutMs: number;
  /** Whether an answer of the right shape is believed. */
  isBelieved: (answer: DockingAnswer) => boolean;
}

/** Whoever sends more than this to one question is flooding. */
const MAX_DATAGRAMS = 1000;

/**
 * Asks a recorder for its status until it answers. Throws `recorder-silent`, `recorder-answer` when nothing but
 * wrong answers came, `recorder-gone` when there is no way to it, and the signal's reason.
 */
export async function askStatus(
  { host, port }: DockingAddress,
  { random, counters, repeatMs, timeoutMs, isBelieved }: QuestionParts,
  signal: AbortSignal,
): Promise<DockingAnswer> {
  signal.throwIfAborted();
  const nonce = random.bytes(16).toString("hex");
  const question = encodeAsk(nonce);
  const socket = createSocket(isIPv6(host.replace(/%.*/, "")) ? "udp6" : "udp4");
  const place = `${host} port ${port}`;
  let refused = 0;
  const over = withDeadline(signal, timeoutMs);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<DockingAnswer>((resolve, reject) => {
      const send = () => {
        socket.send(question, port, host, (error) => {
          if (error !== null)
            reject(new AgentError("recorder-gone", `${place}: ${errorCode(error)}`, { cause: error }));
        });
      };
      const refuse = (code: string) => {
        counters.add(code);
        if (++refused === MAX_DATAGRAMS) reject(wrongAnswers(place, refused));
      };
      socket.on("message", (datagram) => {
        const answer = parseAnswer(datagram);
        if (answer === null) refuse("docking-answer-malformed");
        else if (answer.nonce !== nonce) refuse("docking-answer-unasked");
        else if (!isBelieved(answer)) refuse("docking-answer-unbelieved");
        else resolve(answer);
      });
      // an answer of ICMP, or the interface went away
      socket.on("error", (cause) => reject(new AgentError("recorder-gone", place, { cause })));
      over.addEventListener(
        "abort",
        () => {
          if (signal.aborted) reject(signal.reason);
          else reject(refused > 0 ? wrongAnswers(place, refused) : new AgentError("recorder-silent", place));
        },
        { once: true },
      );
      timer = setInterval(send, repeatMs);
      send();
    });
  } finally {
    clearInterval(timer);
    endSocket(socket);
  }
}

function wrongAnswers(place: string, count: number): AgentError {
  return new AgentError("recorder-answer", `${place}: ${count} answers, none to this question`);
}

function endSocket(socket: Socket): void {
  socket.removeAllListeners("message");
  socket.close();
}
