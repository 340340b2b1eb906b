import { existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as afterOthers } from "node:timers/promises";
import type { Clock } from "../../../../config/base/clock.ts";
import { Counters } from "../../../../config/base/counters.ts";
import { errorCode } from "../../../../config/base/errors.ts";
import type { Logger } from "../../../../config/base/logger.ts";
import type { Random } from "../../../../config/base/random.ts";
import { settingsDigest } from "../../../../config/digest.ts";
import { deviceVkey } from "../../../../crypto/keys/vkey.ts";
import { type CheckpointRow, LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { openCheckpoint } from "../../../../crypto/proof/note.ts";
import { keepLinked } from "../../../../sync/link/keep-linked.ts";
import type { Link, OpenLink } from "../../../../sync/link/link.ts";
import type { Mapping } from "../view/mapping.ts";
import { changedActivities } from "./changes.ts";
import { ShareCursors } from "./cursors.ts";
import { deliver } from "./deliver.ts";
import { messagesOf } from "./messages.ts";

/** A ledger that may have something to tell. */
export interface ShareSource {
  dev: string;
  /** Holds its `ledger.db`. */
  dataDir: string;
  /** Entries as far as is known; null: nobody looked. */
  size: number | null;
}

export interface SharerParts {
  /** Where the cursors are kept. */
  dataDir: string;
  clientId: string;
  prefix: string;
  mapping: Mapping;
  sources: () => Iterable<ShareSource>;
  openLink: OpenLink;
  clock: Clock;
  random: Random;
  log: Logger;
}

export interface SharerStatus {
  linked: boolean;
  /** Messages that the platform's broker took since the start. */
  published: number;
  /** Ledgers with something that it was not told yet. */
  waiting: number;
  /** Since when nothing went although something waits, or there is no link; null: all is well. */
  stalledMs: number | null;
  counters: Record<string, number>;
}

const ROUND_EVERY_MS = 5_000;
/** Entries looked through before others get their turn, and before the cursor moves. */
const SLICE = 1_000;
/** Nothing is subscribed to; what comes all the same is dropped at this size. */
const MAX_INBOUND_BYTES = 16 * 1024;

/**
 * Tells a platform what the ledgers say, as far as a witness cosigned it (sharing.md, "Live"). It only reads
 * the ledgers, subscribes to nothing, and holds nothing in memory but one slice: what a broken link or a restart
 * kept from being acknowledged is told again from the cursor on.
 */
export class Sharer {
  readonly #parts: SharerParts;
  readonly #cursors: ShareCursors;
  readonly #counters = new Counters();
  readonly #stopping = new AbortController();
  /** Size up to which each ledger was told. */
  readonly #done = new Map<string, number>();
  readonly #lookedAt = new Set<string>();
  readonly #waiting = new Set<string>();
  #link: Link | null = null;
  #published = 0;
  #progressUs: number;
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: SharerParts) {
    this.#parts = parts;
    const { dataDir, prefix, mapping } = parts;
    this.#cursors = new ShareCursors(dataDir, (dev) =>
      settingsDigest({ prefix, ...mapping.settingsFor(dev) }),
    );
    this.#progressUs = parts.clock.monoUs();
  }

  /** Connects, and keeps telling until `stop`. */
  start(): void {
    const { openLink, clientId, clock, random, log } = this.#parts;
    const { signal } = this.#stopping;
    const session = { clientId, subscriptions: [], maxInboundBytes: MAX_INBOUND_BYTES };
    const linking = keepLinked(
      { open: openLink, session, clock, random, log, counters: this.#counters },
      (link) => this.#use(link),
      signal,
    );
    this.#running = Promise.all([linking, this.#work(signal)]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  status(): SharerStatus {
    const idleMs = Math.floor((this.#parts.clock.monoUs() - this.#progressUs) / 1000);
    const isWell = this.#link !== null && this.#waiting.size === 0;
    return {
      linked: this.#link !== null,
      published: this.#published,
      waiting: this.#link === null ? this.#behind() : this.#waiting.size,
      stalledMs: isWell ? null : idleMs,
      counters: this.#counters.snapshot(),
    };
  }

  /** How many ledgers are longer than was told: nobody looks into them while there is no link. */
  #behind(): number {
    let behind = 0;
    for (const { dev, size } of this.#parts.sources()) {
      if (this.#waiting.has(dev) || (size !== null && size > this.#toldOf(dev))) behind++;
    }
    return behind;
  }

  #toldOf(dev: string): number {
    const done = this.#done.get(dev);
    if (done !== undefined) return done;
    try {
      return this.#cursors.get(dev);
    } catch (error) {
      if (errorCode(error) === "share-cursor-damaged") return 0;
      throw error;
    }
  }

  #use(link: Link): void {
    this.#link = link;
    void link.ended.then(() => {
      if (this.#link === link) this.#link = null;
    });
    // a platform commands nothing
    link.deliverTo(() => this.#counters.add("unasked-message"));
  }

  async #work(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const link = this.#link;
      if (link !== null) await this.#round(link, signal);
      await this.#parts.clock.sleep(ROUND_EVERY_MS, signal).catch(() => {});
    }
  }

  /** Every ledger once; what is wrong with one keeps no other back. */
  async #round(link: Link, signal: AbortSignal): Promise<void> {
    for (const source of this.#parts.sources()) {
      if (signal.aborted || this.#link !== link) return;
      if (this.#isDone(source)) continue;
      try {
        await this.#tell(source, link, signal);
      } catch (error) {
        this.#waiting.add(source.dev);
        this.#counters.add(errorCode(error));
        this.#parts.log.warn({ dev: source.dev, code: errorCode(error), err: error }, "ledger not shared");
      }
      await afterOthers();
    }
    if (this.#waiting.size === 0) this.#progressUs = this.#parts.clock.monoUs();
  }

  /** What nobody heard of since the start was looked at once. */
  #isDone({ dev, size }: ShareSource): boolean {
    const done = this.#done.get(dev);
    return done !== undefined && (size === null ? this.#lookedAt.has(dev) : size === done);
  }

  async #tell({ dev, dataDir }: ShareSource, link: Link, signal: AbortSignal): Promise<void> {
    if (!existsSync(join(dataDir, "ledger.db"))) return;
    const reader = LedgerReader.open(dataDir);
    try {
      const checkpoint = reader.newestCosigned();
      if (checkpoint !== null) {
        openCheckpoint(checkpoint.note, deviceVkey(reader.deviceKey));
        if (this.#cursors.get(dev) < checkpoint.size) this.#waiting.add(dev);
        if (!(await this.#tellUpTo(checkpoint, reader, link, signal))) return;
      }
      this.#waiting.delete(dev);
      this.#done.set(dev, checkpoint?.size ?? 0);
      this.#lookedAt.add(dev);
    } finally {
      reader.close();
    }
  }

  /** Slice by slice; false where the link or the program ended before. */
  async #tellUpTo(
    checkpoint: CheckpointRow,
    reader: LedgerReader,
    link: Link,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { mapping, prefix, clock } = this.#parts;
    for (let since = this.#cursors.get(reader.dev); since < checkpoint.size; ) {
      const to = Math.min(since + SLICE, checkpoint.size);
      let told = 0;
      for (const activity of changedActivities(reader, since, to)) {
        const messages = messagesOf(activity, { reader, mapping, prefix, since, checkpoint });
        if (signal.aborted || !(await deliver(link, messages, clock))) return false;
        told += messages.length;
      }
      this.#published += told;
      if (told > 0) this.#progressUs = clock.monoUs();
      // a slice with nothing in it is read again sooner than synced
      if (told > 0 || to === checkpoint.size) this.#cursors.set(reader.dev, to);
      since = to;
      await afterOthers();
    }
    return true;
  }
}
