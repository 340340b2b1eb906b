import type { Phrase } from "../phrase.ts";

/** Descriptions of `update`. */
export const updateHelp = {
  update: { en: "update a unit that has two slots", zh: "更新双分区设备" },
  status: {
    en: "show the slots, the version that runs, and what an update would wait for",
    zh: "显示分区、当前版本及更新须等待的条件",
  },
  install: {
    en: "put a signed bundle on the unit, install it, and restart into it",
    zh: "将签名更新包放入设备，安装并重启",
  },
  check: {
    en: "look at a bundle as a unit would: its signature and all of its content",
    zh: "按设备的标准检查更新包：签名与全部内容",
  },
  keyring: {
    en: "certificates that are trusted, PEM (default: as /etc/rauc/system.conf says)",
    zh: "信任的证书（PEM，默认依 /etc/rauc/system.conf）",
  },
  stage: {
    en: "put a bundle on the unit, to be installed when an office's order for it may be carried out",
    zh: "将更新包放入设备，待管理单位的命令可执行时安装",
  },
  order: {
    en: "sign an office's order to install a bundle, and print it",
    zh: "签署安装更新包的命令并输出",
  },
  orderFile: {
    en: "order for this bundle, as `update order` printed it",
    zh: "该更新包的命令文件（update order 的输出）",
  },
  key: {
    en: "private key that signs orders, Ed25519 PKCS#8 PEM",
    zh: "签署命令的私钥（Ed25519 PKCS#8 PEM）",
  },
  keyName: { en: "what units call the key", zh: "设备配置中该密钥的名称" },
  device: {
    en: "id of the one device that it is for; without it, every one",
    zh: "仅限该设备 ID；省略则适用于所有设备",
  },
  days: { en: "days that it can be carried out for", zh: "有效天数" },
  bundle: { en: "update bundle, .raucb", zh: "更新包（.raucb）" },
} satisfies Record<string, Phrase>;
