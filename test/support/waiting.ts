import { setTimeout as delay } from "node:timers/promises";

/** Resolves as soon as `condition` holds; fails naming it when `timeoutMs` have passed. */
export async function eventually(what: string, condition: () => boolean, timeoutMs = 30_000): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!condition()) {
    if (Date.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await delay(5);
  }
}
