import type { Obstacle } from "../../../update/rules/gate.ts";
import type { Phrase } from "../phrase.ts";

/** What `update` says. */
export const updateWords = {
  version: { en: "version", zh: "当前版本" },
  minimum: { en: "nothing older than", zh: "最低版本" },
  trial: { en: "on trial", zh: "试运行" },
  doing: { en: "under way", zh: "进行中" },
  failure: { en: "last failure", zh: "上次失败" },
  obstacles: { en: "in the way", zh: "阻碍" },
  none: { en: "nothing", zh: "无" },
  between: { en: "; ", zh: "；" },
  slot: { en: "slot", zh: "分区" },
  holds: { en: "holds", zh: "版本" },
  state: { en: "state", zh: "状态" },
  running: { en: "running", zh: "运行中" },
  ready: { en: "ready", zh: "可启动" },
  spent: { en: "not to be started", zh: "不可启动" },
  card: { en: "as on the card", zh: "出厂内容" },
  board: { en: "for", zh: "适用型号" },
  length: { en: "bytes", zh: "字节数" },
  staging: { en: "copying the bundle", zh: "正在复制更新包" },
  looking: { en: "looking at the bundle", zh: "正在检查更新包" },
  installing: { en: "installing", zh: "正在安装" },
  restarting: { en: "restarting", zh: "正在重启" },
  staged: { en: "the bundle is on the unit", zh: "更新包已放入设备" },
  orderStaged: {
    en: "ordered: {version}, until {until}; installed when nothing is in the way",
    zh: "已下令：{version}，{until} 前有效；条件满足后自动安装",
  },
  orderWaits: {
    en: "ordered: {version}, until {until}; its bundle is not here",
    zh: "已下令：{version}，{until} 前有效；更新包尚未到位",
  },
  orderKey: {
    en: 'units that are to take it need, under [update]: orders = ["{vkey}"]',
    zh: '接受命令的设备须在 [update] 中配置：orders = ["{vkey}"]',
  },
  installed: {
    en: "{version} is installed; the unit restarts into it",
    zh: "{version} 已安装，设备将重启",
  },
} satisfies Record<string, Phrase>;

/** What an update waits for. */
export const obstacleWords: Record<Obstacle, Phrase> = {
  recording: { en: "it records", zh: "正在录制" },
  "not-docked": { en: "it has no power from outside", zh: "未接外部电源（未入仓）" },
  "battery-unknown": { en: "its battery is not known", zh: "电量未知" },
  "battery-low": { en: "its battery is low", zh: "电量不足" },
  "evidence-at-risk": { en: "it holds evidence without a receipt", zh: "存有未获回执的证据" },
};
