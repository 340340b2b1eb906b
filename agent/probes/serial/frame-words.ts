import { type Layout, PayloadReader, unpack } from "../../../drivers/serial/board/messages/layout.ts";
import {
  ALIVE,
  ANSWER,
  alive,
  CALLS,
  DONE,
  EVENTS,
  refusal,
  TAKEN,
} from "../../../drivers/serial/board/messages/messages.ts";
import type { Frame } from "../../../drivers/serial/frames/frame.ts";

/** A frame of the control link in words. */
export interface FrameWords {
  way: "request" | "answer" | "event" | "alive" | "taken";
  /** `battery`, `button` … */
  name: string;
  /** What its layout names, in snake_case. */
  fields: Record<string, unknown>;
}

/** null: no message that this version knows, or one whose payload is none of its own. */
export function frameWords({ type, payload }: Frame): FrameWords | null {
  try {
    return wordsOf(type, payload);
  } catch {
    return null;
  }
}

function wordsOf(type: number, payload: Uint8Array): FrameWords | null {
  if (type === ALIVE) return { way: "alive", name: "alive", fields: fieldsOf(alive, payload) };
  if (type === TAKEN) return { way: "taken", name: "taken", fields: {} };
  for (const [name, event] of Object.entries(EVENTS)) {
    if (event.type === type) return { way: "event", name, fields: fieldsOf(event.layout, payload) };
  }
  for (const [name, call] of Object.entries(CALLS)) {
    if (call.type === type) return { way: "request", name, fields: fieldsOf(call.ask, payload) };
    if (call.type + ANSWER !== type) continue;
    if (payload[0] !== DONE)
      return { way: "answer", name, fields: { refused: refusal.read(new PayloadReader(payload), name) } };
    return { way: "answer", name, fields: fieldsOf(call.answer, payload.subarray(1)) };
  }
  return null;
}

function fieldsOf(layout: unknown, payload: Uint8Array): Record<string, unknown> {
  const fields = Object.entries(unpack(layout as Layout<object>, payload, "frame"));
  return Object.fromEntries(fields.map(([name, value]) => [snakeCase(name), value]));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
