import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { connectAsync } from "mqtt";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import { heldBytes } from "../../support/memory.ts";
import { eventually } from "../../support/waiting.ts";

const LARGE_BYTES = 8 * 2 ** 20;
const CONNACK = Buffer.from("20020000", "hex");
const session = { clientId: "device", subscriptions: [], maxInboundBytes: 1000 };

/** A broker that acknowledges a publish only when it is told to. */
async function slowBroker(t: TestContext) {
  const sockets: Socket[] = [];
  const publishes: Buffer[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.once("data", () => {
      socket.write(CONNACK);
      socket.on("data", (packet) => publishes.push(packet));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const acknowledge = (packet: Buffer) => {
    // fixed header of two bytes, topic behind its length, number of the packet (MQTT 3.1.1 §3.3)
    const at = 4 + packet.readUInt16BE(2);
    sockets.at(-1)?.write(Buffer.from([0x40, 2, packet[at] as number, packet[at + 1] as number]));
  };
  const url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, publishes, acknowledge, hangUp: () => sockets.at(-1)?.destroy() };
}

async function openLink(url: string) {
  return await brokerLinks({ url, protocol: 4, keepaliveS: 60 })(session, new AbortController().signal);
}

/** How much more memory lies outside the heap after `work`. */
async function growthBytes(work: () => unknown): Promise<number> {
  heldBytes();
  const before = process.memoryUsage().arrayBuffers;
  await work();
  return process.memoryUsage().arrayBuffers - before;
}

test("a payload is not copied, as MQTT.js by itself would", async (t) => {
  const { url } = await slowBroker(t);
  const payload = Buffer.alloc(LARGE_BYTES, 1);
  const link = await openLink(url);
  const ours = await growthBytes(() => link.publish({ topic: "t", payload }));
  assert.ok(ours < LARGE_BYTES / 8, `${ours} bytes`);

  const client = await connectAsync(url, { reconnectPeriod: 0 });
  client.on("error", () => {});
  t.after(() => client.end(true));
  const theirs = await growthBytes(() => client.publish("t", payload, { qos: 1 }));
  assert.ok(theirs >= LARGE_BYTES, `${theirs} bytes`);
});

test("the payload's memory is free when the broker has acknowledged it, and not before", async (t) => {
  const { url, publishes, acknowledge, hangUp } = await slowBroker(t);
  const link = await openLink(url);
  const taken: string[] = [];
  const publish = (name: string, qos: 0 | 1) =>
    link.publish({ topic: "t", payload: Buffer.from(name), qos, onTaken: () => taken.push(name) });

  await publish("first", 1);
  await eventually("the first at the broker", () => publishes.length === 1);
  assert.deepEqual(taken, []);
  acknowledge(publishes[0] as Buffer);
  await eventually("the first taken", () => taken.length === 1);

  await publish("never acknowledged", 0);
  await eventually("the second at the broker", () => publishes.length === 2);
  await publish("lost", 1);
  await eventually("the third at the broker", () => publishes.length === 3);
  hangUp();
  assert.equal((await link.ended).code, "link-lost");
  await link.close();
  assert.deepEqual(taken, ["first"]);
});
