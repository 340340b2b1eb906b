import { spawnSync } from "node:child_process";

const TIMEOUT_MS = 10_000;

/**
 * Lets the kernel forget what it keeps of a file, so that what is read next comes from the card itself. Node
 * does not offer posix_fadvise(2) with POSIX_FADV_DONTNEED; dd(1) of coreutils does. False: it could not.
 */
export function forgetCached(path: string): boolean {
  const flags = ["iflag=nofollow,nonblock,nocache", "count=0", "status=none"];
  return spawnSync("dd", [`if=${path}`, ...flags], { stdio: "ignore", timeout: TIMEOUT_MS }).status === 0;
}
