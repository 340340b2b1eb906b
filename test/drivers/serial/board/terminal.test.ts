import assert from "node:assert/strict";
import { existsSync } from "node:fs";
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
import { PseudoTerminal } from "../../../../drivers/simulator/board/pseudo-terminal.ts";
import type { BoardSight } from "../../../../drivers/simulator/board/sight.ts";
import { SimulatedBoard } from "../../../../drivers/simulator/board/simulated-board.ts";
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
  let terminal: PseudoTerminal | null = null;
  const replug = async () => {
    const opened = await PseudoTerminal.open(link, (bytes) => simulated.receive(bytes), clock);
    terminal = opened;
    simulated.plug((bytes) => opened.write(bytes));
  };
  const unplug = async () => {
    simulated.unplug();
    await terminal?.close();
    terminal = null;
  };
  await replug();
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
    await unplug();
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
    unplug,
    replug,
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
