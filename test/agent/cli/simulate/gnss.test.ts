import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { systemClock } from "../../../../config/base/clock.ts";
import { Counters } from "../../../../config/base/counters.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import { GnssReceiver } from "../../../../drivers/serial/gnss/gnss-receiver.ts";
import { systemPort } from "../../../../drivers/serial/line/system-port.ts";
import { simulate } from "../../../support/agents/simulator.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { eventually } from "../../../support/waiting.ts";

const HOUR_MS = 3_600_000;

/** The receiver of the program at `path`, over serialport. */
function listening(t: TestContext, path: string) {
  const counters = new Counters();
  const told: string[] = [];
  const receiver = new GnssReceiver({
    open: systemPort({ path, baud: 9_600, clock: systemClock }),
    clock: systemClock,
    random: systemRandom,
    counters,
    onTrouble: ({ code }) => told.push(code),
    onHeard: () => told.push("heard"),
  });
  const running = new AbortController();
  const run = receiver.run(running.signal);
  t.after(async () => {
    running.abort();
    await run;
  });
  return { receiver, counters, told };
}

describe("fulltrace simulate gnss", () => {
  it("is a receiver that an agent reads over its serial line, with what it is told to have", async (t) => {
    const link = join(temporaryDirectory(t), "gnss");
    const { tells, type, exited } = simulate(t, "en", "gnss", "--link", link);
    await tells("GNSS receiver at");
    const { receiver, counters, told } = listening(t, link);
    const aheadMs = () => (receiver.time()?.utcMs ?? Number.NaN) - systemClock.utcMs();

    await eventually("a place and the time", () => receiver.position() !== null && receiver.time() !== null);
    assert.equal(receiver.position()?.lat_e7, 399_043_673);
    assert.ok(Math.abs(aheadMs()) < 2_000, `${aheadMs()} ms`);

    type("place -33.5 151.25");
    await eventually("another place", () => receiver.position()?.lat_e7 === -335_000_000);
    type("move 100 90");
    await eventually("a track to the east", () => (receiver.position()?.lon_e7 ?? 0) > 1_512_510_000);
    assert.equal(receiver.position()?.lat_e7, -335_000_000);
    type("clock 3600");
    await eventually("a clock that is wrong", () => Math.abs(aheadMs() - HOUR_MS) < 2_000);
    type("corrupt 1");
    await eventually("a checksum that is wrong", () => counters.get("nmea-checksum") > 0);
    type("noise 200");
    await eventually(
      "noise",
      () => counters.get("nmea-malformed") + counters.get("nmea-discarded-bytes") > 0,
    );
    type("fix off");
    await eventually("no fix", () => receiver.position() === null && receiver.time() === null);
    assert.deepEqual(told, ["heard"]);

    type("unplug");
    await tells("unplugged");
    assert.ok(!existsSync(link));
    await eventually("its loss", () => told.includes("serial-missing"));
    type("fix on");
    type("replug");
    await tells("plugged in at");
    await eventually("a place again", () => receiver.position() !== null);
    type("dance");
    await tells("not understood: dance; type help");
    type("quit");
    assert.deepEqual(await exited, [0, null]);
    assert.ok(!existsSync(link));
  });

  it("speaks Chinese, and leaves nothing behind at SIGTERM", async (t) => {
    const link = join(temporaryDirectory(t), "gnss");
    const { tells, type, child, exited } = simulate(t, "zh", "gnss", "--link", link);
    await tells("卫星定位模块位于");
    type("help");
    await tells("滞后 1024 周");
    child.kill("SIGTERM");
    assert.deepEqual(await exited, [0, null]);
    assert.ok(!existsSync(link));
  });
});
