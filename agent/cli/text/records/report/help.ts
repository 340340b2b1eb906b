import type { Phrase } from "../../phrase.ts";

/** What help says of `report`. */
export const reportHelp = {
  report: {
    en: "tell what was recorded in a period, how whole it is and how soon it was safe",
    zh: "统计一段时间内的记录、完整性与上传时效",
  },
  data: {
    en: "data directory of a device, a dock or a receiver; may be given several times",
    zh: "设备、采集站或接收端的数据目录；可多次指定",
  },
  config: {
    en: "configuration: its data directory, and its units, names and time zone",
    zh: "配置文件：数据目录，以及单位、姓名与时区",
  },
  period: {
    en: "month 2026-10, ISO week 2026-W40, or days 2026-10-01..2026-10-15",
    zh: "月份 2026-10、周 2026-W40，或日期 2026-10-01..2026-10-15",
  },
  unit: { en: "only this unit of the configuration", zh: "仅统计配置中的该单位" },
  officer: { en: "only this officer", zh: "仅统计该执法人员" },
  kind: { en: "only activities of this kind, and their recordings", zh: "仅统计该类执法活动及其录像" },
  zone: {
    en: "time zone of the calendar days, such as Asia/Shanghai; without it the configuration's, then this machine's",
    zh: "日历所用时区，如 Asia/Shanghai；缺省为配置，再为本机时区",
  },
  format: { en: "form of the report", zh: "报告格式" },
  bom: { en: "CSV that Excel reads as UTF-8", zh: "CSV 带 BOM，便于 Excel 识别 UTF-8" },
  out: { en: "write the report to a file", zh: "将报告写入文件" },
} satisfies Record<string, Phrase>;
