import type { Clock } from "../../../config/base/clock.ts";
import type { Counters } from "../../../config/base/counters.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { Random } from "../../../config/base/random.ts";
import { keepOpen } from "../line/keep-open.ts";
import type { OpenSerialPort, SerialPort } from "../line/serial-port.ts";
import { TextLines } from "../line/text-lines.ts";
import { type GnssPosition, type GnssTime, GnssTracker } from "./gnss-tracker.ts";

export interface GnssReceiverMeans {
  open: OpenSerialPort;
  clock: Clock;
  random: Random;
  /** `nmea-…`, `gnss-…` and `serial-…`: what was not read, and ends of the line. */
  counters: Counters;
  /** The line has ended or does not open; repeated as long as it lasts. Must not throw. */
  onTrouble(reason: AgentError): void;
  /** A line came, after the start or after a trouble. Must not throw. */
  onHeard(): void;
}

/** NMEA 0183 allows 82 characters; some receivers take more. */
const MAX_LINE_BYTES = 128;
/** A receiver without any fix talks too, every second. */
const SILENT_US = 15_000_000;
const WATCH_MS = 1_000;

/** A GNSS receiver behind a serial line. Does nothing until `run`. */
export class GnssReceiver {
  readonly #means: GnssReceiverMeans;
  readonly #tracker: GnssTracker;
  #isHeard = false;
  #heardUs = 0;

  constructor(means: GnssReceiverMeans) {
    this.#means = means;
    const { clock, counters } = means;
    this.#tracker = new GnssTracker({ monoUs: () => clock.monoUs(), counters });
  }

  /** Keeps the line open, over unplugging and replugging, until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { open, clock, random, counters } = this.#means;
    const onTrouble = (reason: AgentError) => {
      this.#isHeard = false;
      this.#tracker.lost();
      this.#means.onTrouble(reason);
    };
    await keepOpen({ open, clock, random, counters, onTrouble }, (port) => this.#listen(port), signal);
    this.#tracker.lost();
  }

  /** null: no valid fix, or one that is too old. */
  position(): GnssPosition | null {
    return this.#tracker.position();
  }

  /** The moment of the call. null: no valid fix, or no date that is believed. */
  time(): GnssTime | null {
    return this.#tracker.time();
  }

  #listen(port: SerialPort): void {
    const { clock, counters } = this.#means;
    const lines = new TextLines(MAX_LINE_BYTES, {
      onLine: (line) => this.#take(line),
      onDiscarded: (bytes) => counters.add("nmea-discarded-bytes", bytes),
    });
    this.#heardUs = clock.monoUs();
    port.deliverTo((bytes) => lines.push(bytes));
    const over = new AbortController();
    void port.ended.then(() => over.abort());
    void this.#watch(port, over.signal);
  }

  #take(line: string): void {
    this.#heardUs = this.#means.clock.monoUs();
    if (!this.#isHeard) {
      this.#isHeard = true;
      this.#means.onHeard();
    }
    this.#tracker.take(line);
  }

  /** Ends a port on which nothing comes, so that it is opened anew. */
  async #watch(port: SerialPort, signal: AbortSignal): Promise<void> {
    const { clock } = this.#means;
    while (!signal.aborted) {
      await clock.sleep(WATCH_MS, signal).catch(() => undefined);
      if (!signal.aborted && clock.monoUs() - this.#heardUs > SILENT_US) {
        await port.close(new AgentError("gnss-silent", port.path));
        return;
      }
    }
  }
}
