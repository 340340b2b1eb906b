import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { withDeadline } from "../../../config/base/deadline.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

test("a deadline", async (t) => {
  await t.test("fires although the collector has been by", async () => {
    const signal = withDeadline(new AbortController().signal, 300);
    const collecting = setInterval(collect, 20);
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
