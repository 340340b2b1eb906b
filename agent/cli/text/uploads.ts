import type { Phrase } from "./phrase.ts";

/** Help of the orders about what is sent when. */
export const uploadHelp = {
  queue: { en: "show what waits to be sent, in order", zh: "按顺序显示待上传内容" },
  now: {
    en: "let everything go for a while, whatever the rules say",
    zh: "在一段时间内不受规则限制，全部上传",
  },
  pause: { en: "send nothing for a while", zh: "暂停上传一段时间" },
  resume: { en: "end a pause, and what `sync now` ordered", zh: "结束暂停及 sync now 的指令" },
  first: { en: "send one recording before all others", zh: "优先上传某个录制" },
  minutes: { en: "for how many minutes", zh: "持续分钟数" },
  limit: { en: "how many at most", zh: "最多条数" },
  rec: { en: "id of the recording, or its beginning", zh: "录制编号或其开头" },
} satisfies Record<string, Phrase>;

/** What they say. */
export const uploadWords = {
  policy: { en: "upload rule", zh: "上传规则" },
  none: { en: "nothing waits", zh: "没有待上传内容" },
  more: { en: "and more", zh: "另有更多" },
  recording: { en: "recording", zh: "录制" },
  documents: { en: "photos and documents", zh: "照片与文书" },
  files: { en: "files", zh: "文件" },
  size: { en: "size", zh: "大小" },
  when: { en: "done in", zh: "预计完成" },
  first: { en: "first", zh: "优先" },
  why: { en: "waits", zh: "等待原因" },
  rule: { en: "{network}: {media}", zh: "{network}：{media}" },
  today: { en: "{sent} of {most} today", zh: "今日 {sent} / {most}" },
  rate: { en: "at most {rate}/s", zh: "限速 {rate}/秒" },
  pausedUntil: { en: "paused until {time}", zh: "已暂停至 {time}" },
  nowUntil: { en: "everything until {time}", zh: "{time} 前全部上传" },
  resumed: { en: "the rules hold as they stand", zh: "已恢复按规则上传" },
  movedFirst: { en: "{rec} goes first", zh: "{rec} 将优先上传" },
  mediaNone: { en: "entries only", zh: "仅条目" },
  mediaMarked: { en: "entries, marked recordings", zh: "条目与标记录制" },
  mediaLinked: { en: "entries, documents, recordings of activities", zh: "条目、文书与活动录制" },
  mediaAll: { en: "everything", zh: "全部" },
  heldPaused: { en: "paused", zh: "已暂停" },
  heldNetwork: { en: "not over this network", zh: "此网络不传" },
  heldHours: { en: "outside its hours", zh: "不在上传时段" },
  heldVolume: { en: "today's volume is used up", zh: "今日流量已用完" },
} satisfies Record<string, Phrase>;
