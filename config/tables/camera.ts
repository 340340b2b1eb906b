import * as v from "valibot";
import { address, pathFrom, pattern, table, text, trueOrFalse, wholeNumber } from "../fields.ts";
import { passwordHasUser } from "./sync.ts";

/** What a recorder films with: `[camera]`, `[audio]`, `[recording]`. */

const pictureSize = () => pattern(/^[1-9][0-9]{1,4}x[1-9][0-9]{1,4}$/, 'a picture size such as "1920x1080"');
const frameRate = () => wholeNumber(1, 120);

export function camera(baseDir: string) {
  return v.variant(
    "source",
    [
      table({
        source: v.literal("v4l2"),
        device: v.optional(pathFrom(baseDir), "/dev/video0"),
        format: v.exactOptional(
          pattern(/^[a-z0-9_]{1,32}$/, 'a format of ffmpeg\'s v4l2, such as "h264" or "mjpeg"'),
        ),
        size: v.exactOptional(pictureSize()),
        rate: v.exactOptional(frameRate()),
      }),
      v.pipe(
        table({
          source: v.literal("rtsp"),
          url: address(["rtsp", "rtsps"]),
          username: v.exactOptional(text()),
          password_file: v.exactOptional(pathFrom(baseDir)),
        }),
        v.forward(
          v.check((own) => passwordHasUser(own), "only together with username"),
          ["password_file"],
        ),
      ),
      table({ source: v.literal("file"), path: pathFrom(baseDir) }),
      table({
        source: v.literal("testsrc"),
        size: v.optional(pictureSize(), "1280x720"),
        rate: v.optional(frameRate(), 25),
        keyframe_ms: v.optional(wholeNumber(100, 60_000), 2000),
      }),
    ],
    '"v4l2" or "rtsp" or "file" or "testsrc"',
  );
}

export function audio() {
  return table({
    enabled: v.optional(trueOrFalse(), true),
    device: v.exactOptional(text()),
    mutable: v.optional(trueOrFalse(), true),
    pre_event: v.optional(trueOrFalse(), true),
  });
}

export function recording() {
  return table({
    chunk_ms: v.optional(wholeNumber(500, 10_000), 2000),
    pre_event_ms: v.optional(wholeNumber(0, 120_000), 30_000),
    post_event_ms: v.optional(wholeNumber(0, 600_000), 0),
    max_ms: v.optional(wholeNumber(10_000, 14_400_000), 14_400_000),
    autostart: v.optional(trueOrFalse(), false),
    wearer: v.exactOptional(text()),
  });
}
