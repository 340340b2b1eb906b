import { AgentError } from "../../../config/base/errors.ts";
import type { Face } from "../face/face.ts";

/**
 * Runs `work` with a signal that aborts at SIGINT, SIGTERM, when `forS` seconds are over, or when nobody reads what
 * is printed any more. For commands that tell until they are ended.
 */
export async function untilStopped<T>(
  face: Face,
  work: (signal: AbortSignal) => Promise<T>,
  forS?: number,
): Promise<T> {
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const timer = forS === undefined ? undefined : setTimeout(stop, forS * 1000);
  try {
    return await work(AbortSignal.any([stopping.signal, face.left]));
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}

/**
 * Runs `work`, of which half is worth nothing, with a signal that aborts at SIGINT or SIGTERM; what it keeps aside is
 * gone before the process is. Throws `interrupted`, or `code` where another says more, or what `work` throws.
 */
export function untilDone<T>(
  face: Face,
  place: string,
  work: (signal: AbortSignal) => Promise<T>,
  code = "interrupted",
): Promise<T> {
  return untilStopped(face, (stopped) => {
    const interrupt = new AbortController();
    stopped.addEventListener("abort", () => interrupt.abort(new AgentError(code, place)), {
      once: true,
    });
    return work(interrupt.signal);
  });
}
