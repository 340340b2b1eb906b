import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { describe, it, type TestContext } from "node:test";
import { SlowLink } from "../../../scripts/bench/sync/slow-link.ts";

const SPEED = { bitsPerS: 10e6, roundTripMs: 200 };

/** A server that gives back what it gets, behind a slow link. */
async function echoBehind(t: TestContext, speed: typeof SPEED): Promise<Socket> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    // the end of a test cuts what is still under way
    socket.on("error", () => socket.destroy()).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const link = await SlowLink.open((server.address() as AddressInfo).port, speed);
  const socket = connect({ port: link.port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  await once(socket, "connect");
  t.after(async () => {
    socket.destroy();
    await link.close();
    server.close();
  });
  return socket;
}

async function echoMs(socket: Socket, sent: Buffer): Promise<{ ms: number; echoed: Buffer }> {
  const start = performance.now();
  socket.end(sent);
  const echoed = await buffer(socket);
  return { ms: performance.now() - start, echoed };
}

describe("the slow link", () => {
  it("takes a round trip for one byte", async (t) => {
    const { ms } = await echoMs(await echoBehind(t, SPEED), Buffer.of(7));
    // at least: a busy machine may always be slower
    assert.ok(ms >= 199, `${ms} ms`);
  });

  it("carries as much as its rate, and brings every byte in order", async (t) => {
    const sent = Buffer.alloc(2_500_000, "one thing after another ");
    const { ms, echoed } = await echoMs(await echoBehind(t, SPEED), sent);
    assert.ok(echoed.equals(sent));
    // 20 Mbit at 10 Mbit/s and one round trip; the way back goes on at the same time
    assert.ok(ms >= 2100, `${ms} ms`);
  });

  it("holds back a sender instead of taking all that it has", async (t) => {
    const socket = await echoBehind(t, SPEED);
    const isTaken = socket.write(Buffer.alloc(64 * 1024 * 1024));
    assert.equal(isTaken, false);
    await once(socket, "data");
    assert.ok(socket.writableLength > 32 * 1024 * 1024, `${socket.writableLength} bytes wait`);
  });
});
