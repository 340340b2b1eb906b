import type { AppendableBody, PendingMediaBody } from "./types.ts";

/** Where an append landed: it is durable once this is answered. */
export interface Appended {
  seq: number;
}

export interface AppendedMedia extends Appended {
  /** Hex SHA-256 of the stored bytes. */
  digest: string;
  /** Stored length. */
  bytes: number;
}

/**
 * What may be written, by whoever records: answered only when durable (media file first, then the
 * entry's commit). Calls are executed in the order they are made.
 */
export interface EvidenceWriter {
  append(body: AppendableBody): Promise<Appended>;
  /** Stores the concatenation of `content` as one media file, then appends the entry that names it. */
  appendMedia(body: PendingMediaBody, content: readonly Uint8Array[]): Promise<AppendedMedia>;
  /**
   * Appends all of `bodies` in one commit. The media that they name lies in the store already, durably and
   * each with its intent (`StoredMedia`). Rejects with `media-missing` where it does not, and appends nothing.
   */
  appendStored(bodies: readonly AppendableBody[]): Promise<Appended[]>;
}
