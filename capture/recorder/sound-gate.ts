import { SilenceLog } from "../recording/silence-log.ts";

/** The part of the camera that the gate works on; see `CameraSupervisor`. */
export interface SoundSource {
  readonly silenceable: boolean | null;
  readonly bornSilent: boolean;
  setSilent(silent: boolean): void;
  liveUs(): number | null;
}

/**
 * A mute command takes effect in what ffmpeg filters at that moment, some 60 ms after the stream's
 * time as seen from outside, later on a busy machine. A signed gap is rather too long than too short.
 */
const MUTE_LEAD_US = 100_000;
const MUTE_TAIL_US = 500_000;

/** Decides when sound is silent: when the wearer mutes it, and in a pre-event buffer without sound. */
export class SoundGate {
  /** When the present stream was silent. */
  readonly silences = new SilenceLog();
  readonly #source: SoundSource;
  readonly #preEventSound: boolean;
  #muted = false;
  #wanted = false;
  #silent = false;

  constructor(source: SoundSource, preEventSound: boolean) {
    this.#source = source;
    this.#preEventSound = preEventSound;
  }

  get muted(): boolean {
    return this.#muted && this.#source.silenceable !== false;
  }

  /** False: the stream has no sound, or none that may be silenced. */
  mute(muted: boolean): boolean {
    if (this.#source.silenceable === false) return false;
    this.#muted = muted;
    this.apply();
    return true;
  }

  /** Whether a recording is wanted. Muting ends with it: it is no habit of the recorder. */
  want(wanted: boolean): void {
    if (this.#wanted && !wanted) this.#muted = false;
    this.#wanted = wanted;
    this.apply();
  }

  /** A new stream has begun, with a fragment up to `toUs`. */
  streamBegun(toUs: number): void {
    const { silenceable, bornSilent } = this.#source;
    this.silences.reset(bornSilent && silenceable === true);
    if (bornSilent === this.#silent || silenceable !== true) return;
    // told otherwise since ffmpeg was started
    if (this.#silent) this.silences.begin(0, toUs);
    else this.silences.end(toUs + MUTE_TAIL_US);
  }

  /** Tells the camera when that has changed. */
  apply(): void {
    const silent = this.#muted || (!this.#preEventSound && !this.#wanted);
    if (silent === this.#silent) return;
    this.#silent = silent;
    this.#source.setSilent(silent);
    const liveUs = this.#source.liveUs();
    if (liveUs === null || this.#source.silenceable !== true) return;
    if (silent) this.silences.begin(liveUs - MUTE_LEAD_US, liveUs);
    else this.silences.end(liveUs + MUTE_TAIL_US);
  }
}
