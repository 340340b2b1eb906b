import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { systemClock } from "../../../../config/base/clock.ts";
import { Counters } from "../../../../config/base/counters.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import type { BoardEvent } from "../../../../drivers/serial/board/control-board.ts";
import { SerialControlBoard } from "../../../../drivers/serial/board/serial-control-board.ts";
import { systemPort } from "../../../../drivers/serial/line/system-port.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { eventually } from "../../../support/waiting.ts";
import { fulltrace, MAIN } from "../command-line.ts";

function simulateBoard(t: TestContext, link: string, lang: string) {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [MAIN, "--lang", lang, "simulate", "board", "--link", link], {
    env: { PATH },
  });
  const exited = once(child, "exit");
  let told = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
  }
  t.after(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const tells = (words: string) => eventually(`"${words}" in: ${told}`, () => told.includes(words));
  const type = (line: string) => child.stdin.write(`${line}\n`);
  return { child, exited, tells, type };
}

describe("fulltrace simulate board", () => {
  const { signal } = new AbortController();

  it("is a board that an agent can talk to, and shows what it does", async (t) => {
    const link = join(temporaryDirectory(t), "board");
    const { tells, type, exited } = simulateBoard(t, link, "en");
    await tells("control board at");
    const events: BoardEvent[] = [];
    const board = new SerialControlBoard({
      open: systemPort({ path: link, baud: 115_200, clock: systemClock }),
      clock: systemClock,
      random: systemRandom,
      counters: new Counters(),
      listener: (event) => events.push(event),
    });
    const running = new AbortController();
    const run = board.run(running.signal);
    t.after(async () => {
      running.abort();
      await run;
    });
    await tells("an agent said hello");
    await eventually("connected", () => board.state.kind === "there");
    await board.showLamp(0, { times: 0, steps: [{ red: 255, green: 16, blue: 0, ms: 200 }] }, signal);
    await tells("lamp 0: #ff1000 200 ms, until changed");
    await board.vibrate({ times: 2, steps: [{ percent: 80, ms: 100 }] }, signal);
    await tells("vibration: 80 % 100 ms, 2 times");
    await board.setClock(1_795_622_400_000, signal);
    await tells("clock set to 2026-11-25T16:00:00.000Z");
    await board.armWatchdog(30, signal);
    await tells("watchdog armed: 30 s");
    type("press sos long");
    await eventually("told", () => events.some((event) => event.kind === "button" && event.button === "sos"));
    type("unplug");
    await tells("unplugged");
    assert.ok(!existsSync(link));
    type("replug");
    await eventually("back", () => events.filter(({ kind }) => kind === "connected").length === 2);
    type("dance");
    await tells("not understood: dance; type help");
    type("quit");
    assert.deepEqual(await exited, [0, null]);
    assert.ok(!existsSync(link));
  });

  it("speaks Chinese, goes on when stdin ends, and leaves nothing behind at SIGTERM", async (t) => {
    const link = join(temporaryDirectory(t), "board");
    const { tells, type, child, exited } = simulateBoard(t, link, "zh");
    await tells("控制板位于");
    type("help");
    await tells("拔出 | 重新插入");
    child.stdin.end();
    await tells("结束");
    assert.ok(existsSync(link));
    child.kill("SIGTERM");
    assert.deepEqual(await exited, [0, null]);
    assert.ok(!existsSync(link));
  });

  it("never takes the place of what is there", async (t) => {
    const link = join(temporaryDirectory(t), "file");
    writeFileSync(link, "mine");
    const { exit, stderr } = await fulltrace(["simulate", "board", "--link", link]);
    assert.equal(exit, 2);
    assert.match(stderr, /link-taken/);
    assert.ok(existsSync(link));
  });
});
