import { UNKNOWN_LENGTH } from "../../../recorders/mtp/protocol/codes.ts";
import {
  CONTAINER,
  encodeCall,
  encodeHeader,
  HEADER_BYTES,
} from "../../../recorders/mtp/protocol/container.ts";
import type { MtpBehaviour } from "./behaviour.ts";
import type { CardContent } from "./card.ts";
import type { Reply } from "./responder.ts";

/** A container on its way to the host. */
export interface Outgoing {
  head: Buffer;
  content: { of: CardContent; offset: number; length: number } | null;
  /** Length of both. */
  bytes: number;
  sent: number;
  /** Its header travels in a transfer of its own. */
  splitHeader: boolean;
}

/** The containers that carry a reply, as broken as `behaviour` wants them. */
export function containersOf(
  reply: Reply,
  operation: number,
  transaction: number,
  behaviour: MtpBehaviour,
): Outgoing[] {
  const { answers, mutate } = behaviour;
  const id = answers === "wrong-transaction" ? transaction + 7 : transaction;
  const response = encodeCall(
    answers === "wrong-type" ? CONTAINER.event : CONTAINER.response,
    reply.code,
    id,
    [],
  );
  const containers: Outgoing[] = [];
  if (reply.data !== undefined || reply.content !== undefined) {
    containers.push(dataContainer(reply, operation, id, behaviour));
  }
  containers.push(outgoing(response, null, false));
  return mutate === null ? containers : containers.map((container) => mutated(container, mutate));
}

function dataContainer(reply: Reply, operation: number, id: number, behaviour: MtpBehaviour): Outgoing {
  const { answers, untoldLength, splitHeader } = behaviour;
  const data = Buffer.from(reply.data ?? []);
  const content = reply.content ?? null;
  const bytes = data.length + (content?.length ?? 0);
  const untold = HEADER_BYTES + bytes >= UNKNOWN_LENGTH || (untoldLength && content?.whole === true);
  const told = { good: bytes, longer: bytes - 4, shorter: bytes + 4, huge: 0xf000_0000 };
  const length = answers in told ? told[answers as keyof typeof told] : bytes;
  const header = encodeHeader({
    length: untold ? UNKNOWN_LENGTH : Math.max(0, HEADER_BYTES + length),
    type: answers === "wrong-type" ? CONTAINER.event : CONTAINER.data,
    code: answers === "wrong-operation" ? operation + 1 : operation,
    transaction: id,
  });
  return outgoing(Buffer.concat([header, data]), content, splitHeader);
}

function outgoing(head: Buffer, content: Outgoing["content"], splitHeader: boolean): Outgoing {
  return { head, content, bytes: head.length + (content?.length ?? 0), sent: 0, splitHeader };
}

function mutated(container: Outgoing, mutate: (container: Buffer) => Buffer): Outgoing {
  return outgoing(mutate(Buffer.from(sendable(container, container.bytes))), null, false);
}

/** The next bytes of a container, at most `most`. */
export function sendable({ head, content, sent }: Outgoing, most: number): Uint8Array {
  if (sent < head.length || content === null) {
    const first = head.subarray(sent, sent + most);
    const room = most - first.length;
    if (content === null || room === 0) return first;
    return Buffer.concat([first, content.of.read(content.offset, Math.min(room, content.length))]);
  }
  const at = sent - head.length;
  return content.of.read(content.offset + at, Math.min(most, content.length - at));
}
