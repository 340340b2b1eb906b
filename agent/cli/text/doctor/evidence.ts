import type { Phrase } from "../phrase.ts";

/** The doctor on ledger, media and backlog. */
export const evidenceWords = {
  agent: { en: "agent", zh: "代理" },
  agentWhy: { en: "without it nothing is recorded and nothing goes up", zh: "代理不运行则不录制也不上传" },
  agentNext: {
    en: "fulltrace run --config FILE, or start its service",
    zh: "执行 fulltrace run --config FILE，或启动其服务",
  },
  agentSeen: { en: "process {pid}, version {version}", zh: "进程 {pid}，版本 {version}" },
  agentSilent: { en: "it does not answer: {code}", zh: "无应答：{code}" },
  agentSilentNext: {
    en: "read its log, then end its process and start it again",
    zh: "查看其日志，然后结束该进程并重新启动",
  },
  alarms: { en: "alarms", zh: "告警" },
  alarmsWhy: { en: "what the agent itself calls for help about", zh: "代理自身发出的求助" },
  alarmsNext: { en: "fulltrace status tells each alarm", zh: "fulltrace status 列出各项告警" },
  alarmsNone: { en: "none", zh: "无" },
  alarmsSeen: { en: "{codes}", zh: "{codes}" },
  ledger: { en: "ledger", zh: "账本" },
  ledgerWhy: { en: "what is not in the ledger proves nothing", zh: "不在账本中的内容不能作证" },
  ledgerNext: {
    en: "keep the directory as it is, and run fulltrace verify on a copy",
    zh: "保持目录原样，对副本执行 fulltrace verify",
  },
  ledgerSeen: {
    en: "{size} entries, the newest {count} chained",
    zh: "{size} 个条目，最新 {count} 个链接完好",
  },
  ledgerBroken: { en: "entry {seq} does not follow the one before", zh: "条目 {seq} 与前一条不衔接" },
  ledgerEmpty: { en: "no ledger yet", zh: "尚无账本" },
  ledgerStart: {
    en: "it begins when the agent first runs: fulltrace run --config FILE",
    zh: "首次运行代理时生成：fulltrace run --config FILE",
  },
  ledgers: { en: "{count} replicas open, {size} entries", zh: "{count} 份副本可打开，共 {size} 个条目" },
  whole: { en: "whole ledger", zh: "整个账本" },
  wholeWhy: {
    en: "an edit anywhere is seen only by reading everything",
    zh: "只有通读全部才能发现任何一处改动",
  },
  wholeNext: {
    en: "keep the directory as it is, and run fulltrace verify with the trust file",
    zh: "保持目录原样，用信任文件执行 fulltrace verify",
  },
  wholeSeen: {
    en: "{verdict}, {count} problems; ledgers read: {ledgers}",
    zh: "{verdict}，{count} 个问题；已通读账本 {ledgers} 个",
  },
  onlyFull: { en: "only with --full: it reads everything", zh: "仅在 --full 时：需通读全部" },
  media: { en: "media against ledger", zh: "媒体与账本对照" },
  mediaWhy: { en: "an entry without its file is half a proof", zh: "有条目无文件只是半个证据" },
  mediaNext: {
    en: "fulltrace recording list tells which recordings lack chunks",
    zh: "fulltrace recording list 列出缺少片段的录像",
  },
  mediaSeen: {
    en: "the newest {count} files are there, whole by length",
    zh: "最新 {count} 个文件存在且长度正确",
  },
  mediaMissing: {
    en: "{missing} of the newest {count} files missing or of another length",
    zh: "最新 {count} 个文件中 {missing} 个缺失或长度不符",
  },
  backlog: { en: "backlog", zh: "待上传" },
  backlogWhy: { en: "what is only here is lost with this disk", zh: "仅存于此的内容随磁盘损坏而丢失" },
  backlogNext: {
    en: "leave it linked until it is empty; fulltrace sync flush waits for that",
    zh: "保持连接直至清空；fulltrace sync flush 可等待完成",
  },
  backlogSeen: {
    en: "{entries} entries, {bytes}, the oldest of {age} ago",
    zh: "{entries} 个条目，{bytes}，最早在 {age} 前",
  },
  backlogNone: { en: "nothing", zh: "无" },
  receipt: { en: "last receipt", zh: "最近回执" },
  receiptWhy: { en: "only a receipt proves that somebody else holds it", zh: "只有回执证明他处已保存" },
  receiptNext: {
    en: "look at receiver and custody keys: sync.custody must list the receiver's key",
    zh: "检查接收端与保管密钥：sync.custody 须列出接收端密钥",
  },
  receiptSeen: {
    en: "{time}, {age} ago: entry {seq}, up to {covered} of {size} entries",
    zh: "{time}（{age} 前）：条目 {seq}，覆盖 {covered}/{size} 个条目",
  },
  receiptNone: { en: "none yet, of {size} entries", zh: "尚无回执，共 {size} 个条目" },
} satisfies Record<string, Phrase>;
