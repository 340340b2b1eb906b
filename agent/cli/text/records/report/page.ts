import type { Phrase } from "../../phrase.ts";

/** What only the page says. */
export const pageWords = {
  overview: { en: "At a glance", zh: "总览" },
  workdays: { en: "Monday to Friday", zh: "周一至周五" },
  weekends: { en: "weekend", zh: "周末" },
  hoursChart: { en: "Recorded hours", zh: "录制时长" },
  hoursAxis: { en: "hours", zh: "小时" },
  perDay: { en: "per day", zh: "每日" },
  perWeek: { en: "per week", zh: "每周" },
  perMonth: { en: "per month", zh: "每月" },
  completenessChart: { en: "Completeness by kind", zh: "各类活动材料齐全情况" },
  activitiesAxis: { en: "activities", zh: "项" },
  complete: { en: "complete", zh: "齐全" },
  incomplete: { en: "incomplete", zh: "不全" },
  unjudged: { en: "no template", zh: "无模板" },
  delayChart: { en: "Upload delay", zh: "上传时延分布" },
  delayAxis: { en: "share of chunks", zh: "占全部分段" },
  upTo: { en: "≤ {time}", zh: "≤ {time}" },
  longer: { en: "longer", zh: "更久" },
  notYet: { en: "not yet", zh: "未回执" },
  gapsChart: { en: "Gaps by cause", zh: "中断与静音原因" },
  noData: { en: "nothing to show in this period", zh: "本期无数据" },
  barText: { en: "{name}: {value}", zh: "{name}：{value}" },
  states: { en: "Activities and their state", zh: "执法活动状态" },
  state: { en: "State", zh: "状态" },
  count: { en: "Count", zh: "数量" },
  ofLedgers: { en: "Inspected and removed", zh: "抽查与清除" },
  cause: { en: "Cause", zh: "原因" },
  length: { en: "Length", zh: "时长" },
  definitions: { en: "How the figures are made", zh: "指标说明" },
  page: { en: "page", zh: "页" },
  asOf: {
    en: "from {ledgers} ledgers, last entry {time}",
    zh: "依据 {ledgers} 个账本，最后条目 {time}",
  },
} satisfies Record<string, Phrase>;

/** What each figure is, for the foot of the page; the same as docs/reports.md says. */
export const definitions: readonly { name: Phrase; text: Phrase }[] = [
  {
    name: { en: "Recorded time", zh: "录制时长" },
    text: {
      en: "media time of live recordings, pre-event time included, without the gaps in which there was no picture; muted time counts, for it has a picture. What lies past midnight counts for the next day. Imported files have no measured length and count as files only.",
      zh: "实时录像的媒体时长，含预录，不含无画面的中断；静音时段有画面，计入。跨零点部分计入次日。导入文件未测时长，仅计件数。",
    },
  },
  {
    name: { en: "Recordings and activities", zh: "录像与活动" },
    text: {
      en: "those that began in the period, by their own device's clock. A recording is of the kind of the activity that it was made for or first linked to; an activity with several officers counts once for each of them, and once in the total.",
      zh: "以设备时钟为准，在本期内开始者。录像的类型取其所属或最先关联的活动；多名人员参与的活动对每人各计一次，总数只计一次。",
    },
  },
  {
    name: { en: "Complete", zh: "材料齐全率" },
    text: {
      en: "of activities that have a process template: closed with nothing missing, or still open with nothing missing now. What was missing at the close, and the reason, are signed.",
      zh: "针对有程序模板的活动：结束时无缺项，或进行中且当前无缺项。结束时的缺项与理由均已签名。",
    },
  },
  {
    name: { en: "Upload delay", zh: "上传时延" },
    text: {
      en: "from a chunk's signing on the device to the first receipt that covers it, on two clocks; a negative difference counts as none. Read off a scale whose steps are 19 % wide. Chunks without a receipt have no delay yet and are told beside it.",
      zh: "自分段在设备上签名至首个覆盖它的回执，取自两个时钟，负差按零计；由步宽 19% 的刻度读出。尚无回执的分段没有时延，另行列出。",
    },
  },
  {
    name: { en: "Gaps", zh: "中断与静音" },
    text: {
      en: "signed gaps by their signed cause, what overlaps within one cause counted once. Time in which the recorder was off, or nobody recorded, is no gap.",
      zh: "已签名的中断，按签名原因统计，同一原因重叠部分只计一次。关机或未开始录制的时间不属于中断。",
    },
  },
  {
    name: { en: "Inspections", zh: "抽查" },
    text: {
      en: "samples drawn from periods that ended in this one, and what was found in them; fulltrace check verify tells whether nobody steered them.",
      zh: "所抽查时段在本期内截止的样本及其结论；样本未被操纵由 fulltrace check verify 检验。",
    },
  },
  {
    name: { en: "Purged, wiped", zh: "清除、擦除" },
    text: {
      en: "media removed from a device under a receipt, and files removed from recorders at a dock, each signed before it was done.",
      zh: "设备凭回执清除的媒体，以及采集站从记录仪擦除的文件；均先签名后执行。",
    },
  },
  {
    name: { en: "Trust", zh: "可信性" },
    text: {
      en: "the figures are what the ledgers listed here say at the size and root given; fulltrace verify checks whether these are authentic.",
      zh: "数字为所列账本在所示条目数与根哈希下的内容；账本真伪由 fulltrace verify 检验。",
    },
  },
];
