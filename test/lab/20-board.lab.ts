import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { systemClock } from "../../config/base/clock.ts";
import { Counters } from "../../config/base/counters.ts";
import { systemRandom } from "../../config/base/random.ts";
import type { BoardEvent } from "../../drivers/serial/board/control-board.ts";
import { SerialControlBoard } from "../../drivers/serial/board/serial-control-board.ts";
import { systemPort } from "../../drivers/serial/line/system-port.ts";
import { eventually } from "../support/waiting.ts";
import { askHost } from "./support/host.ts";

// The control board's client over a real FTDI port; the board is simulated at the far end of the cable.

const BY_ID = "/dev/serial/by-id";
const TEST_MS = 90_000;
const WAIT_MS = 60_000;
const { signal } = new AbortController();
const running = new AbortController();
const events: BoardEvent[] = [];
let board: SerialControlBoard;
let run: Promise<void> = Promise.resolve();

before(async () => {
  await askHost({ kind: "line", does: "board" });
  assert.ok(existsSync(BY_ID));
  const name = readdirSync(BY_ID).find((found) => found.includes("QEMU_USB_SERIAL")) ?? "none";
  board = new SerialControlBoard({
    open: systemPort({ path: join(BY_ID, name), baud: 115_200, clock: systemClock }),
    clock: systemClock,
    random: systemRandom,
    counters: new Counters(),
    listener: (event) => events.push(event),
  });
  run = board.run(running.signal);
  await eventually("the board", () => board.state.kind === "there", WAIT_MS);
});

after(async () => {
  running.abort();
  await run;
  await askHost({ kind: "line", does: "echo" });
});

test("the board tells its battery and takes the time", { timeout: TEST_MS }, async () => {
  const { percent } = await board.battery(signal);
  assert.ok(percent !== null && percent <= 100);
  await board.setClock(Date.UTC(2026, 10, 23, 9, 30), signal);
  await board.readClock(signal);
});

test("a press of the record button is told", { timeout: TEST_MS }, async () => {
  await askHost({ kind: "press" });
  await eventually("the press", () => events.some(({ kind }) => kind === "button"), WAIT_MS);
});

test("the board is lost when its port is pulled out, and found again", { timeout: TEST_MS }, async () => {
  await askHost({ kind: "unplug", device: "ftdi" });
  await eventually("lost", () => board.state.kind === "away", WAIT_MS);
  await assert.rejects(board.battery(signal));
  await askHost({ kind: "plug", device: "ftdi" });
  await eventually("found", () => board.state.kind === "there", WAIT_MS);
  await board.battery(signal);
});
