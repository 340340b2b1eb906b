import type { ErrorText } from "./error-text.ts";

/** What refuses or ends an update. */
export const updateErrors = {
  "bundle-missing": {
    meaning: { en: "There is no update bundle there.", zh: "该处没有更新包。" },
    next: { en: "name the .raucb file that was handed out", zh: "指定发放的 .raucb 文件" },
    exit: 1,
  },
  "bundle-unsigned": {
    meaning: {
      en: "Nobody whose updates this unit takes has signed the bundle.",
      zh: "更新包未由本设备信任的签名者签名。",
    },
    next: { en: "get it again from the office that hands out updates", zh: "向发放更新的单位重新获取" },
    exit: 1,
  },
  "bundle-damaged": {
    meaning: { en: "The bundle is damaged, or is none.", zh: "更新包已损坏，或并非更新包。" },
    next: { en: "copy it again, and compare its SHA-256", zh: "重新复制并比对 SHA-256" },
    exit: 1,
  },
  "bundle-other-board": {
    meaning: { en: "The bundle is for another kind of unit.", zh: "更新包适用于其他型号的设备。" },
    next: { en: "take the one for this unit", zh: "使用本型号的更新包" },
    exit: 1,
  },
  "bundle-too-old": {
    meaning: {
      en: "The bundle is older than what this unit may go back to.",
      zh: "更新包低于本设备允许的最低版本。",
    },
    next: { en: "take a newer one", zh: "使用更新的版本" },
    exit: 1,
  },
  "bad-order": {
    meaning: { en: "This is no order to update, or it was altered.", zh: "并非更新命令，或命令已被改动。" },
    next: { en: "get it again from the office that gave it", zh: "向下令单位重新获取" },
    exit: 1,
  },
  "unknown-order-key": {
    meaning: {
      en: "Nobody whose orders this unit takes has signed it.",
      zh: "命令未由本设备接受的密钥签署。",
    },
    next: { en: "compare its key with update.orders in the configuration", zh: "核对配置中的 update.orders" },
    exit: 1,
  },
  "order-not-ours": {
    meaning: { en: "The order is for another device.", zh: "该命令属于其他设备。" },
    next: { en: "take the one for this device", zh: "使用本设备的命令" },
    exit: 1,
  },
  "order-expired": {
    meaning: { en: "The order has run out.", zh: "命令已过期。" },
    next: { en: "check the unit's clock, or ask for a new order", zh: "检查设备时钟，或申请新命令" },
    exit: 1,
  },
  "order-other-bundle": {
    meaning: { en: "The order names another version than its bundle.", zh: "命令所述版本与更新包不符。" },
    next: { en: "ask the office for a new order", zh: "请管理单位重新下令" },
    exit: 1,
  },
  "too-many-orders": {
    meaning: { en: "The unit has no room for another order.", zh: "设备上的命令已满。" },
    next: { en: "wait until one has run out", zh: "等待旧命令过期" },
    exit: 1,
  },
  "update-blocked": {
    meaning: { en: "The unit may not be updated now.", zh: "设备当前不可更新。" },
    next: {
      en: "dock it, let it charge and hand over, then ask again: fulltrace update status",
      zh: "入仓、充电并完成上传后重试：fulltrace update status",
    },
    exit: 1,
  },
  "update-busy": {
    meaning: { en: "An update is under way, or on trial.", zh: "已有更新正在进行或试运行。" },
    next: { en: "wait for its end: fulltrace update status", zh: "等待其结束：fulltrace update status" },
    exit: 1,
  },
  "update-not-here": {
    meaning: {
      en: "This unit has no updating service: it was not started from a card's image.",
      zh: "本设备没有更新服务（并非由镜像启动）。",
    },
    next: { en: "update it as its program was installed", zh: "按其程序的安装方式更新" },
    exit: 1,
  },
  "update-failed": {
    meaning: {
      en: "The update was not carried out. The version before it runs on.",
      zh: "更新未完成，原版本继续运行。",
    },
    next: {
      en: "read the journal of fulltrace-updater and rauc",
      zh: "查看 fulltrace-updater 与 rauc 的日志",
    },
    exit: 1,
  },
  "rauc-failed": {
    meaning: { en: "RAUC did not answer as it should.", zh: "RAUC 应答异常。" },
    next: { en: "read the journal of rauc", zh: "查看 rauc 的日志" },
    exit: 1,
  },
} satisfies Record<string, ErrorText>;
