import type { Phrase } from "../../phrase.ts";

/** Each type of entry in plain words; `{field}` is a field of its body, ids shortened. */
export const entryTexts: Readonly<Record<string, Phrase>> = {
  "ledger.genesis": {
    en: "ledger of a {role}, {model} {serial}, begins",
    zh: "账本开始：{role}，{model} {serial}",
  },
  "ledger.epoch": { en: "new signing key ({reason})", zh: "更换签名密钥（{reason}）" },
  "ledger.close": { en: "orderly shutdown ({reason})", zh: "正常关闭（{reason}）" },
  "device.boot": {
    en: "agent {agent} started; clean end before: {clean}",
    zh: "代理 {agent} 启动；此前正常结束：{clean}",
  },
  "device.orphan": {
    en: "media without an entry was found: {bytes} bytes",
    zh: "发现无条目的媒体：{bytes} 字节",
  },
  "device.clock": { en: "clock stepped by {step_ms} ms ({src})", zh: "时钟调整 {step_ms} 毫秒（{src}）" },
  "device.heartbeat": { en: "alive; recording: {recording}", zh: "在线；录制中：{recording}" },
  "device.update": { en: "update to {version}: {state}", zh: "更新至 {version}：{state}" },
  "device.gap": { en: "gap: {reason}", zh: "中断：{reason}" },
  "activity.open": { en: "activity {activity}: {title}", zh: "执法活动 {activity}：{title}" },
  "activity.document": { en: "document {name} for {activity}", zh: "文书 {name}，活动 {activity}" },
  "activity.note": { en: "note for {activity}", zh: "记事，活动 {activity}" },
  "activity.link": { en: "recording {rec} belongs to {activity}", zh: "录制 {rec} 关联活动 {activity}" },
  "activity.unlink": {
    en: "recording {rec} does not belong to {activity}",
    zh: "录制 {rec} 取消关联活动 {activity}",
  },
  "activity.dispute": { en: "objection in {activity}", zh: "异议，活动 {activity}" },
  "activity.close": { en: "activity {activity} closed: {outcome}", zh: "活动 {activity} 结束：{outcome}" },
  "recording.start": { en: "recording {rec} starts ({trigger})", zh: "录制 {rec} 开始（{trigger}）" },
  "recording.chunk": { en: "chunk {n} of {rec}, {bytes} bytes", zh: "录制 {rec} 第 {n} 段，{bytes} 字节" },
  "recording.photo": { en: "photo, {bytes} bytes", zh: "照片，{bytes} 字节" },
  "recording.marker": { en: "marker in {rec}: {label}", zh: "录制 {rec} 打标：{label}" },
  "recording.stop": {
    en: "recording {rec} ends ({reason}): {chunks} chunks",
    zh: "录制 {rec} 结束（{reason}）：{chunks} 段",
  },
  "dock.attach": { en: "recorder {serial} docked in bay {bay}", zh: "记录仪 {serial} 插入 {bay} 号仓" },
  "dock.detach": {
    en: "recorder {serial} left bay {bay} ({reason})",
    zh: "记录仪 {serial} 离开 {bay} 号仓（{reason}）",
  },
  "dock.account": {
    en: "account of {serial}: {imported} of {files} files imported",
    zh: "{serial} 清点：{files} 个文件，已采集 {imported} 个",
  },
  "dock.inventory": { en: "inventory of {serial}", zh: "{serial} 文件清单" },
  "dock.clock": { en: "clock of {serial} was looked at", zh: "{serial} 校时" },
  "dock.wipe": { en: "{path} is removed from {serial}", zh: "从 {serial} 清除 {path}" },
  "dock.doubt": { en: "doubt about {serial}: {code}", zh: "{serial} 存疑：{code}" },
  "custody.receipt": {
    en: "receipt of {receiver} for {size} entries",
    zh: "{receiver} 的回执，覆盖 {size} 条",
  },
  "custody.purge": { en: "media purged ({reason})", zh: "清除媒体（{reason}）" },
  "custody.export": { en: "exported to {to}", zh: "导出至 {to}" },
};
