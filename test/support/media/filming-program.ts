/** A program of its own that films until it is killed; prints the id of its ffmpeg when pictures come. */

import type { TrackPolicy } from "../../../capture/source/camera.ts";
import { FfmpegSource } from "../../../capture/source/ffmpeg-source.ts";
import { EncoderChooser } from "../../../capture/source/video-encoder.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { ffmpegChildren } from "./ffmpeg.ts";

const policy: TrackPolicy = {
  sound: true,
  mutable: true,
  preEventSound: true,
  videoBitsPerS: 500_000,
  audioBitsPerS: 64_000,
  keyframeMs: 2000,
};
const camera = { width: 320, height: 180, framesPerS: 25, keyframeMs: 2000 };
const source = new FfmpegSource({ kind: "testsrc", camera }, policy, systemClock, new EncoderChooser());
let told = false;
const feed = await source.open({
  silent: false,
  signal: new AbortController().signal,
  onBytes: () => {
    if (!told) process.stdout.write(`${ffmpegChildren()[0]}\n`);
    told = true;
  },
});
await feed.ended;
