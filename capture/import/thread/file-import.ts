import { createHash, type Hash } from "node:crypto";
import { type AgentError, errorCode } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import type { ImportChunk } from "../../../crypto/entry/recording-types.ts";
import type { Blocks } from "../../../crypto/media/blocks.ts";
import type { DirectFile } from "../../../crypto/media/direct-file.ts";
import { intentText } from "../../../crypto/media/intent.ts";
import { type Recipient, Sealer } from "../../../crypto/media/seal.ts";
import type { MediaStore } from "../../../crypto/media/store.ts";
import type { ReadingEnd, Step } from "../steps.ts";
import type { ByteReader } from "./byte-reader.ts";
import { counting, SCRATCH, type Sink } from "./sink.ts";

export interface FileImportParts {
  store: MediaStore;
  blocks: Blocks;
  random: Random;
  keepFreeBytes: number;
  recipients: readonly Recipient[];
  chunkBytes: number;
}

/** A chunk that is being read, or written and not yet durable. */
interface Draft {
  n: number;
  /** Of its first byte in the file. */
  offset: number;
  /** Content read so far. */
  bytes: number;
  file: DirectFile;
  sealer: Sealer | null;
  /** The hash of the file before this chunk: where a chunk that cannot be stored begins again. */
  before: Hash;
}

/** A draft whose content is complete. */
interface WholeDraft {
  draft: Draft;
  chunk: ImportChunk;
  end: ReadingEnd | null;
}

/** A sealed chunk is so much longer than its content, at most. */
const SEAL_OVERHEAD_BYTES = 64 * 1024;
/** The kernel tells a bad sector like a device that was pulled out: who fails so often at one byte is the former. */
const FAILURES_AT_ONE_BYTE = 3;
const STORE_FAILURES = new Set(["disk-full", "media-write-failed"]);

/**
 * One file on its way from a recorder into the media store: each byte is read once, hashed for its chunk and
 * for the whole file, sealed if so configured, and written. Survives the loss of its reader at any byte; with
 * another one it goes on there. What the store refuses is read again from the chunk's first byte on.
 */
export class FileImport {
  readonly #rec: string;
  readonly #claimedBytes: number;
  readonly #parts: FileImportParts;
  /** Null while there is none, and once the file is read. */
  #reader: ByteReader | null;
  #interruption = new AbortController();
  #fileHash = createHash("sha256");
  #n = 0;
  /** Content of the file read so far: where reading goes on. */
  #offset = 0;
  #draft: Draft | null = null;
  #end: ReadingEnd | null = null;
  /** Why nothing more is read until there is another reader. */
  #trouble: { error: unknown } | null = null;
  #failed = { offset: -1, times: 0 };
  #reading: Promise<unknown> = Promise.resolve();
  #storing: Promise<unknown> = Promise.resolve();
  /** Raised when a chunk could not be made durable, so that those read behind it are not stored. */
  #attempt = 0;

  constructor(order: { rec: string; bytes: number }, reader: ByteReader, parts: FileImportParts) {
    this.#rec = order.rec;
    this.#claimedBytes = order.bytes;
    this.#reader = reader;
    this.#parts = parts;
  }

  /** Goes on with another reader of the same file. */
  attach(reader: ByteReader): void {
    this.#closeReader();
    this.#reader = reader;
    this.#trouble = null;
    this.#interruption = new AbortController();
  }

  /** Ends the reading at the next piece. */
  interrupt(): void {
    this.#interruption.abort();
  }

  /** Reads and stores the next chunk. The next one may be read while this one becomes durable. */
  async step(): Promise<Step> {
    const attempt = this.#attempt;
    const read = this.#inTurn(() => this.#readChunk());
    return await this.#store(read, attempt);
  }

  /** Stores what was read of an unfinished chunk. Nothing is read any more. */
  async seal(): Promise<Step> {
    this.interrupt();
    const attempt = this.#attempt;
    const read = this.#inTurn(async () => {
      this.#closeReader();
      return this.#complete(null);
    });
    return await this.#store(read, attempt);
  }

  /** Gives up what is not stored, and the reader. */
  drop(): void {
    this.interrupt();
    this.#draft?.file.discard();
    this.#draft = null;
    this.#closeReader();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#reading.then(work);
    this.#reading = done.catch(() => undefined);
    return done;
  }

  async #readChunk(): Promise<WholeDraft | null> {
    if (this.#trouble !== null) throw this.#trouble.error;
    if (this.#end !== null) return null;
    try {
      this.#signal.throwIfAborted();
      return await this.#readToEnd();
    } catch (error) {
      if (STORE_FAILURES.has(errorCode(error))) this.#beginAgain(this.#draft);
      this.#trouble ??= { error };
      throw this.#trouble.error;
    } finally {
      // a file that is held open keeps its card from being unmounted
      if (this.#trouble !== null || this.#end !== null) this.#closeReader();
    }
  }

  async #readToEnd(): Promise<WholeDraft | null> {
    try {
      return await this.#readOn();
    } catch (error) {
      const reason = this.#isBadSector(error) ? "read-error" : errorCode(error);
      if (reason !== "file-gone" && reason !== "read-error") throw error;
      return this.#finish({ reason, fileDigest: null });
    }
  }

  async #readOn(): Promise<WholeDraft | null> {
    const left = this.#claimedBytes - this.#offset;
    const inDraft = this.#draft?.bytes ?? 0;
    const wanted = Math.min(left, this.#parts.chunkBytes - inDraft);
    const goal = this.#offset + wanted;
    if (wanted > 0) {
      const draft = this.#draft ?? this.#begin();
      await this.#reader?.read(this.#offset, wanted, this.#sinkOf(draft), this.#signal);
    }
    if (this.#offset < goal) return this.#finish({ reason: "shorter-than-claimed", fileDigest: null });
    if (goal < this.#claimedBytes) return this.#complete(null);
    if (await this.#goesOn()) return this.#finish({ reason: "longer-than-claimed", fileDigest: null });
    return this.#finish({ reason: "imported", fileDigest: this.#fileHash.copy().digest("hex") });
  }

  get #signal(): AbortSignal {
    return this.#interruption.signal;
  }

  /** True if there is a byte behind the last that was claimed. */
  async #goesOn(): Promise<boolean> {
    let more = false;
    const sink = counting(() => {
      more = true;
    });
    await this.#reader?.read(this.#claimedBytes, 1, sink, this.#signal);
    return more;
  }

  #begin(): Draft {
    const { store, blocks, random, recipients, keepFreeBytes, chunkBytes } = this.#parts;
    const room = Math.min(chunkBytes, this.#claimedBytes - this.#offset) + SEAL_OVERHEAD_BYTES;
    store.requireRoom(room, keepFreeBytes);
    const before = this.#fileHash.copy();
    const isSealed = recipients.length > 0;
    // so far the plain chunk is the file: its digest is the file's
    const shared = this.#n === 0 && !isSealed ? [this.#fileHash] : [];
    const file = store.begin(random, blocks, ...shared);
    const sealer = isSealed ? new Sealer(recipients, random) : null;
    this.#draft = { n: this.#n, offset: this.#offset, bytes: 0, file, sealer, before };
    return this.#draft;
  }

  #sinkOf(draft: Draft): Sink {
    let room: Uint8Array = SCRATCH;
    return {
      room: () => {
        this.#requireOpen(draft);
        room = draft.sealer === null ? draft.file.room() : SCRATCH;
        return room;
      },
      took: (bytes) => {
        this.#requireOpen(draft);
        return this.#take(draft, room.subarray(0, bytes));
      },
    };
  }

  /** A draft that was given up takes nothing more. */
  #requireOpen(draft: Draft): void {
    if (draft !== this.#draft) throw this.#trouble?.error ?? this.#signal.reason;
  }

  #take(draft: Draft, piece: Uint8Array): Promise<void> | null {
    const { n, file, sealer } = draft;
    if (n > 0 || sealer !== null) this.#fileHash.update(piece);
    let behind: Promise<void> | null = null;
    if (sealer === null) behind = file.took(piece.length);
    else for (const part of sealer.push(piece)) behind = file.write(part) ?? behind;
    draft.bytes += piece.length;
    this.#offset += piece.length;
    return behind;
  }

  #finish(end: ReadingEnd): WholeDraft | null {
    this.#end = end;
    return this.#complete(end);
  }

  /** Ends a chunk's content; null if it has none. The next chunk may be read from now on. */
  #complete(end: ReadingEnd | null): WholeDraft | null {
    const draft = this.#draft;
    if (draft === null || draft.bytes === 0) {
      draft?.file.discard();
      this.#draft = null;
      return null;
    }
    const { n, offset, file, sealer } = draft;
    let sealed: Pick<ImportChunk, "sealed" | "plain_digest" | "plain_bytes"> = { sealed: false };
    if (sealer !== null) {
      const { rest, fields } = sealer.end();
      for (const part of rest) void file.write(part);
      sealed = { sealed: true, ...fields };
    }
    const media = { digest: file.digest(), bytes: file.bytes, ...sealed };
    this.#draft = null;
    this.#n = n + 1;
    return { draft, chunk: { type: "recording.chunk", rec: this.#rec, n, offset, ...media }, end };
  }

  /** Makes a chunk durable, after those before it. */
  #store(read: Promise<WholeDraft | null>, attempt: number): Promise<Step> {
    const before = this.#storing;
    const stored = (async () => {
      const whole = await read;
      this.#beginSync(whole);
      await before;
      if (attempt !== this.#attempt) throw this.#giveUp(whole);
      return whole === null ? { chunk: null, end: this.#end } : await this.#makeDurable(whole);
    })();
    this.#storing = stored.catch(() => undefined);
    return stored;
  }

  /** The disk may begin with a chunk while those before it are not named yet. */
  #beginSync(whole: WholeDraft | null): void {
    if (whole === null || this.#parts.store.bytes(whole.chunk.digest) !== null) return;
    whole.draft.file.sync().catch(() => {
      // told to whoever names the file
    });
  }

  async #makeDurable({ draft, chunk, end }: WholeDraft): Promise<Step> {
    const fileDigest = end?.fileDigest ?? null;
    const intent = intentText(fileDigest === null ? { body: chunk } : { body: chunk, fileDigest });
    try {
      await this.#parts.store.adoptLater(draft.file, chunk.digest, intent);
      return { chunk, end };
    } catch (error) {
      this.#trouble = { error };
      this.#attempt++;
      this.#beginAgain(draft);
      this.interrupt();
      void this.#inTurn(async () => this.#closeReader());
      throw error;
    }
  }

  /** A chunk that was read behind one that could not be stored. */
  #giveUp(whole: WholeDraft | null): unknown {
    whole?.draft.file.discard();
    return this.#trouble?.error ?? this.#signal.reason;
  }

  /** Goes back to the first byte of a draft that could not be stored. */
  #beginAgain(draft: Draft | null): void {
    if (draft === null) return;
    this.#draft?.file.discard();
    draft.file.discard();
    this.#draft = null;
    this.#end = null;
    this.#n = draft.n;
    this.#offset = draft.offset;
    this.#fileHash = draft.before;
  }

  #closeReader(): void {
    this.#draft?.file.park();
    this.#reader?.close();
    this.#reader = null;
  }

  #isBadSector(error: unknown): boolean {
    const cause = (error as AgentError).cause as NodeJS.ErrnoException | undefined;
    if (cause?.code !== "EIO") return false;
    const times = this.#failed.offset === this.#offset ? this.#failed.times + 1 : 1;
    this.#failed = { offset: this.#offset, times };
    return times >= FAILURES_AT_ONE_BYTE;
  }
}
