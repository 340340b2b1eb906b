import { backoff } from "../../../config/base/backoff.ts";
import type { Clock } from "../../../config/base/clock.ts";
import type { Counters } from "../../../config/base/counters.ts";
import { AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import type { OpenSerialPort, SerialPort } from "./serial-port.ts";

const FIRST_WAIT_MS = 100;
/** Whoever plugs a board in again waits no longer than this for its lamps. */
const MAX_WAIT_MS = 1_000;
/** A port that lasted this long was a good one: the next wait is short again. */
const GOOD_PORT_MS = 10_000;

export interface PortKeeping {
  open: OpenSerialPort;
  clock: Clock;
  random: Random;
  /** Counts each failure to open, and each end, under its code. */
  counters: Counters;
  /** Told of each failure to open and each end; repeated as long as it lasts. Must not throw. */
  onTrouble(reason: AgentError): void;
}

/**
 * Opens a port, gives it to `use`, and once it has ended opens it again by its path, with jittered exponential
 * backoff between: so a device that is unplugged and plugged in again goes on. Until `signal` aborts, which
 * closes the port. `use` sets the port up and returns; it must not throw.
 */
export async function keepOpen(
  { open, clock, random, counters, onTrouble }: PortKeeping,
  use: (port: SerialPort) => void,
  signal: AbortSignal,
): Promise<void> {
  let waits = backoff(FIRST_WAIT_MS, MAX_WAIT_MS, random);
  while (!signal.aborted) {
    const startedUs = clock.monoUs();
    const reason = await usePort(open, use, signal);
    if (signal.aborted) return;
    counters.add(reason.code);
    onTrouble(reason);
    if (clock.monoUs() - startedUs >= GOOD_PORT_MS * 1000) {
      waits = backoff(FIRST_WAIT_MS, MAX_WAIT_MS, random);
    }
    await clock.sleep(waits.next().value, signal).catch(() => undefined);
  }
}

/** Why there is no port, or no port any more. */
async function usePort(
  open: OpenSerialPort,
  use: (port: SerialPort) => void,
  signal: AbortSignal,
): Promise<AgentError> {
  let port: SerialPort;
  try {
    port = await open(signal);
  } catch (cause) {
    return cause instanceof AgentError ? cause : new AgentError("serial-failed", errorCode(cause), { cause });
  }
  let closing: Promise<void> = Promise.resolve();
  const close = () => {
    closing = port.close();
  };
  signal.addEventListener("abort", close, { once: true });
  if (signal.aborted) close();
  else use(port);
  try {
    return await port.ended;
  } finally {
    signal.removeEventListener("abort", close);
    await closing;
  }
}
