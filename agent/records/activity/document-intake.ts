import { AgentError } from "../../../config/base/errors.ts";
import { type Random, uuid } from "../../../config/base/random.ts";
import type { ActivityDocument, ActivityTemplate } from "../../../crypto/entry/activity-types.ts";
import type { MediaFields } from "../../../crypto/entry/media-fields.ts";
import type { Blocks } from "../../../crypto/media/blocks.ts";
import type { DirectFile } from "../../../crypto/media/direct-file.ts";
import { intentText } from "../../../crypto/media/intent.ts";
import { type Recipient, Sealer } from "../../../crypto/media/seal.ts";
import type { MediaStore } from "../../../crypto/media/store.ts";

export interface IntakeParts {
  store: MediaStore;
  blocks: Blocks;
  random: Random;
  keepFreeBytes: number;
  recipients: readonly Recipient[];
}

/** Of one document. Scans of a whole case file stay below it. */
export const MAX_DOCUMENT_BYTES = 256 * 2 ** 20;
/** Documents that are being handed over at once. */
const MAX_OPEN = 4;

interface Intake {
  bytes: number;
  received: number;
  file: DirectFile;
  sealer: Sealer | null;
}

/** A document without its media fields. */
export type PendingDocument = Omit<ActivityDocument, keyof MediaFields>;

/** A template's text without its media fields. */
export type PendingTemplate = Omit<ActivityTemplate, keyof MediaFields>;

/**
 * Documents on their way into the media store, part by part: hashed, sealed if so configured, written,
 * never whole in memory. What is not finished when the agent ends is gone; nothing was promised of it.
 */
export class DocumentIntake {
  readonly #parts: IntakeParts;
  readonly #open = new Map<string, Intake>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Answers the name under which parts are given. Throws `document-too-large` or `disk-full`. */
  begin(bytes: number): string {
    const { store, blocks, random, keepFreeBytes, recipients } = this.#parts;
    if (bytes > MAX_DOCUMENT_BYTES) throw new AgentError("document-too-large", `${bytes} bytes`);
    if (this.#open.size >= MAX_OPEN) this.#giveUpOldest();
    store.requireRoom(bytes, keepFreeBytes);
    const name = uuid(random);
    const sealer = recipients.length > 0 ? new Sealer(recipients, random) : null;
    this.#open.set(name, { bytes, received: 0, file: store.begin(random, blocks), sealer });
    return name;
  }

  /** Takes the next part. Rejects with `intake-unknown`, `document-length`, `disk-full` or `media-write-failed`. */
  async take(name: string, part: Uint8Array): Promise<number> {
    const intake = this.#find(name);
    if (intake.received + part.length > intake.bytes) throw this.#refuse(name, "more than was announced");
    intake.received += part.length;
    try {
      if (intake.sealer === null) await intake.file.write(part);
      else for (const sealed of intake.sealer.push(part)) await intake.file.write(sealed);
    } catch (error) {
      this.#giveUp(name);
      throw error;
    }
    return intake.received;
  }

  /**
   * Makes the document durable and answers the entry that names it, with its note left for a crash.
   * Rejects as `take` does, also where bytes are missing.
   */
  async finish(name: string, pending: PendingDocument): Promise<ActivityDocument> {
    const intake = this.#find(name);
    const { file, sealer } = intake;
    if (intake.received < intake.bytes) throw this.#refuse(name, `${intake.received} of ${intake.bytes}`);
    this.#open.delete(name);
    try {
      let sealed: Pick<MediaFields, "sealed" | "plain_digest" | "plain_bytes"> = { sealed: false };
      if (sealer !== null) {
        const { rest, fields } = sealer.end();
        for (const last of rest) await file.write(last);
        sealed = { sealed: true, ...fields };
      }
      const body = { ...pending, digest: file.digest(), bytes: file.bytes, ...sealed };
      await this.#parts.store.adoptLater(file, body.digest, intentText({ body }));
      return body;
    } catch (error) {
      file.discard();
      throw error;
    }
  }

  /** Makes a text durable as it is, never sealed: whoever holds the ledger must be able to read it. */
  async keepPlain(content: Uint8Array, pending: PendingTemplate): Promise<ActivityTemplate> {
    const { store, blocks, random, keepFreeBytes } = this.#parts;
    store.requireRoom(content.length, keepFreeBytes);
    const file = store.begin(random, blocks);
    try {
      await file.write(content);
      const body = { ...pending, digest: file.digest(), bytes: file.bytes, sealed: false };
      await store.adoptLater(file, body.digest, intentText({ body }));
      return body;
    } catch (error) {
      file.discard();
      throw error;
    }
  }

  /** Gives up what is not finished. */
  close(): void {
    for (const name of [...this.#open.keys()]) this.#giveUp(name);
  }

  #find(name: string): Intake {
    const intake = this.#open.get(name);
    if (intake === undefined) throw new AgentError("intake-unknown", name);
    return intake;
  }

  #refuse(name: string, detail: string): AgentError {
    this.#giveUp(name);
    return new AgentError("document-length", detail);
  }

  #giveUpOldest(): void {
    const [oldest] = this.#open.keys();
    if (oldest !== undefined) this.#giveUp(oldest);
  }

  #giveUp(name: string): void {
    this.#open.get(name)?.file.discard();
    this.#open.delete(name);
  }
}
