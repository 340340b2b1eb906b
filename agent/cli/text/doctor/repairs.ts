import type { Phrase } from "../phrase.ts";

/** What the doctor has repaired. */
export const repairWords = {
  madeDirectory: { en: "made the directory {path}", zh: "已创建目录 {path}" },
  closed: { en: "{path}: mode {mode} is {left} now", zh: "{path}：权限由 {mode} 改为 {left}" },
} satisfies Record<string, Phrase>;
