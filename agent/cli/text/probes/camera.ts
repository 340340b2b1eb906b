import type { CameraComplaint } from "../../../probes/camera/test-camera.ts";
import type { Phrase } from "../phrase.ts";

/** What `camera` says. */
export const cameraWords = {
  configured: { en: "configured: {camera}", zh: "配置：{camera}" },
  noCameras: { en: "This machine has no camera of its own.", zh: "本机没有摄像头设备。" },
  noMicrophones: { en: "This machine has no microphone.", zh: "本机没有麦克风。" },
  furtherNode: { en: "(another node of the same camera)", zh: "（同一摄像头的其他节点）" },
  mayNotOpen: {
    en: "this account may not open it: join the group video",
    zh: "当前账户无权打开：请加入 video 组",
  },
  microphone: { en: "microphone", zh: "麦克风" },
  compressed: { en: "compressed by the camera", zh: "摄像头压缩" },
  raw: { en: "raw, encoded by this machine", zh: "原始，由本机编码" },
  filming: { en: "filming for {seconds} s …", zh: "试录 {seconds} 秒……" },
  pictures: { en: "pictures", zh: "画面" },
  sound: { en: "sound", zh: "声音" },
  bitRate: { en: "bit rate", zh: "码率" },
  frames: { en: "frames", zh: "帧" },
  framesText: {
    en: "{seen} of {expected}, {dropped} dropped; {perS} a second",
    zh: "{seen}/{expected}，丢 {dropped} 帧；每秒 {perS} 帧",
  },
  offset: { en: "sound behind pictures", zh: "声音滞后" },
  times: { en: "{media} ms of media in {wall} ms", zh: "媒体 {media} 毫秒，实际 {wall} 毫秒" },
  first: { en: "first after", zh: "首段用时" },
  soundMissing: { en: "sound missing", zh: "缺少声音" },
  picture: { en: "picture", zh: "照片" },
  good: { en: "The camera will do.", zh: "摄像头正常。" },
} satisfies Record<string, Phrase>;

export const cameraComplaints: Readonly<Record<CameraComplaint, Phrase>> = {
  "no-pictures": { en: "There are no pictures.", zh: "没有画面。" },
  "no-sound": { en: "There is no sound.", zh: "没有声音。" },
  "frames-dropped": {
    en: "More than 1 % of the frames are missing: look at cable, light and load.",
    zh: "丢帧超过 1%：检查线缆、光照与负载。",
  },
  "av-offset": {
    en: "Sound and pictures are more than 1 s apart.",
    zh: "音画相差超过 1 秒。",
  },
  "too-slow": {
    en: "The stream is slower than the time: this machine or the network is too slow for it.",
    zh: "码流慢于实际时间：本机或网络过慢。",
  },
  "ended-early": { en: "The stream ended early.", zh: "码流提前结束。" },
};
