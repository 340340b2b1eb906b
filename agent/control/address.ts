import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";

const SOCKET_NAME = "control.sock";
/** `sun_path` of unix(7) holds 108 bytes, the last of them zero. */
const MAX_PATH_BYTES = 107;

export function controlSocketPath(dataDir: string): string {
  return join(dataDir, SOCKET_NAME);
}

/** A name that the kernel takes for the control socket, good until `release`. */
export interface SocketAddress {
  path: string;
  release(): void;
}

/**
 * A data directory may lie deeper than a socket's name can be long: then the socket is named through
 * an open handle of the directory, as proc(5) offers it. Throws what opening the directory throws.
 */
export function socketAddress(dataDir: string): SocketAddress {
  const path = controlSocketPath(dataDir);
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { path, release: () => undefined };
  const fd = openSync(dataDir, constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${fd}/${SOCKET_NAME}`, release: () => closeSync(fd) };
}
