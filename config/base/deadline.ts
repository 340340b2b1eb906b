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

/**
 * Runs `work` with such a signal, for calls that come often: when it has ended nothing of the deadline is left, where
 * a signal of `withDeadline` stays in memory until its time is over.
 */
export async function underDeadline<T>(
  signal: AbortSignal,
  timeoutMs: number,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  const pass = () => limit.abort(signal.reason);
  const late = () =>
    limit.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  const timer = setTimeout(late, timeoutMs).unref();
  if (signal.aborted) pass();
  signal.addEventListener("abort", pass, { once: true });
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", pass);
  }
}
