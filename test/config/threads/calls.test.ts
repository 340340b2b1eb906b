import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import { answer, type CallMessage, Calls, type Message } from "../../../config/threads/calls.ts";

type Work = {
  double(value: number): number;
  refuse(): never;
  odd(): never;
  share(): unknown;
  never(): Promise<void>;
};

const OPERATIONS: Work = {
  double: (value) => 2 * value,
  refuse: () => {
    throw new AgentError("recorder-refused", "bay 3", { next: "take it out", cause: new Error("deep") });
  },
  odd: () => {
    throw new TypeError("odd");
  },
  share: () => () => "a function is nobody's to carry",
  never: () => new Promise(() => {}),
};

/** Both sides, with what a port does in between: structured clones, or an error. */
function line() {
  const events: string[] = [];
  const calls = new Calls<Work, string>((event) => events.push(event));
  const back = (message: Message<string>) => calls.receive(structuredClone(message));
  const send = (message: CallMessage) => void answer(OPERATIONS, structuredClone(message), back);
  return { calls, events, send, back };
}

describe("calls by message", () => {
  it("are answered each with its own value", async () => {
    const { calls, send } = line();
    const asked = [1, 2, 3].map((value) => calls.make("double", [value], send));
    assert.deepEqual(await Promise.all(asked), [2, 4, 6]);
  });

  it("keep code, place, next step and causes of an error", async () => {
    const { calls, send } = line();
    await assert.rejects(calls.make("refuse", [], send), (error) => {
      assert.ok(error instanceof AgentError);
      assert.deepEqual([error.code, error.place, error.next], ["recorder-refused", "bay 3", "take it out"]);
      assert.match(String(error.cause), /recorder-refused[\s\S]*caused by[\s\S]*deep/);
      return true;
    });
    await assert.rejects(calls.make("odd", [], send), { code: "unexpected", place: "odd: TypeError: odd" });
  });

  it("tell of an answer that cannot be carried", async () => {
    const { calls, send } = line();
    await assert.rejects(calls.make("share", [], send), { code: "unexpected", place: /could not be cloned/ });
    assert.equal(await calls.make("double", [4], send), 8);
  });

  it("fail once the other side is gone, and nothing more is heard of it", async () => {
    const { calls, events, send, back } = line();
    back({ event: "early" });
    const waiting = calls.make("never", [], send).catch(errorCode);
    calls.end(new AgentError("process-died", "signal 9"));
    calls.end(new AgentError("process-ended", "exit 0"));
    assert.equal(await waiting, "process-died");
    await assert.rejects(calls.make("double", [1], send), { code: "process-died" });
    back({ event: "late" });
    back({ id: 1, value: undefined });
    assert.deepEqual(events, ["early"]);
  });
});
