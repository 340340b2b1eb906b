import { backoff } from "../../config/base/backoff.ts";
import type { Random } from "../../config/base/random.ts";
import { type CameraLoss, CameraStream, type StreamListener, type StreamParts } from "./camera-stream.ts";

/** Told about the camera, in order. `down` comes once for each loss, however many restarts fail. */
export interface CameraListener extends StreamListener {
  down(loss: CameraLoss): void;
}

export interface SupervisorParts extends StreamParts {
  readonly random: Random;
}

const FIRST_RESTART_MS = 500;
const LAST_RESTART_MS = 10_000;

/** Keeps one camera's stream running: watches it, ends it when it hangs or lies, starts it again. */
export class CameraSupervisor {
  readonly #parts: SupervisorParts;
  readonly #listener: CameraListener;
  #stream: CameraStream | null = null;
  #silent = false;
  #down = false;

  constructor(parts: SupervisorParts, listener: CameraListener) {
    this.#parts = parts;
    this.#listener = listener;
  }

  /** The stream's time now, µs; null: no stream. */
  liveUs(): number | null {
    return this.#stream?.liveUs() ?? null;
  }

  /** Whether the present stream has sound that can be silenced; null: no stream. */
  get silenceable(): boolean | null {
    return this.#stream?.silenceable ?? null;
  }

  /** Whether the present stream began silent, whatever it was told since. */
  get bornSilent(): boolean {
    return this.#stream?.bornSilent ?? this.#silent;
  }

  /** Silences the sound of this stream and of every later one. */
  setSilent(silent: boolean): void {
    this.#silent = silent;
    this.#stream?.setSilent(silent);
  }

  /** Streams until the signal, or until a source that has an end has ended; then no process is left. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random, log, counters } = this.#parts;
    let waits = backoff(FIRST_RESTART_MS, LAST_RESTART_MS, random);
    while (!signal.aborted) {
      const stream = new CameraStream(this.#parts, this.#listenerOf(), this.#silent);
      this.#stream = stream;
      const loss = await stream.run(signal, (lost) => this.#lost(lost));
      this.#stream = null;
      if (loss === null) return;
      if (loss.why === "source-ended") {
        log.info({ detail: loss.detail }, "source ended");
        return;
      }
      counters.add(loss.why);
      if (stream.delivered) waits = backoff(FIRST_RESTART_MS, LAST_RESTART_MS, random);
      const waitMs = waits.next().value;
      log.debug({ waitMs, why: loss.why }, "camera restarts");
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  #listenerOf(): StreamListener {
    const listener = this.#listener;
    return {
      opened: (missing) => listener.opened(missing),
      fragment: (live) => {
        this.#down = false;
        listener.fragment(live);
      },
      split: (why) => listener.split(why),
      get recording() {
        return listener.recording;
      },
    };
  }

  #lost(loss: CameraLoss): void {
    if (this.#down) return;
    this.#down = true;
    this.#listener.down(loss);
  }
}
