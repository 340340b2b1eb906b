import { type Layout, PayloadReader, pack, unpack } from "../../drivers/serial/board/messages/layout.ts";
import {
  ALIVE,
  ANSWER,
  alive,
  CALLS,
  type CallName,
  DONE,
  EVENTS,
  type EventName,
  refusal,
  TAKEN,
} from "../../drivers/serial/board/messages/messages.ts";
import type { Frame } from "../../drivers/serial/frames/frame.ts";

/** A frame as docs/control-link.md writes it: `answer battery seq 1 {"percent":80,…}`. */
export interface Example {
  kind: "request" | "answer" | "refusal" | "event" | "taken" | "alive";
  name: string;
  seq: number;
  value: unknown;
}

export function exampleOf(line: string): Example {
  const parts = /^(\w+) ([\w-]+) seq (\d+) (.*)$/.exec(line);
  if (parts === null) throw new Error(`no example: ${line}`);
  const [, kind, name = "", seq, value = ""] = parts;
  return { kind: kind as Example["kind"], name, seq: Number(seq), value: JSON.parse(value) };
}

export function frameOf({ kind, name, seq, value }: Example): Frame {
  switch (kind) {
    case "request": {
      const { type, ask } = CALLS[name as CallName];
      return { type, seq, payload: pack(ask as Layout<unknown>, value, name) };
    }
    case "answer": {
      const { type, answer } = CALLS[name as CallName];
      const payload = Buffer.concat([Buffer.of(DONE), pack(answer as Layout<unknown>, value, name)]);
      return { type: type + ANSWER, seq, payload };
    }
    case "refusal":
      return {
        type: CALLS[name as CallName].type + ANSWER,
        seq,
        payload: pack(refusal as Layout<unknown>, value, name),
      };
    case "event": {
      const { type, layout } = EVENTS[name as EventName];
      return { type, seq, payload: pack(layout as Layout<unknown>, value, name) };
    }
    case "taken":
      return { type: TAKEN, seq, payload: new Uint8Array() };
    case "alive":
      return { type: ALIVE, seq, payload: pack(alive as Layout<unknown>, value, name) };
  }
}

/** What a frame's payload says, read as what the example claims it to be. */
export function meaningOf({ kind, name }: Example, { payload }: Frame): unknown {
  switch (kind) {
    case "request":
      return unpack(CALLS[name as CallName].ask as Layout<unknown>, payload, name);
    case "answer":
      return unpack(CALLS[name as CallName].answer as Layout<unknown>, payload.subarray(1), name);
    case "refusal":
      return refusal.read(new PayloadReader(payload), name);
    case "event":
      return unpack(EVENTS[name as EventName].layout as Layout<unknown>, payload, name);
    case "taken":
      return {};
    case "alive":
      return unpack(alive, payload, name);
  }
}
