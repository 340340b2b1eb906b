import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { systemClock } from "../../../../config/base/clock.ts";
import { Counters } from "../../../../config/base/counters.ts";
import { errorCode } from "../../../../config/base/errors.ts";
import { systemRandom } from "../../../../config/base/random.ts";
import type { BoardEvent } from "../../../../drivers/serial/board/control-board.ts";
import { SerialControlBoard } from "../../../../drivers/serial/board/serial-control-board.ts";
import { Framing } from "../../../../drivers/serial/frames/framing.ts";
import { systemPort } from "../../../../drivers/serial/line/system-port.ts";
import type { BoardSight } from "../../../../drivers/simulator/board/sight.ts";
import { SimulatedBoard } from "../../../../drivers/simulator/board/simulated-board.ts";
import { DeviceAtTerminal } from "../../../../drivers/simulator/terminal/device-at-terminal.ts";
import { PseudoTerminal } from "../../../../drivers/simulator/terminal/pseudo-terminal.ts";
import { type BoardRig, controlBoardContract } from "../../../contract/control-board.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { eventually } from "../../../support/waiting.ts";

/** serialport's own code on a pseudo-terminal at a path that stays the same over replugging. */
async function terminalRig(t: TestContext): Promise<BoardRig & { link: string }> {
  const link = join(temporaryDirectory(t), "usb-Fulltrace_Board_0001-if00");
  const events: BoardEvent[] = [];
  const sights: BoardSight[] = [];
  const counters = new Counters();
  const clock = systemClock;
  const simulated = new SimulatedBoard({
    framing: await Framing.load(),
    clock,
    random: systemRandom,
    onSight: (sight) => sights.push(sight),
  });
  const plug = new DeviceAtTerminal(simulated, link, clock);
  await plug.plug();
  const board = new SerialControlBoard({
    open: systemPort({ path: link, baud: 115_200, clock }),
    clock,
    random: systemRandom,
    counters,
    listener: (event) => events.push(event),
  });
  const running = new AbortController();
  const runs = [simulated.run(running.signal), board.run(running.signal)];
  t.after(async () => {
    running.abort();
    await Promise.all(runs);
    await plug.unplug();
    assert.ok(!existsSync(link), "the terminal is still there");
  });
  return {
    link,
    board,
    simulated,
    events,
    sights,
    counters,
    until: eventually,
    during: (promise) => promise,
    unplug: () => plug.unplug(),
    replug: () => plug.plug(),
  };
}

describe("a control board behind serialport", () => controlBoardContract(terminalRig));

describe("a serial port of this machine", () => {
  const { signal } = new AbortController();

  it("that is not there is told as such", async (t) => {
    const path = join(temporaryDirectory(t), "nothing");
    const opening = systemPort({ path, baud: 115_200, clock: systemClock })(signal);
    await assert.rejects(opening, (error) => errorCode(error) === "serial-missing");
  });

  it("that is no serial port is told as such", async () => {
    const opening = systemPort({ path: "/dev/null", baud: 115_200, clock: systemClock })(signal);
    await assert.rejects(opening, (error) => errorCode(error) === "serial-failed");
  });

  it("has one user at a time", async (t) => {
    const { board, link, until } = await terminalRig(t);
    await until("connected", () => board.state.kind === "there");
    const opening = systemPort({ path: link, baud: 115_200, clock: systemClock })(signal);
    await assert.rejects(opening, (error) => errorCode(error) === "serial-busy");
  });

  it("is opened by its path after each of 6 unplugs, and leaves no file open", async (t) => {
    const { board, events, until, unplug, replug } = await terminalRig(t);
    const greetings = () => events.filter(({ kind }) => kind === "connected").length;
    await until("connected", () => greetings() === 1);
    const openBefore = readdirSync("/proc/self/fd").length;
    for (let i = 0; i < 6; i++) {
      await unplug();
      await replug();
      await until("back", () => greetings() === i + 2);
    }
    assert.equal((await board.battery(signal)).percent, 80);
    await until("closed", () => readdirSync("/proc/self/fd").length <= openBefore);
  });

  it("that takes nothing any more is told and closed", async (t) => {
    const link = join(temporaryDirectory(t), "stuck");
    const socat = spawn("socat", [`PTY,link=${link},rawer`, "STDIO"]);
    const exited = once(socat, "exit");
    t.after(async () => {
      socat.kill("SIGKILL");
      await exited;
    });
    await eventually("terminal", () => existsSync(link));
    const port = await systemPort({ path: link, baud: 115_200, clock: systemClock })(signal);
    port.deliverTo(() => undefined);
    socat.kill("SIGSTOP");
    const flood = async () => {
      for (let i = 0; i < 1_000; i++) await port.write(Buffer.alloc(1_024, 0x55));
    };
    await assert.rejects(flood(), (error) => errorCode(error) === "serial-stuck");
    assert.equal((await port.ended).code, "serial-stuck");
    await assert.rejects(port.write(Buffer.of(1)), (error) => errorCode(error) === "serial-stuck");
  });

  it("writes nothing once it has ended", async (t) => {
    const { link, board, until, simulated } = await terminalRig(t);
    await until("connected", () => board.state.kind === "there");
    assert.ok(simulated.carriedOut.get("hello") > 0);
    const other = `${link}-2`;
    const terminal = await PseudoTerminal.open(other, () => undefined, systemClock);
    const port = await systemPort({ path: other, baud: 115_200, clock: systemClock })(signal);
    port.deliverTo(() => undefined);
    await port.write(Buffer.from("a"));
    await terminal.close();
    assert.equal((await port.ended).code, "serial-gone");
    await assert.rejects(port.write(Buffer.from("b")), (error) => errorCode(error) === "serial-gone");
    await port.close();
  });
});
