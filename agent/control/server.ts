import { chmodSync, unlinkSync } from "node:fs";
import { createConnection, createServer, type Server } from "node:net";
import type { Counters } from "../../config/base/counters.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { Logger } from "../../config/base/logger.ts";
import { give, requireGroup } from "./access.ts";
import { controlSocketPath, type SocketAddress, socketAddress } from "./address.ts";
import { ControlConnection } from "./connection.ts";
import type { ControlHandlers } from "./protocol.ts";

/** Owner and group. */
const SOCKET_MODE = 0o660;

export interface ControlServerOptions {
  dataDir: string;
  handlers: ControlHandlers;
  log: Logger;
  /** Counts refusals by code. */
  counters: Counters;
  /** Who beside the owner may talk to the agent, by name or number. */
  group?: string | number | undefined;
  /** Connections at once; more are closed at once. */
  maxConnections?: number;
  /** A connection without a request under way is closed after this time. */
  idleMs?: number;
  /** A request that takes longer is aborted and answered with `timed-out`. */
  requestMs?: number;
}

/** Listens on `control.sock` of a data directory. */
export class ControlServer {
  readonly #server: Server;
  readonly #address: SocketAddress;
  readonly #connections: Set<ControlConnection>;

  private constructor(server: Server, address: SocketAddress, connections: Set<ControlConnection>) {
    this.#server = server;
    this.#address = address;
    this.#connections = connections;
  }

  /**
   * Replaces the socket that a dead agent left behind. Rejects with `already-running` when a living
   * one answers, `control-socket` when the socket cannot be made, or what
   * `requireGroup` and `give` throw.
   */
  static async listen(options: ControlServerOptions): Promise<ControlServer> {
    const { dataDir, handlers, log, counters } = options;
    const { maxConnections = 16, idleMs = 30_000, requestMs = 600_000 } = options;
    const connections = new Set<ControlConnection>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      if (connections.size >= maxConnections) {
        counters.add("control-too-many-connections");
        socket.destroy();
        return;
      }
      const connection = new ControlConnection(socket, { handlers, log, counters, idleMs, requestMs });
      connections.add(connection);
      socket.once("close", () => connections.delete(connection));
    });
    const address = openAddress(dataDir);
    try {
      await bindFresh(server, address.path, controlSocketPath(dataDir));
      if (options.group !== undefined) give(address.path, requireGroup(options.group), options.group);
    } catch (error) {
      server.close();
      address.release();
      throw error;
    }
    server.on("error", (error) => log.error({ err: error }, "control socket failed"));
    return new ControlServer(server, address, connections);
  }

  /** Takes no more requests, aborts those under way and removes the socket. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#connections) connection.destroy();
    await closed;
    this.#address.release();
  }
}

function openAddress(dataDir: string): SocketAddress {
  try {
    return socketAddress(dataDir);
  } catch (cause) {
    throw new AgentError("control-socket", controlSocketPath(dataDir), { cause });
  }
}

/** Binds, once more after removing a dead agent's socket. */
async function bindFresh(server: Server, path: string, place: string): Promise<void> {
  try {
    await bind(server, path);
  } catch (cause) {
    if (errorCode(cause) !== "EADDRINUSE") throw new AgentError("control-socket", place, { cause });
    if (await answers(path)) {
      throw new AgentError("already-running", place, { next: "stop the running agent first" });
    }
    unlinkSync(path);
    await bind(server, path);
  }
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(error);
    server.once("error", onError);
    // listen binds at once: the umask keeps others out of the socket from its first moment
    const umask = process.umask(0o777 & ~SOCKET_MODE);
    server.listen(path, () => {
      server.off("error", onError);
      resolve();
    });
    process.umask(umask);
    if (server.listening) chmodSync(path, SOCKET_MODE);
  });
}

/** True if somebody listens on the socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // refused: nobody has it open. Anything else may be a living agent that is busy or another's
    socket.once("error", (error) => resolve(errorCode(error) !== "ECONNREFUSED"));
  });
}
