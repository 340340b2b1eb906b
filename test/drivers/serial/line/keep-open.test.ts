import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Counters } from "../../../../config/base/counters.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { keepOpen } from "../../../../drivers/serial/line/keep-open.ts";
import type { OpenSerialPort, SerialPort } from "../../../../drivers/serial/line/serial-port.ts";
import { ManualClock, seededRandom } from "../../../support/surroundings.ts";

/** A port that ends when it is closed, and does nothing else. */
function idlePort(): SerialPort {
  let end: (reason: AgentError) => void = () => undefined;
  const ended = new Promise<AgentError>((resolve) => {
    end = resolve;
  });
  return {
    path: "idle",
    ended,
    deliverTo: () => undefined,
    write: async () => undefined,
    close: async (reason = new AgentError("serial-closed", "idle")) => end(reason),
  };
}

function keeping(open: OpenSerialPort) {
  const clock = new ManualClock();
  const counters = new Counters();
  const troubles: string[] = [];
  const used: SerialPort[] = [];
  const running = new AbortController();
  const run = keepOpen(
    { open, clock, random: seededRandom("waits"), counters, onTrouble: ({ code }) => troubles.push(code) },
    (port) => used.push(port),
    running.signal,
  );
  const pass = async (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 50) {
      for (let i = 0; i < 5; i++) await turn();
      clock.advance(50);
    }
    for (let i = 0; i < 5; i++) await turn();
  };
  return { counters, troubles, used, running, run, pass };
}

describe("a port that is kept open", () => {
  it("is tried again at least once a second while it is missing, and each failure is counted", async () => {
    let tries = 0;
    const { counters, troubles, used, running, run, pass } = keeping(async () => {
      tries++;
      throw new AgentError("serial-missing", "nowhere");
    });
    await pass(60_000);
    running.abort();
    await run;
    assert.ok(tries >= 60 && tries <= 140, `${tries} tries`);
    assert.equal(counters.get("serial-missing"), tries);
    assert.equal(troubles.length, tries);
    assert.deepEqual(used, []);
  });

  it("is opened again after its end, and closed in the end", async () => {
    const { used, troubles, running, run, pass } = keeping(async () => idlePort());
    await pass(100);
    await used[0]?.close(new AgentError("serial-gone", "idle"));
    await pass(200);
    assert.equal(used.length, 2);
    assert.deepEqual(troubles, ["serial-gone"]);
    running.abort();
    await run;
    assert.equal((await used[1]?.ended)?.code, "serial-closed");
  });

  it("that opens only when nobody wants it any more is closed, unused", async () => {
    const late: SerialPort[] = [];
    let open: () => void = () => undefined;
    const { used, running, run, pass } = keeping(async () => {
      await new Promise<void>((resolve) => {
        open = resolve;
      });
      const port = idlePort();
      late.push(port);
      return port;
    });
    await pass(50);
    running.abort();
    open();
    await run;
    assert.equal((await late[0]?.ended)?.code, "serial-closed");
    assert.deepEqual(used, []);
  });
});
