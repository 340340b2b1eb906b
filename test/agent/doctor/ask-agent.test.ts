import assert from "node:assert/strict";
import { test } from "node:test";
import { ControlServer } from "../../../agent/control/server.ts";
import { askAgent } from "../../../agent/doctor/ask-agent.ts";
import type { Clock } from "../../../config/base/clock.ts";
import { Counters } from "../../../config/base/counters.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { DirectoryLock } from "../../../crypto/ledger/db/directory-lock.ts";
import { liveStatus } from "../../support/doctor/patient.ts";
import { ManualClock, temporaryDirectory } from "../../support/surroundings.ts";

/** A clock on which waiting takes no time, and something happens meanwhile. */
function clockThat(happens: (ms: number, clock: ManualClock) => Promise<void> | void): Clock {
  const clock = new ManualClock();
  return {
    utcMs: () => clock.utcMs(),
    monoUs: () => clock.monoUs(),
    sleep: async (ms) => {
      clock.advance(ms);
      await happens(ms, clock);
    },
  };
}

const nothing = clockThat(() => undefined);

test("an agent that has its directory and does not listen yet is waited for", async (t) => {
  const dataDir = temporaryDirectory(t);
  assert.deepEqual(await askAgent(dataDir, nothing), { live: null, silence: null });
  const lock = DirectoryLock.take(dataDir);
  t.after(() => lock.release());
  let server: ControlServer | null = null;
  t.after(() => server?.close());
  const starting = clockThat(async () => {
    server ??= await ControlServer.listen({
      dataDir,
      handlers: { status: async () => liveStatus({ pid: 7 }) },
      log: createLogger("silent", "test"),
      counters: new Counters(),
    });
  });
  const { live, silence } = await askAgent(dataDir, starting);
  assert.deepEqual([live?.pid, silence], [7, null]);
});

test("one that never listens is no agent that is away: what it may have open stays its own", async (t) => {
  const dataDir = temporaryDirectory(t);
  const lock = DirectoryLock.take(dataDir);
  assert.equal(DirectoryLock.isHeld(dataDir), true);
  const found = await askAgent(
    dataDir,
    clockThat(() => undefined),
  );
  assert.deepEqual(found, { live: null, silence: "store-locked" });
  lock.release();
  assert.equal(DirectoryLock.isHeld(dataDir), false);
  assert.deepEqual(await askAgent(dataDir, nothing), { live: null, silence: null });
});
