import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { CameraSource, TrackPolicy } from "../../../capture/source/camera.ts";
import { type FfmpegInput, ffmpegInputs } from "../../../capture/source/input.ts";
import { ffmpegArguments, muteCommand, planTracks } from "../../../capture/source/plan.ts";
import { type OfferedTrack, offeredTracks, probe, withoutPassword } from "../../../capture/source/probe.ts";
import { SOFTWARE_ENCODER } from "../../../capture/source/video-encoder.ts";
import { AgentError } from "../../../config/base/errors.ts";
import { DEFAULT_TEST_CAMERA } from "../../../drivers/simulator/test-camera.ts";

const POLICY: TrackPolicy = {
  sound: true,
  mutable: true,
  preEventSound: true,
  videoBitsPerS: 4_000_000,
  audioBitsPerS: 96_000,
  keyframeMs: 2000,
};

function offered(...codecs: string[]): OfferedTrack[] {
  return codecs.map((codec, stream) => ({
    kind: /^(aac|pcm_|opus)/.test(codec) ? "audio" : "video",
    codec,
    input: 0,
    stream,
  }));
}

/** What happens to the tracks, as `copy h264, filter aac`. */
function planned(codecs: string[], policy: Partial<TrackPolicy> = {}): string {
  const { video, audio } = planTracks(offered(...codecs), { ...POLICY, ...policy });
  return [video, audio]
    .flatMap((plan) => (plan === null ? [] : [`${plan.do} ${plan.track.codec}`]))
    .join(", ");
}

function output(codecs: string[], silent = false): string {
  const plan = planTracks(offered(...codecs), POLICY);
  const choices = { policy: POLICY, encoder: SOFTWARE_ENCODER, keyframeMs: 2000, silent };
  return ffmpegArguments([], plan, choices).output.join(" ");
}

describe("a camera's tracks", () => {
  it("H.264 and H.265 are copied, the rest is encoded", () => {
    assert.equal(planned(["h264"]), "copy h264");
    assert.equal(planned(["hevc"]), "copy hevc");
    assert.equal(planned(["mjpeg"]), "encode mjpeg");
    assert.equal(planned(["rawvideo"]), "encode rawvideo");
  });

  it("sound that may be silenced goes through the filter; AAC that may not is copied", () => {
    assert.equal(planned(["h264", "aac"]), "copy h264, filter aac");
    assert.equal(planned(["h264", "aac"], { mutable: false }), "copy h264, copy aac");
    assert.equal(planned(["h264", "aac"], { mutable: false, preEventSound: false }), "copy h264, filter aac");
    assert.equal(planned(["h264", "pcm_s16le"], { mutable: false }), "copy h264, filter pcm_s16le");
  });

  it("the first of each kind is taken; either may be missing, not both", () => {
    assert.equal(planned(["aac", "mjpeg", "h264", "opus"]), "encode mjpeg, filter aac");
    assert.equal(planned(["pcm_s16le"]), "filter pcm_s16le");
    assert.equal(planned(["h264", "aac"], { sound: false }), "copy h264");
    assert.throws(() => planned([]), { code: "camera-no-track" });
    assert.throws(() => planned(["aac"], { sound: false }), { code: "camera-no-track" });
  });
});

describe("ffmpeg's arguments", () => {
  it("are fragmented MP4 that survives a long group of pictures and a late track", () => {
    const common =
      "-movflags frag_keyframe+empty_moov+default_base_moof+delay_moov+skip_trailer -frag_duration 500000 -max_interleave_delta 1000000 -f mp4";
    for (const codecs of [["h264", "aac"], ["mjpeg"], ["aac"]]) assert.ok(output(codecs).endsWith(common));
  });

  it("never touch a camera's own pictures", () => {
    assert.match(output(["h264"]), /^-map 0:0 -c:v copy -map_metadata/);
    assert.match(output(["hevc"]), /-c:v copy -tag:v hvc1/);
    assert.doesNotMatch(output(["h264", "aac"]), /libx264/);
    assert.match(output(["mjpeg"]), /-c:v libx264 .*-force_key_frames expr:gte\(t,n_forced\*2\)/);
  });

  it("start silent when told to, and speak to the filter that they name", () => {
    assert.match(output(["h264", "aac"], true), /-af volume@mute=volume=0,/);
    assert.match(output(["h264", "aac"], false), /-af volume@mute=volume=1,/);
    assert.equal(muteCommand(true), "cvolume@mute -1 volume 0\n");
    assert.equal(muteCommand(false), "cvolume@mute -1 volume 1\n");
  });
});

describe("a source's inputs", () => {
  const inputs = (source: CameraSource) =>
    ffmpegInputs(source).map(({ playing, options, url }) => [...playing, ...options, "-i", url].join(" "));

  it("name a file so that it cannot be taken for a protocol", () => {
    assert.deepEqual(inputs({ kind: "file", path: "concat:a|b" }), [
      "-re -fflags +genpts -i file:concat:a|b",
    ]);
  });

  it("take pictures and sound from two devices", () => {
    assert.deepEqual(
      inputs({ kind: "v4l2", device: "/dev/video0", microphone: "hw:1", inputFormat: "h264" }),
      [
        "-thread_queue_size 512 -f v4l2 -input_format h264 -i /dev/video0",
        "-thread_queue_size 512 -f alsa -i hw:1",
      ],
    );
    assert.deepEqual(
      inputs({ kind: "v4l2", device: "/dev/video2", width: 1280, height: 720, framesPerS: 30 }),
      ["-thread_queue_size 512 -f v4l2 -video_size 1280x720 -framerate 30 -i /dev/video2"],
    );
  });

  it("are understood by ffprobe, which knows fewer options than ffmpeg", async () => {
    const causeOf = async (options: readonly string[], device: string) => {
      const asked = probe([{ options, playing: [], url: device }], AbortSignal.timeout(60_000));
      const [refused] = await Promise.allSettled([asked]);
      assert.ok(refused.status === "rejected" && refused.reason instanceof AgentError);
      return String(refused.reason.cause);
    };
    const source: CameraSource = {
      ...{ kind: "v4l2", device: "/dev/video-of-nobody", microphone: "hw:99", inputFormat: "h264" },
      ...{ width: 1280, height: 720, framesPerS: 30 },
    };
    const [camera, microphone] = ffmpegInputs(source);
    assert.match(await causeOf(camera?.options ?? [], source.device), /No such file or directory/);
    assert.doesNotMatch(await causeOf(microphone?.options ?? [], "hw:99"), /Option not found/);
    assert.match(await causeOf(camera?.playing ?? [], source.device), /Option not found/);
  });

  it("ask a network camera over TCP and do not wait for ever", () => {
    assert.deepEqual(inputs({ kind: "rtsp", url: "rtsp://camera/1" }), [
      "-rtsp_transport tcp -timeout 3000000 -i rtsp://camera/1",
    ]);
  });
});

describe("ffprobe's answer", () => {
  it("is the tracks that can be recorded", () => {
    const streams = [
      { index: 0, codec_type: "video", codec_name: "mjpeg", disposition: { attached_pic: 1 } },
      { index: 1, codec_type: "data" },
      { index: 2, codec_type: "audio", codec_name: "aac", disposition: { attached_pic: 0 } },
      { index: 3, codec_type: "video", codec_name: "h264" },
    ];
    assert.deepEqual(offeredTracks({ streams }, 1), [
      { kind: "audio", codec: "aac", input: 1, stream: 2 },
      { kind: "video", codec: "h264", input: 1, stream: 3 },
    ]);
    assert.deepEqual(offeredTracks({}, 0), []);
  });

  it("is not waited for from a microphone that is not there", async () => {
    const camera = ffmpegInputs({ kind: "testsrc", camera: DEFAULT_TEST_CAMERA })[0];
    assert.ok(camera !== undefined);
    const microphone: FfmpegInput = { options: ["-f", "alsa"], playing: [], url: "hw:99", optional: true };
    const signal = AbortSignal.timeout(60_000);
    const { inputs, tracks, missing } = await probe([microphone, camera], signal);
    assert.deepEqual([inputs, missing?.code], [[camera], "camera-unavailable"]);
    assert.deepEqual(
      tracks.map(({ kind, input }) => [kind, input]),
      [["video", 0]],
    );
    await assert.rejects(probe([{ ...camera, url: "no-such-filter" }], signal), {
      code: "camera-unavailable",
    });
  });

  it("that is none is refused", () => {
    assert.throws(() => offeredTracks({ streams: "h264" }, 0), { code: "probe-answer" });
    assert.throws(() => offeredTracks({ streams: [{ codec_type: "video" }] }, 0), { code: "probe-answer" });
  });
});

describe("an address in a message", () => {
  it("keeps its password back", () => {
    assert.equal(withoutPassword("rtsp://admin:secret@10.0.0.9/1 failed"), "rtsp://***@10.0.0.9/1 failed");
    assert.equal(withoutPassword("rtsp://10.0.0.9/a@b"), "rtsp://10.0.0.9/a@b");
  });
});
