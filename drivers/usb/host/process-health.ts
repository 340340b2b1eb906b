import type { Clock } from "../../../config/base/clock.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { UsbProcessClient } from "./remote-recorder.ts";

/** Twenty recorders read at once take some 135 MiB: 50 of Node, the rest in transfers under way. */
const RSS_BYTES = 256 * 2 ** 20;
const RSS_BYTES_EACH = 8 * 2 ** 20;
const PING_EVERY_MS = 2_000;
const PING_TIMEOUT_MS = 10_000;

export interface HealthOptions {
  clock: Clock;
  /** How long it may stay silent. */
  pingTimeoutMs?: number | undefined;
  /** How many devices it has. */
  devices: () => number;
}

/** Asks the process again and again how it is. Rejects with `usb-process-hung`, `usb-process-memory`, or its end. */
export async function watchHealth(
  client: UsbProcessClient,
  { clock, pingTimeoutMs = PING_TIMEOUT_MS, devices }: HealthOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(PING_EVERY_MS, signal);
    const { rssBytes } = await within(clock, pingTimeoutMs, client.call("ping", []));
    if (rssBytes > RSS_BYTES + RSS_BYTES_EACH * devices())
      throw new AgentError("usb-process-memory", `${rssBytes} bytes`);
  }
}

/** Rejects with `usb-process-hung` where the promise takes longer. */
export async function within<T>(clock: Clock, timeoutMs: number, promise: Promise<T>): Promise<T> {
  const settled = new AbortController();
  const late = clock.sleep(timeoutMs, settled.signal).then(() => {
    throw new AgentError("usb-process-hung", `no answer in ${timeoutMs} ms`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
  }
}
