import type { Bus } from "../../../flash/disks/bus.ts";
import type { Obstacle } from "../../../flash/disks/standing.ts";
import type { PersonalName } from "../../../flash/personal/members.ts";
import type { Phrase } from "../phrase.ts";

/** What `flash` says. */
export const flashWords = {
  disk: { en: "disk", zh: "磁盘" },
  bus: { en: "bus", zh: "总线" },
  kind: { en: "kind", zh: "类型" },
  removable: { en: "removable", zh: "可移动" },
  builtIn: { en: "fixed", zh: "固定" },
  model: { en: "model", zh: "型号" },
  may: { en: "writable", zh: "可写入" },
  mayYes: { en: "yes", zh: "可以" },
  mayWithYes: { en: "with --yes", zh: "需 --yes" },
  mayNo: { en: "no", zh: "不可" },
  noMedium: { en: "empty", zh: "无卡" },
  noDisks: { en: "This machine has no disks.", zh: "本机没有磁盘。" },
  and: { en: "; ", zh: "；" },
  comma: { en: ", ", zh: "、" },
  onAt: { en: "{device} on {at}", zh: "{device} 挂载于 {at}" },
  by: { en: "{by} on {device}", zh: "{device} 上的 {by}" },
  because: { en: "{reason} ({detail})", zh: "{reason}（{detail}）" },

  phaseWriting: { en: "writing", zh: "写入" },
  phaseReading: { en: "reading back", zh: "回读" },
  perSecond: { en: "{bytes}/s", zh: "{bytes}/秒" },
  left: { en: "{time} left", zh: "剩余 {time}" },

  written: { en: "Written and found again on {target}.", zh: "已写入 {target} 并回读一致。" },
  same: { en: "{target} holds the image.", zh: "{target} 与镜像一致。" },
  differs: {
    en: "{target} is not the image: the first byte that differs is {at}.",
    zh: "{target} 与镜像不一致：首个不同字节位于 {at}。",
  },
  image: { en: "image", zh: "镜像" },
  size: { en: "size", zh: "大小" },
  digest: { en: "SHA-256", zh: "SHA-256" },
  origin: { en: "origin", zh: "来源" },
  checked: { en: "checked with {file}", zh: "已对照 {file} 核验" },
  unchecked: { en: "unchecked: there is no {file}", zh: "未核验：没有 {file}" },
  fromMemory: {
    en: "this file system reads out of memory, not from a medium",
    zh: "该文件系统从内存读取，并非来自介质",
  },
  readBack: { en: "read back", zh: "回读" },
  personal: { en: "personal", zh: "个性化" },
  personalNone: { en: "none: the image has no place for it", zh: "无：镜像未留位置" },
  personalBlank: { en: "none", zh: "无" },
  personalDamaged: { en: "damaged: {place}", zh: "已损坏：{place}" },

  adopted: { en: "Installed, and wiped from the card.", zh: "已安装，并已从卡上擦除。" },
  wiped: { en: "Had been installed before; now wiped from the card.", zh: "此前已安装；现已从卡上擦除。" },
  nothing: { en: "The card carries nothing for this unit.", zh: "卡上没有该设备的个性化内容。" },
  noRequest: {
    en: "There is no configuration yet, so no enrolment request.",
    zh: "尚无配置，因此没有注册请求。",
  },
  requestBelow: { en: "Enrolment request, for the office:", zh: "注册请求（交给单位）：" },

  serial: { en: "serial", zh: "序列号" },
  codeRight: { en: "the code is the one given", zh: "注册码相符" },
  codeUnasked: { en: "not checked: no --code", zh: "未核验：未给 --code" },
  code: { en: "code", zh: "注册码" },
} satisfies Record<string, Phrase>;

export const busNames: Readonly<Record<Bus, Phrase>> = {
  usb: { en: "USB", zh: "USB" },
  sd: { en: "SD slot", zh: "SD 卡槽" },
  emmc: { en: "eMMC", zh: "eMMC" },
  sata: { en: "SATA", zh: "SATA" },
  nvme: { en: "NVMe", zh: "NVMe" },
  virtio: { en: "virtio", zh: "virtio" },
  virtual: { en: "virtual", zh: "虚拟" },
  other: { en: "other", zh: "其他" },
};

export const obstacleTexts: Readonly<Record<Obstacle, Phrase>> = {
  "no-medium": { en: "no card is in it", zh: "未插卡" },
  root: { en: "this machine runs from it", zh: "本机系统所在" },
  mounted: { en: "mounted", zh: "已挂载" },
  swap: { en: "swap", zh: "交换区" },
  held: { en: "something stands on it", zh: "被上层设备占用" },
  "read-only": { en: "locked against writing", zh: "写保护" },
  "too-small": { en: "too small", zh: "容量不足" },
  internal: { en: "internal disk", zh: "内置磁盘" },
  "too-large": { en: "larger than a card would be", zh: "大于常见存储卡" },
};

export const personalNames: Readonly<Record<PersonalName, Phrase>> = {
  serial: { en: "serial", zh: "序列号" },
  "config.toml": { en: "configuration", zh: "配置" },
  "receiver-keys": { en: "receivers' keys", zh: "接收端公钥" },
  "broker-password": { en: "broker password", zh: "消息代理密码" },
  "broker-ca.pem": { en: "broker's CA", zh: "消息代理 CA" },
  "broker-cert.pem": { en: "certificate", zh: "证书" },
  "broker-key.pem": { en: "private key", zh: "私钥" },
  "enrolment-code": { en: "enrolment code", zh: "注册码" },
  "data-key": { en: "key of the data partition", zh: "数据分区密钥" },
};
