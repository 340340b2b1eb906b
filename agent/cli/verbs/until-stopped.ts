/**
 * Runs `work` with a signal that aborts at SIGINT, SIGTERM, when `forS` seconds are over, or when nobody reads what
 * is printed any more. For commands that tell until they are ended.
 */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>, forS?: number): Promise<T> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  process.stdout.once("error", stop);
  const timer = forS === undefined ? undefined : setTimeout(stop, forS * 1000);
  try {
    return await work(stopping.signal);
  } finally {
    clearTimeout(timer);
    process.stdout.off("error", stop);
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
