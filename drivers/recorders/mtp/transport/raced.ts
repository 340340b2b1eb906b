/** `work`, or the reason of the first signal that aborts before it is done. Leaves no listener behind. */
export function raced<T>(work: Promise<T>, ...signals: AbortSignal[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (event: Event) => settle(() => reject((event.target as AbortSignal).reason));
    const settle = (how: () => void) => {
      for (const signal of signals) signal.removeEventListener("abort", abort);
      how();
    };
    for (const signal of signals) {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
    }
    work.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}
