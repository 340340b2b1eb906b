import type { TestContext } from "node:test";
import { brokerLinks } from "../../../sync/link/broker-link.ts";
import type { IncomingMessage, Link } from "../../../sync/link/link.ts";
import { parseTopic, shardFilters } from "../../../sync/wire/topics.ts";

/** What becomes of a message: passed on as these messages, in this order. */
export type Meddle = (message: IncomingMessage) => IncomingMessage[];

const SHARD = "demo";
const MAX_INBOUND_BYTES = 4 * 2 ** 20;

/** Stands between the devices' broker and the receiver's, and may lose, repeat and reorder what it carries. */
export class Relay {
  /** Bytes of media that the devices sent. */
  mediaBytes = 0;
  up: Meddle = (message) => [message];
  down: Meddle = (message) => [message];

  static async start(t: TestContext, deviceUrl: string, receiverUrl: string): Promise<Relay> {
    const relay = new Relay();
    const devices = await open(t, deviceUrl, shardFilters(SHARD));
    const receiver = await open(t, receiverUrl, [`fulltrace/v1/${SHARD}/+/down/#`]);
    devices.deliverTo(async (message) => {
      const topic = parseTopic(message.topic);
      if (topic.way === "up" && topic.subject.kind === "media") relay.mediaBytes += message.payload.length;
      for (const out of relay.up(message)) await receiver.publish(out);
    });
    receiver.deliverTo(async (message) => {
      for (const out of relay.down(message)) await devices.publish(out);
    });
    return relay;
  }
}

async function open(t: TestContext, url: string, subscriptions: string[]): Promise<Link> {
  const links = brokerLinks({ url, protocol: 4, keepaliveS: 60 });
  const session = { clientId: `relay-${process.pid}`, subscriptions, maxInboundBytes: MAX_INBOUND_BYTES };
  const link = await links(session, AbortSignal.timeout(60_000));
  t.after(() => link.close());
  return link;
}
