/**
 * The test camera, as data: ffmpeg's own pattern generator with a running clock in the picture
 * and a tone that beeps every second. It is a raw camera with a raw microphone, so it takes the
 * path of one: frames encoded as H.264, sound as AAC, in real time.
 */
export interface TestCamera {
  readonly width: number;
  readonly height: number;
  readonly framesPerS: number;
  readonly keyframeMs: number;
}

export const DEFAULT_TEST_CAMERA: TestCamera = { width: 1280, height: 720, framesPerS: 25, keyframeMs: 2000 };

const SAMPLE_RATE_HZ = 48_000;
const TONE_HZ = 440;

/** ffmpeg filter graph (`-f lavfi`) of the picture: colour bars, a moving scale, and the clock. */
export function testPicture({ width, height, framesPerS }: TestCamera): string {
  return `testsrc2=size=${width}x${height}:rate=${framesPerS}`;
}

/** ffmpeg filter graph (`-f lavfi`) of the sound: a steady tone, and a beep each second. */
export function testSound(): string {
  return `sine=frequency=${TONE_HZ}:beep_factor=4:sample_rate=${SAMPLE_RATE_HZ}`;
}
