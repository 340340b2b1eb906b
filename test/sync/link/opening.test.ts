import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import type { LinkSession } from "../../../sync/link/link.ts";
import { eventually } from "../../support/waiting.ts";

const CONNACK = Buffer.from("20020000", "hex");
const never = new AbortController().signal;

const session: LinkSession = {
  clientId: "receiver",
  subscriptions: ["fulltrace/v1/main/+/up/#", "fulltrace/v1/main/+/state"],
  presenceTopic: "fulltrace/v1/main/receiver/state",
  maxInboundBytes: 1_100_000,
};

/** A publish with QoS 1 to the topic `a`, its remaining length in one byte. */
function publishPacket(packetId: number, payload: string): Buffer {
  return Buffer.concat([
    Buffer.from([0x32, 5 + payload.length, 0, 1, 0x61, 0, packetId]),
    Buffer.from(payload),
  ]);
}

/** A broker that sends messages before each acknowledgement, as the standard allows. */
async function eagerBroker(t: TestContext, packets: readonly Buffer[]): Promise<string> {
  const waiting = [...packets];
  const early = () => waiting.splice(0, 2);
  /** PUBACKs need no answer. */
  const answer = (packet: Buffer): Buffer => {
    switch ((packet[0] ?? 0) >> 4) {
      case 1:
        return CONNACK;
      case 3: {
        const packetId = packet.subarray(4 + packet.readUInt16BE(2)).subarray(0, 2);
        return Buffer.concat([...early(), Buffer.from([0x40, 2]), packetId]);
      }
      case 8:
        return Buffer.concat([...early(), Buffer.from([0x90, 3]), packet.subarray(2, 4), Buffer.from([1])]);
      default:
        return Buffer.alloc(0);
    }
  };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (data: Buffer) => {
      for (let at = 0, end = 0; at < data.length; at = end) {
        end = at + 2 + (data[at + 1] ?? 0);
        socket.write(answer(data.subarray(at, end)));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a link opens although messages come before the acknowledgements", async (t) => {
  const said = ["1", "2", "3", "4", "5", "6"];
  const url = await eagerBroker(
    t,
    said.map((payload, i) => publishPacket(i + 1, payload)),
  );
  const link = await brokerLinks({ url, protocol: 4, keepaliveS: 60 })(session, never);
  t.after(() => link.close());

  const received: string[] = [];
  let underWay = 0;
  link.deliverTo(async ({ payload }) => {
    assert.equal(++underWay, 1, "one at a time");
    await new Promise(setImmediate);
    underWay--;
    received.push(String(payload));
  });
  await eventually("all six", () => received.length === said.length);
  assert.deepEqual(received, said);
});
