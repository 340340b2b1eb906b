import type { Clock } from "../../../../config/base/clock.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import type { Listed, RecorderDriver, RecorderFile } from "../../../recorders/recorder-driver.ts";
import { ASKABLE, type Askable } from "../usb-messages.ts";

/** A page of a listing crosses as one message: at most some 300 KB with names of 1,024 bytes. */
const PAGE_ENTRIES = 256;
/** A driver may look at many objects before there is one to tell: a page does not wait for it longer. */
const PAGE_MS = 5_000;
const MAX_LISTINGS = 4;

interface Listing {
  entries: AsyncIterator<Listed>;
  /** Asked for, and not on a page yet. */
  next: Promise<IteratorResult<Listed>> | null;
  stop: AbortController;
}

/** One recorder that the process speaks to. Its driver sees to it that questions and reads take turns on the link. */
export class OpenRecorder {
  readonly driver: RecorderDriver;
  readonly insertion: number;
  readonly #clock: Clock;
  readonly #listings = new Map<number, Listing>();
  readonly #gone = new AbortController();

  constructor(driver: RecorderDriver, insertion: number, clock: Clock) {
    this.driver = driver;
    this.insertion = insertion;
    this.#clock = clock;
  }

  ask(method: Askable, args: unknown[], signal: AbortSignal): Promise<unknown> {
    if (!ASKABLE.includes(method)) throw new AgentError("unsupported", String(method));
    const run = this.driver[method] as (...args: unknown[]) => Promise<unknown>;
    return this.#limit(signal, (limited) => run.call(this.driver, ...args, limited));
  }

  /** The next page of a listing, empty when there is nothing to tell in a while; one that is not known yet begins. */
  async listPage(listing: number, signal: AbortSignal): Promise<{ listed: Listed[]; done: boolean }> {
    const full = new AbortController();
    const late = this.#clock.sleep(PAGE_MS, full.signal).catch(() => undefined);
    const page = this.#limit(signal, async () => {
      const known = this.#listing(listing);
      const listed: Listed[] = [];
      while (listed.length < PAGE_ENTRIES) {
        signal.throwIfAborted();
        known.next ??= known.entries.next();
        const next = await Promise.race([known.next, late]);
        if (next === undefined) break;
        known.next = null;
        if (next.done === true) {
          this.#listings.delete(listing);
          return { listed, done: true };
        }
        listed.push(next.value);
      }
      // it may fail before the next page is asked for, which then tells so
      known.next?.catch(() => {});
      return { listed, done: false };
    });
    return page
      .finally(() => full.abort())
      .catch((error: unknown) => {
        // not awaited: what is still under way may take long to end
        void this.endListing(listing);
        throw error;
      });
  }

  async endListing(listing: number): Promise<void> {
    const known = this.#listings.get(listing);
    this.#listings.delete(listing);
    known?.stop.abort(new AgentError("recorder-gone", "no longer listed"));
    await known?.entries.return?.().catch(() => {});
  }

  /** As `RecorderDriver.read`; ends with the link as well. */
  async *read(
    file: RecorderFile,
    offset: number,
    length: number,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    const limited = AbortSignal.any([signal, this.#gone.signal]);
    try {
      yield* this.driver.read(file, offset, length, limited);
    } catch (error) {
      throw asRecorderError(error);
    }
  }

  /** Never throws. What is still asked fails with `recorder-gone`. */
  async close(): Promise<void> {
    this.#gone.abort(new AgentError("recorder-gone", "its link is closed"));
    await this.driver.close();
  }

  async #limit<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limited = AbortSignal.any([signal, this.#gone.signal]);
    try {
      return await work(limited);
    } catch (error) {
      throw asRecorderError(error);
    }
  }

  #listing(listing: number): Listing {
    const known = this.#listings.get(listing);
    if (known !== undefined) return known;
    if (this.#listings.size >= MAX_LISTINGS) throw new AgentError("recorder-listing", "too many at once");
    // it outlives the call that begins it, and ends with the link
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#gone.signal, stop.signal]);
    const begun = { entries: this.driver.list(signal)[Symbol.asyncIterator](), next: null, stop };
    this.#listings.set(listing, begun);
    return begun;
  }
}

/** What a link says, in the words of `RecorderDriver`; everything else as it is. */
export function asRecorderError(error: unknown): unknown {
  if (!(error instanceof AgentError)) return error;
  switch (error.code) {
    case "usb-gone":
      return new AgentError("recorder-gone", error.place, { cause: error });
    case "usb-timeout":
      return new AgentError("recorder-silent", error.place, { cause: error });
    case "usb-stall":
    case "usb-overflow":
    case "usb-failed":
      return new AgentError("recorder-answer", error.place, { cause: error });
  }
  return error;
}
