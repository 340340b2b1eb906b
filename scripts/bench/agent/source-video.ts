import { join } from "node:path";
import { run } from "../measure/children.ts";
import { say } from "../measure/say.ts";

export const BITS_PER_S = 4_000_000;
const LOOP_S = 10;

/** A file of H.264 at a constant 4 Mbit/s with AAC: ten seconds, again and again. Made once a directory. */
export async function makeVideo(directory: string, seconds: number): Promise<string> {
  say(`making ${seconds} s of video`);
  const loop = join(directory, "loop.mp4");
  const video = join(directory, `video-${seconds}.mp4`);
  const rate = `-b:v ${BITS_PER_S} -minrate ${BITS_PER_S} -maxrate ${BITS_PER_S} -bufsize ${BITS_PER_S}`;
  await ffmpeg(
    "-f lavfi -i testsrc2=size=1280x720:rate=25 -f lavfi -i sine " +
      `-t ${LOOP_S} -c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 ${rate} -x264-params nal-hrd=cbr -c:a aac ${loop}`,
  );
  await ffmpeg(`-stream_loop ${Math.ceil(seconds / LOOP_S) - 1} -i ${loop} -c copy ${video}`);
  return video;
}

/** The same, fragmented as the camera's ffmpeg delivers it. */
export async function fragmented(video: string): Promise<string> {
  const flags = "frag_keyframe+empty_moov+default_base_moof+delay_moov+skip_trailer";
  await ffmpeg(`-i ${video} -c copy -movflags ${flags} -frag_duration 1000000 -f mp4 ${video}.fragments`);
  return `${video}.fragments`;
}

/** `args` are separated by spaces: none of them holds one. */
async function ffmpeg(args: string): Promise<void> {
  await run("ffmpeg", ["-v", "error", "-y", ...args.split(" ")]);
}
