import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Writable } from "node:stream";
import type { FfmpegCommand } from "fluent-ffmpeg";
import type { Clock } from "../../config/base/clock.ts";
import { AgentError, errorCode } from "../../config/base/errors.ts";
import type { CameraFeed, CameraOpener, CameraSource, FeedEnd, TrackPolicy } from "./camera.ts";
import { ffmpegInputs } from "./input.ts";
import { type FfmpegArguments, ffmpegArguments, muteCommand, planTracks } from "./plan.ts";
import { probe, withoutPassword } from "./probe.ts";
import { type EncoderChooser, SOFTWARE_ENCODER } from "./video-encoder.ts";

/** ffmpeg flushes its last fragment at SIGTERM, but does not hear the first one while its input blocks. */
const STOP_LADDER = [
  { signal: "SIGTERM", waitMs: 1_500 },
  { signal: "SIGTERM", waitMs: 1_000 },
  { signal: "SIGKILL", waitMs: 2_000 },
] as const;
/** Messages that matter, one line each, and no progress report. */
const QUIET = ["-hide_banner", "-nostats", "-loglevel", "warning"];
const START_TIMEOUT_MS = 5_000;
const STDERR_LINES = 20;
const STDERR_LINE_CHARS = 300;

/** A camera behind ffmpeg. The only user of fluent-ffmpeg. */
export class FfmpegSource implements CameraOpener {
  readonly #source: CameraSource;
  readonly #policy: TrackPolicy;
  readonly #clock: Clock;
  readonly #encoders: EncoderChooser;

  constructor(source: CameraSource, policy: TrackPolicy, clock: Clock, encoders: EncoderChooser) {
    this.#source = source;
    this.#policy = policy;
    this.#clock = clock;
    this.#encoders = encoders;
  }

  get finite(): boolean {
    return this.#source.kind === "file";
  }

  /** Distance of keyframes where we encode. */
  get #keyframeMs(): number {
    return this.#source.kind === "testsrc" ? this.#source.camera.keyframeMs : this.#policy.keyframeMs;
  }

  async open(options: {
    silent: boolean;
    onBytes: (piece: Buffer) => void;
    signal: AbortSignal;
  }): Promise<CameraFeed> {
    const { silent, onBytes, signal } = options;
    const { inputs, tracks, missing } = await probe(ffmpegInputs(this.#source), signal);
    const plan = planTracks(tracks, this.#policy);
    const encoder = plan.video?.do === "encode" ? await this.#encoders.choose(signal) : SOFTWARE_ENCODER;
    const args = ffmpegArguments(inputs, plan, {
      policy: this.#policy,
      keyframeMs: this.#keyframeMs,
      encoder,
      silent,
    });
    const started = await startFfmpeg(args, onBytes, this.#clock, signal);
    const silenceable = plan.audio?.do === "filter";
    return new FfmpegFeed(
      started,
      { silenceable, missing: this.#policy.sound ? missing : null },
      this.#clock,
    );
  }
}

interface RunningFfmpeg {
  readonly process: ChildProcess;
  readonly ended: Promise<FeedEnd>;
}

/**
 * Starts the process and resolves when it exists. Throws `camera-unavailable` if it cannot be
 * started, or the signal's reason; then no process is left.
 */
async function startFfmpeg(
  args: FfmpegArguments,
  onBytes: (piece: Buffer) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<RunningFfmpeg> {
  // 7 MB that a process which records nothing does not need
  const { default: ffmpeg } = await import("fluent-ffmpeg");
  // by its name: fluent-ffmpeg would look for it once, and remember for ever that there is none
  const command = repaired(ffmpeg({ stdoutLines: STDERR_LINES }).setFfmpegPath("ffmpeg"));
  // as separate arguments: fluent-ffmpeg splits the strings of an array at a blank
  for (const { options, playing, url } of args.inputs) {
    command.input(url).inputOptions(...playing, ...options, ...QUIET);
  }
  const output = new Writable({
    highWaterMark: 1,
    write(piece: Buffer, _encoding, done) {
      onBytes(piece);
      done();
    },
  });
  command.output(output, { end: true }).outputOptions(...args.output);
  const tail = new StderrTail();
  command.on("stderr", (line: string) => tail.add(line));
  const started = new Promise<ChildProcess>((resolve, reject) => {
    command.once("start", () => resolve((command as unknown as { ffmpegProc: ChildProcess }).ffmpegProc));
    command.once("error", reject);
  });
  // fluent-ffmpeg reports each end as an error or not; the process itself says it better
  command.on("error", () => undefined);
  command.run();
  const process = await processOf(started, command, clock, signal);
  process.stdin?.on("error", () => undefined);
  return { process, ended: endOf(process, output, tail) };
}

/** fluent-ffmpeg has no process to kill before its `start` event: a late one is killed when it comes. */
async function processOf(
  started: Promise<ChildProcess>,
  command: FfmpegCommand,
  clock: Clock,
  signal: AbortSignal,
): Promise<ChildProcess> {
  const waiting = new AbortController();
  const timeout = clock.sleep(START_TIMEOUT_MS, AbortSignal.any([signal, waiting.signal])).then(() => {
    throw new AgentError("camera-unavailable", "ffmpeg did not start");
  });
  timeout.catch(() => undefined);
  try {
    const process = await Promise.race([started, timeout]);
    signal.throwIfAborted();
    if (process.pid === undefined) throw new Error("the system could not start it");
    return process;
  } catch (cause) {
    started.then(
      () => command.kill("SIGKILL"),
      () => undefined,
    );
    signal.throwIfAborted();
    throw new AgentError("camera-unavailable", "ffmpeg", { cause, next: "install ffmpeg 5.1 or newer" });
  } finally {
    waiting.abort();
  }
}

/** What fluent-ffmpeg does when an ffmpeg that it has started, or could not start, is over. */
type OnEnd = (error: Error | null, stdout?: LinesRing, stderr?: LinesRing) => void;
type LinesRing = { get(): string };
const NO_LINES: LinesRing = { get: () => "" };

/**
 * Its capability check runs ffmpeg three times at the first start and takes the formats from a listing
 * whose columns changed in ffmpeg 7; what is missing shows in ffmpeg's own words soon enough. Where
 * ffmpeg cannot be started at all, it throws from an event handler for want of ffmpeg's messages.
 */
function repaired(command: FfmpegCommand): FfmpegCommand {
  const { _spawnFfmpeg: spawnFfmpeg } = command as unknown as {
    _spawnFfmpeg(args: string[], options: object, onStart: unknown, onEnd: OnEnd): void;
  };
  return Object.assign(command, {
    _checkCapabilities: (done: () => void) => done(),
    availableEncoders: (done: (error: null, encoders: object) => void) => done(null, {}),
    _spawnFfmpeg: (args: string[], options: object, onStart: unknown, onEnd: OnEnd) =>
      spawnFfmpeg.call(command, args, options, onStart, (error, stdout = NO_LINES, stderr = NO_LINES) =>
        onEnd(error, stdout, stderr),
      ),
  });
}

/** The last lines of ffmpeg's messages, bounded. */
class StderrTail {
  readonly #lines: string[] = [];

  add(line: string): void {
    if (line.trim() === "") return;
    this.#lines.push(withoutPassword(line.slice(0, STDERR_LINE_CHARS)));
    if (this.#lines.length > STDERR_LINES) this.#lines.shift();
  }

  toString(): string {
    return this.#lines.join("; ");
  }
}

/** Waits for the exit and for the last byte, so that a flushed fragment is never cut off. Never rejects. */
async function endOf(process: ChildProcess, output: Writable, tail: StderrTail): Promise<FeedEnd> {
  const closed = new Promise<void>((resolve) => output.once("close", resolve));
  let code: number | null;
  let signal: NodeJS.Signals | null;
  try {
    [code, signal] = (await once(process, "close")) as [number | null, NodeJS.Signals | null];
  } catch (error) {
    // nothing is known of it any more, and no output will come
    return { kind: "failed", detail: errorCode(error) };
  }
  await closed;
  if (signal !== null) return { kind: "killed", detail: `${signal} ${tail}`.trim() };
  // 255: ended by SIGTERM, orderly
  return code === 0 || code === 255
    ? { kind: "ended", detail: tail.toString() }
    : { kind: "failed", detail: `exit code ${code} ${tail}`.trim() };
}

class FfmpegFeed implements CameraFeed {
  readonly ended: Promise<FeedEnd>;
  readonly silenceable: boolean;
  readonly missing: AgentError | null;
  readonly #process: ChildProcess;
  readonly #clock: Clock;

  constructor(
    { process, ended }: RunningFfmpeg,
    { silenceable, missing }: Pick<CameraFeed, "silenceable" | "missing">,
    clock: Clock,
  ) {
    this.#process = process;
    this.ended = ended;
    this.silenceable = silenceable;
    this.missing = missing;
    this.#clock = clock;
  }

  setSilent(silent: boolean): void {
    const { stdin } = this.#process;
    if (this.silenceable && stdin?.writable === true) stdin.write(muteCommand(silent));
  }

  async isHeld(): Promise<boolean> {
    try {
      const stat = await readFile(`/proc/${this.#process.pid}/stat`, "latin1");
      // proc(5): the state follows the command name, which may itself hold parentheses
      return /^[Tt]$/.test(stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3));
    } catch {
      return false;
    }
  }

  async stop(how: "flush" | "kill"): Promise<FeedEnd> {
    const ladder = how === "flush" ? STOP_LADDER : STOP_LADDER.slice(-1);
    for (const { signal, waitMs } of ladder) {
      this.#process.kill(signal);
      const end = await this.#endWithin(waitMs);
      if (end !== null) return end;
    }
    // in uninterruptible sleep below a driver: nobody can end it now, the kernel will
    return { kind: "failed", detail: `process ${this.#process.pid} outlives SIGKILL` };
  }

  /** null: not yet. */
  async #endWithin(waitMs: number): Promise<FeedEnd | null> {
    const waiting = new AbortController();
    const timeout = this.#clock.sleep(waitMs, waiting.signal).then(
      () => null,
      () => null,
    );
    try {
      return await Promise.race([this.ended, timeout]);
    } finally {
      waiting.abort();
    }
  }
}
