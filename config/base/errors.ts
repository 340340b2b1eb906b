/**
 * The one error class. Every failure carries a stable code, the place where it was found
 * and, where a person can do something about it, the next step.
 */
export class AgentError extends Error {
  override readonly name = "AgentError";
  /** Kebab-case and stable: scripts, counters and tests match on it. */
  readonly code: string;
  /** Where: a file and key path, a topic, a seq, a byte offset. */
  readonly place: string;
  /** What the reader can do next; absent when nothing beyond the code helps. */
  readonly next: string | undefined;

  constructor(code: string, place: string, options: { cause?: unknown; next?: string } = {}) {
    super(`${code}: ${place}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.place = place;
    this.next = options.next;
  }
}

/** The stable code of any thrown value: an AgentError's own, a system call's errno name, or `unexpected`. */
export function errorCode(error: unknown): string {
  if (error instanceof AgentError) return error.code;
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : "unexpected";
}
