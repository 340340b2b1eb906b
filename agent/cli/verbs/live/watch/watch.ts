import { systemClock } from "../../../../../config/base/clock.ts";
import { AgentError, errorCode } from "../../../../../config/base/errors.ts";
import { callAgent } from "../../../../control/client.ts";
import type { Face } from "../../../face/face.ts";
import type { ExitCode } from "../../../face/failure.ts";
import { RateMeter } from "./backlog-rate.ts";
import { Screen } from "./screen.ts";
import { type Seen, view } from "./view.ts";

const EVERY_MS = 1_000;
const ASK_MS = 3_000;
const NOTHING: Seen = { live: null, seenMs: 0, bays: [], rate: null, lost: null, nowMs: 0 };
const LEAVE_KEYS = ["q", "Q", "\u0003", "\u0004"];

/**
 * Shows what the agent does until q, Ctrl-C or a signal; an agent that goes away is waited for.
 * Throws `misuse` without a terminal.
 */
export async function watch(face: Face, dataDir: string, asJson: boolean): Promise<ExitCode> {
  const { stdin, stdout } = process;
  if (asJson || !stdin.isTTY || !stdout.isTTY)
    throw new AgentError("misuse", "--watch", { next: "use it on a terminal, and without --json" });
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  const screen = new Screen(stdout);
  stdin.setRawMode(true);
  stdin.on("data", (keys: Buffer) => {
    if (LEAVE_KEYS.some((key) => keys.includes(key))) leave();
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, leave);
  stdout.on("resize", () => screen.clear());
  screen.enter();
  try {
    await follow(face, dataDir, screen, leaving.signal);
  } finally {
    screen.leave();
    stdin.setRawMode(false);
    stdin.pause();
  }
  return 0;
}

async function follow(face: Face, dataDir: string, screen: Screen, signal: AbortSignal): Promise<void> {
  const meter = new RateMeter();
  let seen: Seen = NOTHING;
  while (!signal.aborted) {
    seen = await look(dataDir, meter, seen, signal);
    screen.draw(view(face, seen, screen.width, screen.height));
    await systemClock.sleep(EVERY_MS, signal).catch(() => {});
  }
}

/** What is to be seen now; where the agent does not answer, what was seen last. */
async function look(dataDir: string, meter: RateMeter, before: Seen, signal: AbortSignal): Promise<Seen> {
  const nowMs = systemClock.utcMs();
  try {
    const live = await callAgent(dataDir, "status", {}, { timeoutMs: ASK_MS, signal });
    const bays = live.dock === undefined ? [] : await baysOf(dataDir, signal);
    const rate = meter.see(live.sync, systemClock.monoUs() / 1000);
    return { live, seenMs: nowMs, bays, rate, lost: null, nowMs };
  } catch (error) {
    return { ...before, lost: errorCode(error), nowMs };
  }
}

/** The bays, or the code of why they cannot be told: the rest is told all the same. */
async function baysOf(dataDir: string, signal: AbortSignal): Promise<Seen["bays"]> {
  try {
    return (await callAgent(dataDir, "dock.bays", {}, { timeoutMs: ASK_MS, signal })).bays;
  } catch (error) {
    return errorCode(error);
  }
}
