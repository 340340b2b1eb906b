import { AgentError } from "../../../config/base/errors.ts";
import type { MountedCard } from "./mount/card.ts";

/** What the system says when a disk is no longer there. */
const GONE = new Set(["ENODEV", "ENXIO", "ESTALE", "ESHUTDOWN", "ENOTCONN", "EREMOTEIO"]);
/** What it says when a name leads to nothing, or no longer to a file. */
const NOT_THERE = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EISDIR"]);
const FORBIDDEN = new Set(["EACCES", "EPERM", "EROFS"]);

/**
 * A failed system call on a card, told as `RecorderDriver` has it. Only the card itself can tell an unplugged disk
 * from a bad sector: EIO means either, and a folder that was unmounted is empty.
 */
export function cardFailure(error: unknown, place: string, card: MountedCard): AgentError {
  if (error instanceof AgentError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? "";
  const told = `${place}: ${code || String(error)}`;
  if (GONE.has(code) || !card.isThere()) return new AgentError("recorder-gone", told, { cause: error });
  if (NOT_THERE.has(code)) return new AgentError("file-gone", told, { cause: error });
  if (FORBIDDEN.has(code)) {
    return new AgentError("recorder-refused", told, {
      cause: error,
      next: "look at the owner and mode of the file, and whether the card is locked by its switch",
    });
  }
  return new AgentError("recorder-answer", told, { cause: error });
}
