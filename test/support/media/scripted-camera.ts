import type { CameraFeed, CameraOpener, FeedEnd } from "../../../capture/source/camera.ts";
import { AgentError } from "../../../config/base/errors.ts";
import type { ManualClock } from "../surroundings.ts";
import { fragment, initSegment, type MadeRun, type MadeTrack, pictures, sound } from "./mp4-builder.ts";

/** A camera without ffmpeg: says what the test wants, when the test wants. Starts again as often as asked. */
export class ScriptedCamera implements CameraOpener {
  readonly finite: boolean;
  /** How often it was opened, and how each stream was ended. */
  opened = 0;
  readonly stopped: ("flush" | "kill")[] = [];
  /** What was said about sound, in order; the first is how the stream began. */
  readonly silences: boolean[] = [];
  held = false;
  /** The microphone does not answer. */
  deaf = false;
  broken = false;
  readonly #clock: ManualClock;
  readonly #tracks: readonly MadeTrack[] | undefined;
  #onBytes: ((piece: Buffer) => void) | null = null;
  #end: ((end: FeedEnd) => void) | null = null;
  #atMs = 0;

  constructor(clock: ManualClock, options: { finite?: boolean; tracks?: readonly MadeTrack[] } = {}) {
    this.#clock = clock;
    this.finite = options.finite ?? false;
    this.#tracks = options.tracks;
  }

  async open(options: { silent: boolean; onBytes: (piece: Buffer) => void }): Promise<CameraFeed> {
    this.opened++;
    if (this.broken) throw new AgentError("camera-unavailable", "scripted");
    this.#onBytes = options.onBytes;
    this.#atMs = 0;
    this.silences.push(options.silent);
    const ended = new Promise<FeedEnd>((resolve) => {
      this.#end = resolve;
    });
    options.onBytes(initSegment(this.#tracks));
    return {
      ended,
      silenceable: true,
      missing: this.deaf ? new AgentError("camera-unavailable", "microphone") : null,
      setSilent: (silent) => this.silences.push(silent),
      isHeld: async () => this.held,
      stop: async (how) => {
        this.stopped.push(how);
        this.end({ kind: "ended", detail: "" });
        return await ended;
      },
    };
  }

  get running(): boolean {
    return this.#end !== null;
  }

  /** Lets `forMs` pass in which the camera delivers, with a keyframe every 2 s. */
  async films(forMs: number): Promise<void> {
    for (let left = forMs; left > 0; left -= 500) {
      this.#clock.advance(500);
      this.says([pictures(this.#atMs, 500, { key: this.#atMs % 2000 === 0 }), sound(this.#atMs, 500)]);
      this.#atMs += 500;
      await settled();
    }
  }

  /** Lets time pass in which nothing comes, in steps as small as a watch takes. */
  async isSilent(forMs: number): Promise<void> {
    for (let left = forMs; left > 0; left -= 100) {
      this.#clock.advance(100);
      await settled();
    }
  }

  /** The stream's own time jumps. */
  skips(ms: number): void {
    this.#atMs += ms;
  }

  says(runs: MadeRun[]): void {
    this.saysBytes(fragment(...runs));
  }

  saysBytes(bytes: Buffer): void {
    this.#onBytes?.(bytes);
  }

  end(end: FeedEnd): void {
    this.#end?.(end);
    this.#end = null;
    this.#onBytes = null;
  }
}

/** Resolves when everything that is possible without the passing of time has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await new Promise(setImmediate);
}
