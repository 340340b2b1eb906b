import { spawnSync } from "node:child_process";

const TIMEOUT_MS = 10_000;

/**
 * Lets the kernel forget what it keeps of an open file, so that what is read next comes from the disk itself.
 * Node does not offer posix_fadvise(2) with POSIX_FADV_DONTNEED; dd(1) of coreutils does. False: it could not.
 */
export function forgetCached(fd: number): boolean {
  const flags = ["iflag=nocache", "count=0", "status=none"];
  return spawnSync("dd", flags, { stdio: [fd, "ignore", "ignore"], timeout: TIMEOUT_MS }).status === 0;
}
