import type { CauseCode, GapFlag, GapState } from "../../../records/gaps/gap-types.ts";
import type { Phrase } from "../phrase.ts";

export const gapHelp = {
  gap: { en: "what was recorded, and what was not", zh: "录制与缺口核算" },
  account: {
    en: "account for every minute of a shift or an activity, each with its signed cause",
    zh: "逐段核算班次或执法活动的录制情况及签名原因",
  },
  wearer: {
    en: "officer who wore the recorder; with --from and --to",
    zh: "佩戴人编号，须配合 --from 和 --to",
  },
  from: { en: "beginning of the shift; UTC where no zone is given", zh: "班次开始；未注明时区则为 UTC" },
  to: { en: "end of the shift", zh: "班次结束" },
  activity: {
    en: "activity in place of a shift: its id, or the beginning",
    zh: "改为核算执法活动：编号或其开头",
  },
  data: {
    en: "data directory, or a receiver's with all its devices; may be repeated",
    zh: "数据目录，或含全部设备的接收端目录；可重复",
  },
} satisfies Record<string, Phrase>;

export const gapWords = {
  wearer: { en: "officer", zh: "执法人员" },
  activity: { en: "activity", zh: "执法活动" },
  still: { en: "still open: accounted for until now", zh: "尚未结束：核算至当前" },
  span: { en: "time", zh: "时段" },
  devices: { en: "recorders", zh: "记录仪" },
  leftOut: {
    en: "{devices}; {leftOut} other ledgers take no part",
    zh: "{devices}；另有 {leftOut} 个账本与此无关",
  },
  noDevices: { en: "none of {leftOut} ledgers takes part", zh: "{leftOut} 个账本均与此无关" },
  state: { en: "STATE", zh: "状态" },
  length: { en: "LENGTH", zh: "时长" },
  share: { en: "SHARE", zh: "占比" },
  from: { en: "FROM (UTC)", zh: "起始（UTC）" },
  because: { en: "BECAUSE", zh: "依据" },
  total: { en: "together", zh: "合计" },
  entry: { en: "{text} (entry {seq})", zh: "{text}（条目 {seq}）" },
  entryOf: { en: "{text} (entry {seq} of {dev})", zh: "{text}（{dev} 条目 {seq}）" },
  imports: {
    en: "{count} imported files are not counted: how long they are nobody measured.",
    zh: "另有 {count} 个导入文件未计入：其时长未经测量。",
  },
  whole: { en: "No stretch lacks a signed cause.", zh: "所有时段均有签名依据。" },
  withoutCause: {
    en: "Without a signed cause: {length}, told as unknown.",
    zh: "无签名依据的时长：{length}，记为不明。",
  },
  flagged: {
    en: "Every stretch is told by entries; what is to be doubted about them stands above.",
    zh: "各时段均有条目记载；存疑之处见上。",
  },
} satisfies Record<string, Phrase>;

export const stateWords = {
  recorded: { en: "recorded", zh: "已录制" },
  "pre-event": { en: "pre-event", zh: "预录" },
  muted: { en: "muted", zh: "静音" },
  unknown: { en: "unknown", zh: "不明" },
  full: { en: "disk full", zh: "存储已满" },
  lost: { en: "lost", zh: "丢失" },
  off: { en: "off", zh: "未录制" },
} satisfies Record<GapState, Phrase>;

export const causeWords = {
  covered: { en: "recording {rec}", zh: "录制 {rec}" },
  "pre-event": { en: "{rec}, before the button", zh: "录制 {rec}，按键之前" },
  gap: { en: "{reason}", zh: "{reason}" },
  "no-chunk": {
    en: "{rec}: no chunk, no signed reason",
    zh: "录制 {rec}：无数据块，亦无条目说明",
  },
  "not-signed-yet": {
    en: "recording {rec} is open, nothing signed since",
    zh: "录制 {rec} 未结束，此后尚无签名",
  },
  stopped: { en: "{rec} stopped: {reason}", zh: "录制 {rec} 已停止：{reason}" },
  idle: { en: "on, not recording since start-up", zh: "开机后未录制" },
  closed: { en: "switched off in order", zh: "正常关机" },
  crash: { en: "broke off while not recording", zh: "非正常中断，当时未在录制" },
  "crash-recording": { en: "broke off while recording", zh: "录制中途非正常中断" },
  "other-wearer": { en: "recorded for another wearer ({rec})", zh: "当时由他人佩戴录制（{rec}）" },
  "wearer-unstated": { en: "recording {rec} names no wearer", zh: "录制 {rec} 未注明佩戴人" },
  "not-linked": { en: "recording {rec} is not linked to the activity", zh: "录制 {rec} 未关联到该活动" },
  "clock-unknown": { en: "the clock of what ran here was wrong", zh: "此间运行的时钟不可信" },
  "ledger-begins": { en: "before the ledger's first entry", zh: "账本首个条目之前" },
  "ledger-ends": { en: "after the last entry at hand", zh: "现有最后条目之后" },
  "no-ledger": { en: "no ledger at hand tells", zh: "现有账本均无记载" },
} satisfies Record<CauseCode, Phrase>;

/** Reasons of gaps and stops that the recorder itself gives; others are shown as they are. */
export const reasonWords: Readonly<Record<string, Phrase>> = {
  "camera-lost": { en: "camera lost", zh: "摄像头丢失" },
  "encoder-stalled": { en: "encoder stalled", zh: "编码器停滞" },
  "frames-lost": { en: "frames lost", zh: "丢帧" },
  "disk-full": { en: "disk full", zh: "存储已满" },
  "power-loss": { en: "power lost", zh: "断电" },
  muted: { en: "sound muted", zh: "静音" },
  overload: { en: "storage too slow", zh: "存储跟不上" },
  unknown: { en: "reason not known to the recorder", zh: "记录仪未知原因" },
  button: { en: "button", zh: "按键" },
  control: { en: "order", zh: "指令" },
};

export const flagWords = {
  "no-chunk": {
    en: "Recording {rec}: {length} without a chunk and without a signed reason.",
    zh: "录制 {rec}：{length} 既无数据块也无签名原因。",
  },
  "media-ahead": {
    en: "Recording {rec}: its chunks claim up to {length} more than had passed; that is not counted.",
    zh: "录制 {rec}：数据块所称时间比实际多出最多 {length}，未计入。",
  },
  "clock-set": {
    en: "The wall clock was set by {length} while {dev} ran; its monotonic clock was followed.",
    zh: "{dev} 运行中时钟被调整 {length}；已按单调时钟核算。",
  },
  "clock-unknown": {
    en: "From entry {seq} on, a run of {dev} has a clock that contradicts the order of entries.",
    zh: "自条目 {seq} 起，{dev} 的一次运行时钟与条目顺序矛盾。",
  },
} satisfies Record<GapFlag["code"], Phrase>;
