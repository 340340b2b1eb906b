import type { SerialUse } from "../../../probes/serial/ports.ts";
import type { Phrase } from "../phrase.ts";

/** What `serial` says. */
export const serialWords = {
  noPorts: { en: "This machine has no serial line.", zh: "本机没有串口。" },
  usbPort: { en: "USB port {port}", zh: "USB 端口 {port}" },
  usedBy: { en: "configured as {use}", zh: "配置用途：{use}" },
  missing: {
    en: "nothing is plugged in at this path, which the configuration names",
    zh: "配置中的该路径没有接入设备",
  },
  mayNotOpen: {
    en: "this account may not open it: join the group that owns it",
    zh: "当前账户无权打开：请加入其属组",
  },
  firmware: { en: "firmware", zh: "固件" },
  features: { en: "has", zh: "部件" },
  lastStart: { en: "last start", zh: "上次启动" },
  battery: { en: "battery", zh: "电量" },
  unknown: { en: "not known yet", zh: "尚未知" },
  answers: { en: "answers", zh: "应答" },
  roundTrip: { en: "round trip, least/median/p95/most", zh: "往返：最小/中位/p95/最大" },
  noise: { en: "noise", zh: "噪声" },
  unknownFrame: { en: "frame of unknown type {type}: {hex}", zh: "未知类型 {type} 的帧：{hex}" },
  checksum: {
    wrong: { en: "(wrong checksum)", zh: "（校验和错误）" },
    none: { en: "(no checksum)", zh: "（无校验和）" },
  },
  discarded: { en: "{bytes} bytes of noise", zh: "噪声 {bytes} 字节" },
  loopGood: {
    en: "{sent} bytes sent at {baud} baud, all came back as they were",
    zh: "以 {baud} 波特发送 {sent} 字节，全部原样返回",
  },
  loopBad: {
    en: "{sent} bytes sent at {baud} baud, {received} came back: {wrong} wrong, {lost} lost, {extra} too many",
    zh: "以 {baud} 波特发送 {sent} 字节，返回 {received}：错误 {wrong}，丢失 {lost}，多余 {extra}",
  },
} satisfies Record<string, Phrase | Record<string, Phrase>>;

export const serialUses: Readonly<Record<SerialUse, Phrase>> = {
  board: { en: "control board", zh: "控制板" },
  gnss: { en: "GNSS receiver", zh: "卫星定位模块" },
  "badge-reader": { en: "badge reader", zh: "工牌读卡器" },
  "lamp-board": { en: "lamp board", zh: "灯板" },
};
