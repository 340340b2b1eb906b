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
  bundle: { en: "update bundle, .raucb", zh: "更新包（.raucb）" },
} satisfies Record<string, Phrase>;
