import type { Clock } from "../../../config/base/clock.ts";
import type { Random } from "../../../config/base/random.ts";
import type { LineDevice } from "../terminal/device-at-terminal.ts";
import { type Place, sentencesOf } from "./nmea.ts";

export interface SimulatedGnssMeans {
  clock: Clock;
  random: Random;
  /** Between two moments; 1 s by default, as receivers have it. */
  everyMs?: number;
}

/** What goes wrong. */
export interface GnssFaults {
  /** The next so many sentences have a wrong checksum. */
  wrongChecksums: number;
  /** The next so many sentences end in the middle, without a line end. */
  cutSentences: number;
  /** Random bytes before each moment. */
  noiseBytes: number;
  /** Says nothing at all. */
  silent: boolean;
}

/** What the receiver knows, and how it moves. */
export interface GnssSituation {
  hasFix: boolean;
  place: Place;
  metresPerSecond: number;
  /** Degrees from north, clockwise. */
  course: number;
  hdop: number;
  /** Standard deviation in metres; null: not told. */
  errorM: number | null;
  /** How far its clock is ahead. */
  clockErrorMs: number;
  /** False: no date yet, as after a cold start. */
  isDated: boolean;
}

/** The Monument to the People's Heroes, Beijing. */
const PLACE: Place = { latitude: 39.9043673, longitude: 116.3918783 };
const EVERY_MS = 1_000;
const METRES_PER_DEGREE = 111_320;
const KNOTS_PER_MPS = 3600 / 1852;
/** Farther north or south a course means nothing. */
const MOST_LATITUDE = 89;
const RADIANS = Math.PI / 180;

/**
 * A GNSS receiver that is a program: tells RMC and GGA of each moment (NMEA 0183) while it runs and is plugged in,
 * with faults on demand. It is not spoken to.
 */
export class SimulatedGnss implements LineDevice {
  readonly faults: GnssFaults = { wrongChecksums: 0, cutSentences: 0, noiseBytes: 0, silent: false };
  readonly situation: GnssSituation = {
    hasFix: true,
    place: PLACE,
    metresPerSecond: 0,
    course: 0,
    hdop: 0.9,
    errorM: null,
    clockErrorMs: 0,
    isDated: true,
  };
  readonly #means: SimulatedGnssMeans;
  #send: ((bytes: Uint8Array) => void) | null = null;

  constructor(means: SimulatedGnssMeans) {
    this.#means = means;
  }

  plug(send: (bytes: Uint8Array) => void): void {
    this.#send = send;
  }

  unplug(): void {
    this.#send = null;
  }

  receive(): void {}

  /** Tells each moment until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, everyMs = EVERY_MS } = this.#means;
    let lastUs = clock.monoUs();
    while (!signal.aborted) {
      const nowUs = clock.monoUs();
      this.#move((nowUs - lastUs) / 1e6);
      lastUs = nowUs;
      this.#tell();
      await clock.sleep(everyMs, signal).catch(() => undefined);
    }
  }

  /** Puts bytes on the line now, whatever they are. */
  sendNoise(bytes: number): void {
    this.#send?.(this.#means.random.bytes(bytes));
  }

  #tell(): void {
    const { clock } = this.#means;
    const { hasFix, place, metresPerSecond, course, hdop, errorM, clockErrorMs, isDated } = this.situation;
    const { faults } = this;
    if (faults.silent) return;
    if (faults.noiseBytes > 0) this.sendNoise(faults.noiseBytes);
    const sentences = sentencesOf({
      utcMs: clock.utcMs() + clockErrorMs,
      dated: isDated,
      place: hasFix ? place : null,
      knots: metresPerSecond * KNOTS_PER_MPS,
      course,
      hdop,
      errorM,
    });
    for (const line of sentences) this.#send?.(Buffer.from(this.#spoilt(line), "latin1"));
  }

  #spoilt(line: string): string {
    const { faults } = this;
    if (faults.cutSentences > 0) {
      faults.cutSentences--;
      return line.slice(0, line.length / 2);
    }
    if (faults.wrongChecksums > 0) {
      faults.wrongChecksums--;
      // another sum, never the right one
      const wrong = (Number.parseInt(line.slice(-2), 16) ^ 1).toString(16).toUpperCase().padStart(2, "0");
      return `${line.slice(0, -2)}${wrong}\r\n`;
    }
    return `${line}\r\n`;
  }

  #move(seconds: number): void {
    const { metresPerSecond, course, place } = this.situation;
    const metres = metresPerSecond * seconds;
    const north = (metres * Math.cos(course * RADIANS)) / METRES_PER_DEGREE;
    const latitude = Math.max(-MOST_LATITUDE, Math.min(MOST_LATITUDE, place.latitude + north));
    const east = (metres * Math.sin(course * RADIANS)) / (METRES_PER_DEGREE * Math.cos(latitude * RADIANS));
    this.situation.place = { latitude, longitude: within180(place.longitude + east) };
  }
}

function within180(longitude: number): number {
  if (longitude > 180) return longitude - 360;
  return longitude < -180 ? longitude + 360 : longitude;
}
