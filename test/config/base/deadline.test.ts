import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { aborted, underDeadline, withDeadline } from "../../../config/base/deadline.ts";
import { heldBytes } from "../../support/memory.ts";

test("a deadline", async (t) => {
  await t.test("fires although the collector has been by", async () => {
    const signal = withDeadline(new AbortController().signal, 300);
    const collecting = setInterval(heldBytes, 20);
    const fired = once(signal, "abort");
    const tooLate = setTimeout(() => assert.fail("the deadline never fired"), 10_000);
    await fired;
    clearTimeout(tooLate);
    clearInterval(collecting);
    assert.equal((signal.reason as Error).name, "TimeoutError");
  });

  await t.test("comes sooner with the signal, whose reason it takes", () => {
    const controller = new AbortController();
    const signal = withDeadline(controller.signal, 60_000);
    assert.equal(signal.aborted, false);
    const reason = new Error("stopped");
    controller.abort(reason);
    assert.equal(signal.reason, reason);
  });

  await t.test("has passed where the signal already aborted", () => {
    assert.equal(withDeadline(AbortSignal.abort(), 60_000).aborted, true);
  });
});

const CALLS = 2_000;
const NEVER = new AbortController().signal;

/** How much stays in memory of so many calls that are over. */
async function leftBytes(call: () => Promise<unknown>): Promise<number> {
  await call();
  const before = heldBytes();
  for (let n = 0; n < CALLS; n++) await call();
  // signals that nobody holds are forgotten in a turn of their own
  await new Promise((resolve) => setImmediate(resolve));
  return heldBytes() - before;
}

test("work under a deadline", async (t) => {
  await t.test("leaves nothing behind, as a signal with a deadline does", async () => {
    const ours = await leftBytes(() => underDeadline(NEVER, 60_000, async () => {}));
    const control = await leftBytes(async () => withDeadline(NEVER, 60_000));
    assert.ok(control > CALLS * 500, `${control} bytes`);
    assert.ok(ours < control / 4, `${ours} of ${control} bytes`);
  });

  await t.test("is aborted when its time is over", async () => {
    // the deadline by itself keeps no process alive
    const tooLate = setTimeout(() => assert.fail("the deadline never fired"), 10_000);
    const reason = await underDeadline(NEVER, 1, async (limited) => {
      await aborted(limited);
      return limited.reason as Error;
    });
    clearTimeout(tooLate);
    assert.equal(reason.name, "TimeoutError");
  });

  await t.test("is aborted with the signal, before as while it runs", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    const reasonOf = async (limited: AbortSignal) => {
      await aborted(limited);
      return limited.reason as unknown;
    };
    const running = underDeadline(controller.signal, 60_000, reasonOf);
    controller.abort(reason);
    assert.equal(await running, reason);
    assert.equal(await underDeadline(controller.signal, 60_000, reasonOf), reason);
  });

  await t.test("answers and fails as the work does", async () => {
    assert.equal(await underDeadline(NEVER, 60_000, async () => 7), 7);
    await assert.rejects(
      underDeadline(NEVER, 60_000, async () => Promise.reject(new Error("broken"))),
      { message: "broken" },
    );
  });
});
