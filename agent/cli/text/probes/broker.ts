import type { Phrase } from "../phrase.ts";

/** What `broker` says. */
export const brokerWords = {
  measuring: { en: "measuring …", zh: "测量中……" },
  connected: { en: "connected in", zh: "连接用时" },
  roundTrip: { en: "acknowledged, least/median/p95/most", zh: "确认：最小/中位/p95/最大" },
  echo: { en: "came back, least/median/p95/most", zh: "返回：最小/中位/p95/最大" },
  window: { en: "{parts} at once", zh: "同时 {parts} 条" },
  windowText: { en: "{rate} ({sent} of {size})", zh: "{rate}（{sent} 条，每条 {size}）" },
  saturated: { en: "saturated by", zh: "饱和窗口" },
  saturatedText: { en: "{parts} at once, {rate}", zh: "同时 {parts} 条，{rate}" },
  noEcho: {
    en: "What is sent does not come back: the broker's access list lacks the probe's topic (docs/brokers.md).",
    zh: "发送的消息未返回：消息代理的访问控制缺少探测主题（见 docs/brokers.md）。",
  },
} satisfies Record<string, Phrase>;
