/**
 * Runs QEMU where no file can be watched. Its MTP device follows changes of the card by inotify, and walks
 * freed objects when a file goes that the guest has deleted: QEMU 7.2 crashes now and then.
 */
const UNWATCHED = 'echo 0 > /proc/sys/user/max_inotify_instances; exec "$0" "$@"';

/** A command that becomes `qemu`, with the same process number. */
export function unwatched(qemu: string, words: readonly string[]): [command: string, words: string[]] {
  return ["unshare", ["--user", "--map-root-user", "sh", "-c", UNWATCHED, qemu, ...words]];
}
