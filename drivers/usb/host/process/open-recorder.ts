import { AgentError } from "../../../../config/base/errors.ts";
import type { Listed, RecorderDriver, RecorderFile } from "../../../recorders/recorder-driver.ts";
import { ASKABLE, type Askable } from "../usb-messages.ts";

/** A page of a listing crosses as one message: at most some 300 KB with names of 1,024 bytes. */
const PAGE_ENTRIES = 256;
const MAX_LISTINGS = 4;

interface Listing {
  entries: AsyncIterator<Listed>;
  stop: AbortController;
}

/** One recorder that the process speaks to. Its driver sees to it that questions and reads take turns on the link. */
export class OpenRecorder {
  readonly driver: RecorderDriver;
  readonly insertion: number;
  readonly #listings = new Map<number, Listing>();
  readonly #gone = new AbortController();

  constructor(driver: RecorderDriver, insertion: number) {
    this.driver = driver;
    this.insertion = insertion;
  }

  ask(method: Askable, args: unknown[], signal: AbortSignal): Promise<unknown> {
    if (!ASKABLE.includes(method)) throw new AgentError("unsupported", String(method));
    const run = this.driver[method] as (...args: unknown[]) => Promise<unknown>;
    return this.#limit(signal, (limited) => run.call(this.driver, ...args, limited));
  }

  /** The next page of a listing; one that is not known yet begins. */
  async listPage(listing: number, signal: AbortSignal): Promise<{ listed: Listed[]; done: boolean }> {
    return this.#limit(signal, async () => {
      const entries = this.#listing(listing);
      const listed: Listed[] = [];
      while (listed.length < PAGE_ENTRIES) {
        signal.throwIfAborted();
        const next = await entries.next();
        if (next.done === true) {
          this.#listings.delete(listing);
          return { listed, done: true };
        }
        listed.push(next.value);
      }
      return { listed, done: false };
    }).catch((error: unknown) => {
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

  #listing(listing: number): AsyncIterator<Listed> {
    const known = this.#listings.get(listing);
    if (known !== undefined) return known.entries;
    if (this.#listings.size >= MAX_LISTINGS) throw new AgentError("recorder-listing", "too many at once");
    // it outlives the call that begins it, and ends with the link
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#gone.signal, stop.signal]);
    const entries = this.driver.list(signal)[Symbol.asyncIterator]();
    this.#listings.set(listing, { entries, stop });
    return entries;
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
