import { AgentError } from "../../../config/base/errors.ts";
import type {
  IncomingMessage,
  Link,
  LinkSession,
  MessageHandler,
  OpenLink,
  OutgoingMessage,
} from "../../../sync/link/link.ts";

/** One connection to nobody: the test is the broker. */
export class MemoryLink implements Link {
  readonly maxPayloadBytes = 16 * 1024 * 1024;
  readonly ended: Promise<AgentError>;
  /** What was published, in order. */
  readonly published: OutgoingMessage[] = [];
  readonly session: LinkSession;
  #end: (reason: AgentError) => void = () => {};
  #startDelivery: (handler: MessageHandler) => void = () => {};
  readonly #handler: Promise<MessageHandler>;
  #isEnded = false;

  constructor(session: LinkSession) {
    this.session = session;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#handler = new Promise((resolve) => {
      this.#startDelivery = resolve;
    });
  }

  deliverTo(handler: MessageHandler): void {
    this.#startDelivery(handler);
  }

  publish(message: OutgoingMessage): Promise<boolean> {
    if (!this.#isEnded) this.published.push(message);
    return Promise.resolve(!this.#isEnded);
  }

  close(): Promise<void> {
    this.lose("link-closed");
    return Promise.resolve();
  }

  /** The connection breaks. */
  lose(code = "link-lost"): void {
    this.#isEnded = true;
    this.#end(new AgentError(code, "memory"));
  }

  /** The broker delivers a message, once there is somebody to take it. */
  async deliver(topic: string, payload: Uint8Array | string): Promise<void> {
    const message: IncomingMessage = { topic, payload: Buffer.from(payload), retained: false };
    const handler = await this.#handler;
    await handler(message);
  }
}

/** Opens memory links and keeps them all, the newest last. */
export function memoryLinks(): { open: OpenLink; links: MemoryLink[] } {
  const links: MemoryLink[] = [];
  const open: OpenLink = (session) => {
    const link = new MemoryLink(session);
    links.push(link);
    return Promise.resolve(link);
  };
  return { open, links };
}
