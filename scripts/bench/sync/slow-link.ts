import { once } from "node:events";
import { type AddressInfo, createServer, type Server, Socket } from "node:net";

export interface LinkSpeed {
  /** Each direction has this much for all connections together. */
  bitsPerS: number;
  /** There and back; half of it each way. */
  roundTripMs: number;
}

/** What a direction holds beyond the bytes on their way, as a router's queue would. */
const QUEUE_BYTES = 64 * 1024;
/** Bytes travel in pieces, so that a large write does not arrive all at once. */
const PIECE_BYTES = 8 * 1024;

/** One direction's bottleneck: pieces leave one after the other. */
class Bottleneck {
  readonly #bytesPerMs: number;
  #freeAtMs = 0;

  constructor(bitsPerS: number) {
    this.#bytesPerMs = bitsPerS / 8000;
  }

  bytesIn(ms: number): number {
    return this.#bytesPerMs * ms;
  }

  /** Takes a piece in; answers when it has passed. */
  pass(bytes: number, nowMs: number): number {
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + bytes / this.#bytesPerMs;
    return this.#freeAtMs;
  }
}

/** A TCP proxy that stands for a slow and distant link; opening a connection costs nothing. */
export class SlowLink {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  /** Listens on a free port of 127.0.0.1 and leads every connection to `targetPort` there. */
  static async open(targetPort: number, { bitsPerS, roundTripMs }: LinkSpeed): Promise<SlowLink> {
    const up = new Bottleneck(bitsPerS);
    const down = new Bottleneck(bitsPerS);
    const sockets = new Set<Socket>();
    const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
      const far = new Socket({ allowHalfOpen: true }).setNoDelay(true).connect(targetPort, "127.0.0.1");
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(socket);
        socket.on("error", () => other.destroy());
        socket.on("close", () => sockets.delete(socket));
      }
      convey(near, far, up, roundTripMs / 2);
      convey(far, near, down, roundTripMs / 2);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new SlowLink(server, sockets);
  }

  /** Cuts what is still connected. */
  async close(): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, "close");
  }
}

/** Leads `from` to `to`: every piece through the bottleneck, then `delayMs` on its way; the end likewise. */
function convey(from: Socket, to: Socket, bottleneck: Bottleneck, delayMs: number): void {
  const capacityBytes = QUEUE_BYTES + bottleneck.bytesIn(delayMs);
  const underWay: { arrivesMs: number; piece: Buffer | null }[] = [];
  let queuedBytes = 0;
  let timer: NodeJS.Timeout | null = null;

  const send = (piece: Buffer | null) => {
    const passedMs = bottleneck.pass(piece?.length ?? 0, performance.now());
    queuedBytes += piece?.length ?? 0;
    underWay.push({ arrivesMs: passedMs + delayMs, piece });
    timer ??= setTimeout(deliver, passedMs + delayMs - performance.now());
  };
  const deliver = () => {
    timer = null;
    const now = performance.now();
    while (underWay[0] !== undefined && underWay[0].arrivesMs <= now) {
      const piece = underWay.shift()?.piece ?? null;
      queuedBytes -= piece?.length ?? 0;
      if (to.destroyed) continue;
      if (piece === null) to.end();
      else to.write(piece);
    }
    if (queuedBytes < capacityBytes) from.resume();
    if (underWay[0] !== undefined) timer = setTimeout(deliver, underWay[0].arrivesMs - now);
  };
  from.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) send(chunk.subarray(at, at + PIECE_BYTES));
    if (queuedBytes >= capacityBytes) from.pause();
  });
  from.on("end", () => send(null));
  to.on("close", () => clearTimeout(timer ?? undefined));
}
