/**
 * A signal that aborts with `signal`, or after `timeoutMs` with a TimeoutError.
 *
 * Node 20 lets its collector take a timeout to which only `AbortSignal.any` refers, and then it never
 * fires; a listener keeps it.
 */
export function withDeadline(signal: AbortSignal, timeoutMs: number): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  timeout.addEventListener("abort", () => {}, { once: true });
  return AbortSignal.any([signal, timeout]);
}

/** Resolves when the signal aborts, at once where it has. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
