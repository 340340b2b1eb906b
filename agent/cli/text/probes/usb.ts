import type { Phrase } from "../phrase.ts";

/** What `usb` says. */
export const usbWords = {
  nothing: { en: "Nothing is plugged in.", zh: "没有接入任何设备。" },
  bay: { en: "(bay {bay})", zh: "（仓位 {bay}）" },
  attached: { en: "in ", zh: "插入" },
  detached: { en: "out", zh: "拔出" },
  unsure: {
    en: "(or a GA/T 947 recorder: it was not asked)",
    zh: "（也可能是 GA/T 947 记录仪：未询问）",
  },
  byKernel: { en: "interface {number}: kernel driver {by}", zh: "接口 {number}：内核驱动 {by}" },
  byProgram: {
    en: "interface {number}: held by a program (usbfs)",
    zh: "接口 {number}：被程序占用（usbfs）",
  },
  and: { en: "; ", zh: "；" },
  refused: {
    en: "never let into a dock: it could type or do worse",
    zh: "采集站不予接入：它可能模拟键盘输入",
  },
  mayNotOpen: {
    en: "this account may not open it: install the rules of config/udev",
    zh: "当前账户无权打开：请安装 config/udev 中的规则",
  },
  asked: { en: "asked", zh: "询问对象" },
  askedDock: { en: "the running dock, which holds it", zh: "运行中的采集站（正占用该设备）" },
  driver: { en: "driver", zh: "驱动" },
  firmware: { en: "firmware", zh: "固件" },
  charging: { en: "charging", zh: "充电中" },
  ahead: { en: "{seconds} s ahead", zh: "快 {seconds} 秒" },
  behind: { en: "{seconds} s behind", zh: "慢 {seconds} 秒" },
  cardText: { en: "{files}, {bytes}; {skipped} left alone", zh: "{files} 个，{bytes}；略过 {skipped}" },
  cardTrouble: { en: "not looked at: {code}", zh: "未查看：{code}" },
  can: { en: "can", zh: "能力" },
} satisfies Record<string, Phrase>;

export const usbFindings = {
  recorder: { en: "{driver} ({family})", zh: "{driver}（{family}）" },
  refused: { en: "refused: {reason}", zh: "拒绝：{reason}" },
  hub: { en: "hub", zh: "集线器" },
  other: { en: "no recorder", zh: "非记录仪" },
} satisfies Record<string, Phrase>;
