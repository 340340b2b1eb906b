import type { Clock } from "../../config/base/clock.ts";
import { AgentError } from "../../config/base/errors.ts";
import type { Link } from "../link/link.ts";
import { type Address, upTopic } from "../wire/topics.ts";

const ANSWER_MS = 10_000;

export interface PartAskerParts {
  address: Address;
  link: () => Link | null;
  clock: Clock;
}

interface Waiting {
  digest: string;
  offset: number;
  take: (bytes: Buffer) => void;
}

/** Asks the receiver for parts of an ordered bundle, one at a time: whoever asks again resumes. */
export class PartAsker {
  readonly #parts: PartAskerParts;
  #waiting: Waiting | null = null;

  constructor(parts: PartAskerParts) {
    this.#parts = parts;
  }

  /**
   * The bytes from `offset` on, as many as the receiver sends at once; none: it has no more, or no such bundle. Throws
   * `no-link`, `no-answer`, `busy`, or the signal's reason.
   */
  async ask(digest: string, offset: number, signal: AbortSignal): Promise<Buffer> {
    const { address, link: current, clock } = this.#parts;
    const link = current();
    const place = `${digest.slice(0, 16)}… at ${offset}`;
    if (link === null) throw new AgentError("no-link", place);
    if (this.#waiting !== null) throw new AgentError("busy", place);
    const ending = new AbortController();
    const arrived = new Promise<Buffer>((take) => {
      this.#waiting = { digest, offset, take };
    });
    const late = clock.sleep(ANSWER_MS, AbortSignal.any([signal, ending.signal])).then(() => {
      throw new AgentError("no-answer", place);
    });
    try {
      const subject = { kind: "want", digest, offset } as const;
      await link.publish({ topic: upTopic(address, subject), payload: Buffer.alloc(0) });
      return await Promise.race([arrived, late]);
    } finally {
      this.#waiting = null;
      ending.abort();
      late.catch(() => {});
    }
  }

  /** What nobody waits for is a late answer to a question that was asked again. */
  arrived(digest: string, offset: number, bytes: Buffer): void {
    if (this.#waiting?.digest === digest && this.#waiting.offset === offset) this.#waiting.take(bytes);
  }
}
