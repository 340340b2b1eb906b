import { readFileSync } from "node:fs";
import { type Fragment, rebased } from "../../../capture/mp4/fragment.ts";
import { FragmentReader } from "../../../capture/mp4/fragment-reader.ts";
import { CameraRecorder } from "../../../capture/recorder/camera-recorder.ts";
import { DEFAULT_RECORDER_SETTINGS } from "../../../capture/recorder/recorder-parts.ts";
import type { CameraFeed, CameraOpener, FeedEnd } from "../../../capture/source/camera.ts";
import { ffmpegStill } from "../../../capture/source/still.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { systemRandom } from "../../../config/base/random.ts";
import { Ledger } from "../../../crypto/ledger/ledger.ts";
import { ManualClock } from "../../../test/support/surroundings.ts";
import { ledgerOptions } from "../ledger/ledger-options.ts";

/** What is recorded, as one JSON argument. */
export interface HourOrder {
  dataDir: string;
  /** Fragmented MP4, played again and again. */
  video: string;
  minutes: number;
}

/** What was seen, as one line of JSON on stdout. */
export interface HourUsage {
  /** Memory of this process after every ten seconds of media. */
  samplesMib: number[];
  recordedMs: number;
}

const SAMPLE_EVERY_MS = 10_000;
/** Media waiting for the writer above which the camera waits: in real time it never would. */
const MAX_HELD_BYTES = 4_000_000;

/** A camera that plays one stretch of video for ever, as fast as its recorder takes it. */
class ReplayCamera implements CameraOpener {
  readonly finite = false;
  readonly #init: Buffer;
  readonly #fragments: Fragment[] = [];
  readonly #loop: { ticks: bigint; timescale: bigint };
  #onBytes: (piece: Buffer) => void = () => {};

  constructor(video: string) {
    let init: Buffer = Buffer.alloc(0);
    let end = { ticks: 0n, timescale: 1n };
    for (const part of new FragmentReader().push(readFileSync(video))) {
      if (part.kind === "init") init = part.init.bytes;
      else {
        this.#fragments.push(part.fragment);
        end = { ticks: part.fragment.timing?.toTicks ?? end.ticks, timescale: part.init.timing.timescale };
      }
    }
    this.#init = init;
    this.#loop = end;
  }

  async open({ onBytes }: { onBytes: (piece: Buffer) => void }): Promise<CameraFeed> {
    this.#onBytes = onBytes;
    onBytes(this.#init);
    const end: FeedEnd = { kind: "ended", detail: "" };
    let over = (_: FeedEnd) => {};
    const ended = new Promise<FeedEnd>((resolve) => {
      over = resolve;
    });
    return {
      ended,
      silenceable: false,
      missing: null,
      setSilent: () => {},
      isHeld: async () => false,
      stop: async () => {
        over(end);
        return end;
      },
    };
  }

  /** Delivers one round after another; each step is the length of what was delivered, in ms. */
  *play(): Generator<number> {
    const { ticks, timescale } = this.#loop;
    for (let round = 0n; ; round++) {
      for (const fragment of this.#fragments) {
        this.#onBytes(Buffer.concat(rebased(fragment, { ticks: -round * ticks, timescale })));
        const { fromTicks, toTicks } = fragment.timing ?? { fromTicks: 0n, toTicks: 0n };
        yield Number((toTicks - fromTicks) * 1000n) / Number(timescale);
      }
    }
  }
}

const { dataDir, video, minutes } = JSON.parse(process.argv[2] ?? "") as HourOrder;
const clock = new ManualClock();
const ledger = await Ledger.open(ledgerOptions(dataDir), clock);
const camera = new ReplayCamera(video);
const recorder = new CameraRecorder(DEFAULT_RECORDER_SETTINGS, {
  makeStill: ffmpegStill,
  opener: camera,
  writer: ledger,
  clock,
  random: systemRandom,
  log: createLogger("warn", "bench"),
  ledgerMonoUs: () => clock.monoUs(),
});
const turn = () => new Promise(setImmediate);

recorder.start();
await turn();
const samplesMib: number[] = [];
let playedMs = 0;
let started: Promise<unknown> | null = null;
for (const stepMs of camera.play()) {
  clock.advance(stepMs);
  playedMs += stepMs;
  await turn();
  if (playedMs >= DEFAULT_RECORDER_SETTINGS.preEventMs) started ??= recorder.record({ trigger: "bench" });
  while (recorder.status().heldBytes > MAX_HELD_BYTES) await turn();
  if (playedMs >= (samplesMib.length + 1) * SAMPLE_EVERY_MS)
    samplesMib.push(process.memoryUsage.rss() / 2 ** 20);
  if (playedMs >= minutes * 60_000) break;
}
await started;
const usage: HourUsage = { samplesMib, recordedMs: recorder.status().recording?.mediaMs ?? 0 };
await recorder.stop();
await ledger.close("bench");
await ledger.end();
console.log(JSON.stringify(usage));
