import { RangeSet } from "../../../crypto/bytes/ranges.ts";

/** Files whose sent bytes are remembered; more are never open at once. */
const MAX_FILES = 256;

export interface Traffic {
  entries: number;
  entryBytes: number;
  parts: number;
  mediaBytes: number;
  /** Of `mediaBytes`, those that had been sent before. */
  resentMediaBytes: number;
}

const NOTHING: Traffic = { entries: 0, entryBytes: 0, parts: 0, mediaBytes: 0, resentMediaBytes: 0 };

/** Counts what went onto the wire: since the start, and on the present connection. */
export class TrafficCount {
  readonly total: Traffic = { ...NOTHING };
  connection: Traffic = { ...NOTHING };
  readonly #sent = new Map<string, RangeSet>();

  newConnection(): void {
    this.connection = { ...NOTHING };
  }

  addEntries(count: number, bytes: number): void {
    for (const traffic of [this.total, this.connection]) {
      traffic.entries += count;
      traffic.entryBytes += bytes;
    }
  }

  addPart(digest: string, offset: number, bytes: number): void {
    const sent = this.#sent.get(digest) ?? new RangeSet();
    const fresh = sent.missing(offset, offset + bytes).size;
    sent.add(offset, offset + bytes);
    this.#sent.set(digest, sent);
    for (const oldest of this.#sent.keys()) {
      if (this.#sent.size <= MAX_FILES) break;
      this.#sent.delete(oldest);
    }
    for (const traffic of [this.total, this.connection]) {
      traffic.parts++;
      traffic.mediaBytes += bytes;
      traffic.resentMediaBytes += bytes - fresh;
    }
  }
}
