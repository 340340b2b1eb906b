import { AgentError } from "../../config/base/errors.ts";
import { canonicalBody } from "../../crypto/bytes/canonical.ts";
import { sha256 } from "../../crypto/bytes/digest.ts";
import type { Gap } from "../../crypto/entry/ledger-types.ts";
import type { LiveChunk } from "../../crypto/entry/recording-types.ts";
import type { AppendableBody, PendingMediaBody } from "../../crypto/entry/types.ts";
import type { Appended, AppendedMedia, EvidenceWriter } from "../../crypto/entry/writer.ts";

/**
 * An evidence writer that keeps everything in memory: in the order of the calls, answered later than
 * called, refusing what has no canonical form, as the real one does. Can be made slow or full.
 */
export class MemoryWriter implements EvidenceWriter {
  readonly entries: AppendableBody[] = [];
  readonly media = new Map<string, Buffer>();
  /** From this entry on, media is refused as by a full disk. */
  fullFrom = Number.POSITIVE_INFINITY;
  /** Not even an entry without media is taken. */
  full = false;
  #tail: Promise<unknown> = Promise.resolve();
  #gate: Promise<void> = Promise.resolve();
  readonly #watchers = new Set<() => void>();

  append(body: AppendableBody): Promise<Appended> {
    return this.#inOrder(() => this.#commit(body));
  }

  appendMedia(body: PendingMediaBody, content: readonly Uint8Array[]): Promise<AppendedMedia> {
    return this.#inOrder(() => {
      if (this.full || this.entries.length >= this.fullFrom) throw new AgentError("disk-full", "memory");
      const bytes = Buffer.concat(content);
      const digest = sha256(bytes).toString("hex");
      this.media.set(digest, bytes);
      const named = { ...body, digest, bytes: bytes.length, sealed: false } as AppendableBody;
      return { ...this.#commit(named), digest, bytes: bytes.length };
    });
  }

  appendStored(bodies: readonly AppendableBody[]): Promise<Appended[]> {
    return this.#inOrder(() => bodies.map((body) => this.#commit(body)));
  }

  /** Answers nothing until the returned function is called. */
  hold(): () => void {
    let release = () => {};
    this.#gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  of<T extends AppendableBody["type"]>(type: T): Extract<AppendableBody, { type: T }>[] {
    return this.entries.filter((entry) => entry.type === type) as Extract<AppendableBody, { type: T }>[];
  }

  gaps(reason: Gap["reason"]): Gap[] {
    return this.of("device.gap").filter((gap) => gap.reason === reason);
  }

  chunks(rec: string): LiveChunk[] {
    return this.of("recording.chunk").filter(
      (chunk): chunk is LiveChunk => chunk.rec === rec && "key" in chunk,
    );
  }

  /** Chunk 0 ‖ 1 ‖ 2 …: the recording as a file. */
  file(rec: string): Buffer {
    return Buffer.concat(this.chunks(rec).map(({ digest }) => this.media.get(digest) as Buffer));
  }

  /** Resolves with what `found` finds in the entries, when it finds something. */
  async until<T>(what: string, found: () => T | undefined | false, timeoutMs = 15_000): Promise<T> {
    const end = performance.now() + timeoutMs;
    for (;;) {
      const value = found();
      if (value !== undefined && value !== false) return value;
      const leftMs = end - performance.now();
      if (leftMs <= 0) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
      await this.#changed(leftMs);
    }
  }

  #changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#watchers.add(done);
    });
  }

  #commit(body: AppendableBody): Appended {
    if (this.full) throw new AgentError("disk-full", "memory");
    canonicalBody(body);
    this.entries.push(body);
    for (const watcher of [...this.#watchers]) watcher();
    return { seq: this.entries.length - 1 };
  }

  #inOrder<T>(task: () => T): Promise<T> {
    const done = this.#tail.then(async () => {
      await this.#gate;
      await new Promise(setImmediate);
      return task();
    });
    this.#tail = done.catch(() => undefined);
    return done;
  }
}
