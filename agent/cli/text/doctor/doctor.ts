import type { Phrase } from "../phrase.ts";

/** The doctor's command: help, and the list that it tells. */
export const doctorWords = {
  doctor: {
    en: "check everything that evidence hangs on, and say what to do",
    zh: "检查证据安全的各个环节并给出处置办法",
  },
  full: { en: "read and verify the whole ledger and its media too", zh: "同时通读并验证整个账本与媒体" },
  fix: {
    en: "repair what is safe to repair, and say what was done",
    zh: "修复可安全修复的问题并说明所做操作",
  },
  bundle: {
    en: "pack a support bundle, without footage, keys, positions, names or texts",
    zh: "打包支持信息（不含录像、密钥、位置、姓名与文字）",
  },
  repaired: { en: "Repaired: {what}", zh: "已修复：{what}" },
  nothingRepaired: { en: "Nothing to repair that is safe to repair.", zh: "没有可安全修复的问题。" },
  why: { en: "why: {text}", zh: "原因：{text}" },
  next: { en: "next: {text}", zh: "处置：{text}" },
  ok: { en: "ok", zh: "正常" },
  warn: { en: "WARN", zh: "注意" },
  fail: { en: "FAIL", zh: "失败" },
  skipped: { en: "skip", zh: "跳过" },
  atRisk: {
    en: "Evidence is at risk: {fail} failed, {warn} to look at.",
    zh: "证据有风险：{fail} 项失败，{warn} 项需注意。",
  },
  safe: {
    en: "Nothing seen that endangers evidence: {ok} well, {warn} to look at, {skipped} skipped.",
    zh: "未发现危及证据的问题：{ok} 项正常，{warn} 项需注意，{skipped} 项跳过。",
  },
  waiting: { en: "looking at: {names}", zh: "检查中：{names}" },
  line: { en: "{name}: {seen}", zh: "{name}：{seen}" },
  bundled: { en: "Support bundle: {file}, {bytes}", zh: "支持包：{file}，{bytes}" },
} satisfies Record<string, Phrase>;
