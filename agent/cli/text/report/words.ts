import type { Phrase } from "../phrase.ts";

/** What a report says, in every form of it. */
export const reportWords = {
  title: { en: "Enforcement recording report", zh: "执法全过程记录统计报告" },
  span: { en: "{from} to {to}", zh: "{from} 至 {to}" },
  days: { en: "{days} days, time zone {zone}", zh: "共 {days} 天，时区 {zone}" },
  before: { en: "previous period: {from} to {to}", zh: "上期：{from} 至 {to}" },
  wholeOffice: { en: "All units", zh: "全部单位" },
  unitIs: { en: "Unit: {id}", zh: "单位：{id}" },
  officerIs: { en: "Officer: {id}", zh: "执法人员：{id}" },
  kindIs: { en: "Kind: {id}", zh: "活动类型：{id}" },
  saved: { en: "written to {file}", zh: "已写入 {file}" },

  figures: { en: "Key figures", zh: "主要指标" },
  figure: { en: "FIGURE", zh: "指标" },
  thisPeriod: { en: "THIS PERIOD", zh: "本期" },
  lastPeriod: { en: "PREVIOUS", zh: "上期" },
  change: { en: "CHANGE", zh: "变化" },
  lastWas: { en: "previous {value}", zh: "上期 {value}" },
  unchanged: { en: "unchanged", zh: "持平" },
  points: { en: "points", zh: "个百分点" },
  noneBefore: { en: "none before", zh: "上期无" },

  recorded: { en: "Recorded time", zh: "录制时长" },
  hours: { en: "{value} h", zh: "{value} 小时" },
  recordings: { en: "Recordings", zh: "录像" },
  recordingsText: { en: "{live} live, {imported} imported", zh: "实时 {live}，导入 {imported}" },
  unfinished: { en: "{count} without an end", zh: "未结束 {count}" },
  volume: { en: "Volume", zh: "数据量" },
  activities: { en: "Activities", zh: "执法活动" },
  activitiesText: { en: "{closed} closed, {open} still open", zh: "已结束 {closed}，进行中 {open}" },
  completeness: { en: "Complete", zh: "材料齐全率" },
  completenessText: {
    en: "{complete} of {judged} judged by a template",
    zh: "按模板核对 {judged} 项，齐全 {complete} 项",
  },
  delay: { en: "Upload delay, median", zh: "上传时延（中位数）" },
  delay95: { en: "Upload delay, 95 %", zh: "上传时延（95%）" },
  delayText: { en: "95 % within {p95}", zh: "95% 在 {p95}内" },
  share: { en: "{value} %", zh: "{value}%" },
  also: { en: "{first}; {second}", zh: "{first}；{second}" },
  waitingShare: { en: "{share} not yet receipted", zh: "{share} 尚未取得回执" },
  gaps: { en: "Gaps", zh: "中断与静音" },
  gapsText: { en: "gaps: {count}", zh: "{count} 次" },
  purges: { en: "Purged", zh: "本机清除" },
  purgesText: { en: "files: {files}, purges: {count}", zh: "{count} 次，{files} 个文件" },
  wipes: { en: "Wiped from recorders", zh: "记录仪擦除" },
  wipesText: { en: "files: {count}", zh: "{count} 个文件" },
  notAsked: { en: "belongs to ledgers, not told apart here", zh: "属账本整体，不按此条件统计" },
  nothing: { en: "Nothing was recorded in this period.", zh: "本期没有记录。" },

  byUnit: { en: "By unit", zh: "按单位" },
  byOfficer: { en: "By officer", zh: "按执法人员" },
  byKind: { en: "By kind of activity", zh: "按活动类型" },
  byDay: { en: "By day", zh: "按日" },
  byWeek: { en: "By week", zh: "按周" },
  byMonth: { en: "By month", zh: "按月" },
  noUnit: { en: "no unit", zh: "未归单位" },
  noOfficer: { en: "nobody named", zh: "未署名" },
  noKind: { en: "no activity", zh: "无活动" },
  noKindName: { en: "kind not named", zh: "类型未填" },

  unit: { en: "UNIT", zh: "单位" },
  officer: { en: "OFFICER", zh: "执法人员" },
  kind: { en: "KIND", zh: "类型" },
  time: { en: "FROM", zh: "起始" },
  columnHours: { en: "HOURS", zh: "时长/时" },
  columnRecordings: { en: "RECS", zh: "录像" },
  columnActivities: { en: "ACTS", zh: "活动" },
  columnComplete: { en: "COMPLETE", zh: "齐全/核对" },
  columnMedian: { en: "MEDIAN", zh: "时延中位" },
  column95: { en: "95 %", zh: "95%时延" },
  columnWaiting: { en: "WAITING", zh: "待回执" },
  columnGaps: { en: "GAPS/H", zh: "中断/时" },
  more: {
    en: "… {count} more: --format csv, json or html has them",
    zh: "……另有 {count} 行，见 --format csv、json 或 html",
  },

  ledgers: { en: "What the figures stand on", zh: "数据来源" },
  ledger: { en: "LEDGER", zh: "账本" },
  entries: { en: "ENTRIES", zh: "条目" },
  root: { en: "ROOT", zh: "根哈希" },
  cosigned: { en: "COSIGNED TO", zh: "见证至" },
  lastEntry: { en: "LAST ENTRY", zh: "最后条目" },
  notCosigned: { en: "not cosigned", zh: "未见证" },
} satisfies Record<string, Phrase>;

/** Causes of gaps, as `device.gap` names them. */
export const causeWords = {
  "camera-lost": { en: "camera lost", zh: "摄像头断开" },
  "encoder-stalled": { en: "encoder stalled", zh: "编码停滞" },
  "frames-lost": { en: "frames lost", zh: "丢帧" },
  "disk-full": { en: "disk full", zh: "磁盘已满" },
  "power-loss": { en: "power lost", zh: "断电" },
  muted: { en: "muted", zh: "静音" },
  overload: { en: "overload", zh: "过载" },
  unknown: { en: "unknown", zh: "原因不明" },
} satisfies Record<string, Phrase>;

/** States of activities. */
export const stateWords = {
  closed_complete: { en: "closed, complete", zh: "结束·齐全" },
  closed_incomplete: { en: "closed with a reason, incomplete", zh: "结束·不全（有理由）" },
  closed_unjudged: { en: "closed, no template", zh: "结束·无模板" },
  open_complete: { en: "open, complete so far", zh: "进行中·已齐全" },
  open_incomplete: { en: "open, incomplete", zh: "进行中·尚缺" },
  open_unjudged: { en: "open, no template", zh: "进行中·无模板" },
} satisfies Record<string, Phrase>;

export const timeUnitWords = {
  seconds: { en: "{value} s", zh: "{value} 秒" },
  minutes: { en: "{value} min", zh: "{value} 分" },
  hours: { en: "{value} h", zh: "{value} 小时" },
  days: { en: "{value} d", zh: "{value} 天" },
} satisfies Record<string, Phrase>;
