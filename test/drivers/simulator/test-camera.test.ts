import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DEFAULT_TEST_CAMERA, testPicture, testSound } from "../../../drivers/simulator/test-camera.ts";
import { ffmpeg } from "../../support/media/ffmpeg.ts";

/** What comes out of a filter graph, as `codec,a,b` of the given stream fields. */
function made(graph: string, frames: string[], fields: string): string {
  return ffmpeg("-f", "lavfi", "-i", graph, ...frames, "-f", "framehash", "-").match(fields)?.[0] ?? "";
}

describe("the test camera", () => {
  it("shows pictures of the size asked for, each one different: its clock runs", () => {
    const camera = { width: 322, height: 182, framesPerS: 10, keyframeMs: 1000 };
    const frames = ffmpeg(
      "-f",
      "lavfi",
      "-i",
      testPicture(camera),
      "-frames:v",
      "20",
      "-f",
      "framehash",
      "-",
    );
    assert.match(frames, /#dimensions 0: 322x182/);
    assert.match(frames, /#tb 0: 1\/10/);
    const digests = frames
      .split("\n")
      .filter((line) => /^0,/.test(line))
      .map((line) => line.split(",").at(-1));
    assert.equal(new Set(digests).size, 20);
  });

  it("has sound", () => {
    assert.match(made(testSound(), ["-frames:a", "1"], "#sample_rate 0: [0-9]+"), /48000/);
  });

  it("is by default what a body-worn camera delivers", () => {
    assert.equal(testPicture(DEFAULT_TEST_CAMERA), "testsrc2=size=1280x720:rate=25");
  });
});
