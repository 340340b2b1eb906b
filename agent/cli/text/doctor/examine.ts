import type { Phrase } from "../phrase.ts";

/** What the doctor says of any check. */
export const examineWords = {
  late: { en: "no answer within {seconds} s", zh: "{seconds} 秒内无结果" },
  threw: { en: "{code}: {place}", zh: "{code}：{place}" },
  noConfig: { en: "the configuration cannot be used", zh: "配置无法使用" },
  notThisRole: { en: "not in this role", zh: "该角色无此项" },
  notConfigured: { en: "not configured", zh: "未配置" },
  notAllowed: {
    en: "this account may not look; run it as the agent's account or as root",
    zh: "当前账户无权查看；请以代理账户或 root 运行",
  },
  noAgent: { en: "no agent runs", zh: "代理未运行" },
  agentHasIt: { en: "the running agent uses it", zh: "正被运行中的代理使用" },
} satisfies Record<string, Phrase>;
