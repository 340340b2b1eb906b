import type { AgentError } from "../../config/base/errors.ts";

/**
 * One connection to a broker, from the last SUBACK to its end. Nothing outlives it: no queue,
 * no session at the broker, no replay. What it lost, the owners find out by asking each other.
 */
export interface Link {
  /** The largest payload that the broker takes. */
  readonly maxPayloadBytes: number;
  /** Resolves with the reason when the connection has ended; `link-closed` after `close`. */
  readonly ended: Promise<AgentError>;
  /** Messages are held back until this is called, once. */
  deliverTo(handler: MessageHandler): void;
  /**
   * Waits for room, then hands the message to the socket; messages leave in the order of the calls.
   * False: the link ended before that. True promises nothing about the far side.
   */
  publish(message: OutgoingMessage): Promise<boolean>;
  /** Says `offline` where presence is kept, disconnects, and in any case ends the connection soon. */
  close(): Promise<void>;
}

export interface OutgoingMessage {
  topic: string;
  payload: Uint8Array;
  /** 1 unless given. */
  qos?: 0 | 1;
  /**
   * Called once the broker has acknowledged the whole of it (QoS 1): the payload's memory is the caller's
   * again. Never called where the link ends before.
   */
  onTaken?: () => void;
}

export interface IncomingMessage {
  topic: string;
  /** The handler's own from now on: it may pass its memory to another thread. */
  payload: Buffer;
  /** True for one that the broker kept, not one that was just published. */
  retained: boolean;
}

/**
 * The next message is delivered, and this one acknowledged, when the promise resolves. It must not reject,
 * nor wait for a publish: acknowledgements, which make room for more, are read between messages.
 */
export type MessageHandler = (message: IncomingMessage) => void | Promise<void>;

/** Who connects, and to what. */
export interface LinkSession {
  clientId: string;
  /** Topic filters; the link opens only when the broker grants all of them. */
  subscriptions: readonly string[];
  /** Where `online` and `offline` are kept, also as last will. */
  presenceTopic?: string;
  /** Largest MQTT packet taken from the broker. */
  maxInboundBytes: number;
}

/** Opens one connection. Rejects with an AgentError naming why it could not. */
export type OpenLink = (session: LinkSession, signal: AbortSignal) => Promise<Link>;
