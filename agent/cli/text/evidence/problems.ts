import type { ProblemCode, Verdict } from "../../../../crypto/proof/verdict.ts";
import type { Phrase } from "../phrase.ts";

/** What each verdict means. */
export const verdictTexts: Readonly<Record<Verdict, Phrase>> = {
  authentic: {
    en: "Every check passed, and trusted witnesses cover the last entry.",
    zh: "全部检验通过，可信见证方覆盖至最后一条。",
  },
  "authentic-unwitnessed-tail": {
    en: "Every check passed; the entries after size {size} are covered by the device alone.",
    zh: "全部检验通过；第 {size} 条之后仅由设备自身担保。",
  },
  incomplete: {
    en: "Nothing is altered, but media is missing or a recording has no stop.",
    zh: "未发现篡改，但缺少媒体或录制没有停止条目。",
  },
  altered: {
    en: "A byte, hash, signature, order or rule is wrong, or entries are missing.",
    zh: "字节、散列、签名、次序或规则有误，或缺少条目。",
  },
  unreadable: {
    en: "This is not a ledger, or it is damaged beyond reading.",
    zh: "这不是账本，或已损坏到无法读取。",
  },
};

/** What each finding means. */
export const problemTexts: Readonly<Record<ProblemCode, Phrase>> = {
  "ledger-missing": { en: "there is no ledger.db here", zh: "此处没有 ledger.db" },
  "not-a-ledger": { en: "ledger.db is not a ledger of this format", zh: "ledger.db 不是本格式的账本" },
  "ledger-empty": { en: "the ledger has no entries", zh: "账本没有条目" },
  "database-damaged": { en: "the database is damaged", zh: "数据库已损坏" },

  "not-canonical": { en: "an entry is not written in canonical form", zh: "条目不是规范写法" },
  "body-too-large": { en: "an entry is larger than the format allows", zh: "条目超出格式允许的大小" },
  "entry-fields": {
    en: "an entry lacks fields, or they are of the wrong kind",
    zh: "条目字段缺失或类型不符",
  },
  "entry-order": { en: "an entry stands at another place than it says", zh: "条目位置与其自述不符" },
  "entries-missing": { en: "entries that existed are missing", zh: "曾存在的条目缺失" },
  "chain-broken": { en: "an entry does not follow the one before it", zh: "条目与前一条未链接" },
  "leaf-mismatch": { en: "an entry does not have the hash stored with it", zh: "条目与所存散列不符" },
  "wrong-device": { en: "an entry is of another device", zh: "条目属于其他设备" },
  "unknown-device": { en: "the trust file does not list this device's key", zh: "信任文件未列出该设备密钥" },
  "boot-order": { en: "a start of the agent is not told as it must be", zh: "代理启动的记录不合规则" },
  "time-backwards": { en: "the monotonic clock runs backwards", zh: "单调时钟倒退" },
  "epoch-order": { en: "signing keys do not follow each other as they must", zh: "签名密钥更替次序有误" },
  "epoch-key-reused": { en: "a signing key is used again", zh: "签名密钥被重复使用" },
  "bad-public-key": { en: "a public key is not acceptable", zh: "公钥不可接受" },
  "wrong-signers": {
    en: "signers are missing, too many, unknown or out of order",
    zh: "签名者缺失、多余、未知或次序有误",
  },
  "bad-signature": { en: "a signature does not verify", zh: "签名验证失败" },

  "media-fields": { en: "an entry does not name its media properly", zh: "条目未正确标明媒体" },
  "media-disagreement": {
    en: "entries disagree on the length of one file",
    zh: "多个条目对同一文件的长度说法不一",
  },
  "recording-twice": { en: "a recording starts twice", zh: "同一录制开始了两次" },
  "recording-unknown": {
    en: "an entry belongs to a recording that never started",
    zh: "条目所属录制从未开始",
  },
  "recording-closed": { en: "something was added to a recording after its stop", zh: "录制停止后又有新增" },
  "chunk-order": { en: "a recording's chunks are missing or out of order", zh: "录制分段缺失或次序有误" },
  "chunk-init": {
    en: "a recording's first chunk is not an initialisation segment",
    zh: "录制首段不是初始化段",
  },
  "chunk-times": { en: "a chunk's times are not possible", zh: "分段时间不合理" },
  "chunk-jump": { en: "media time jumps without a signed gap", zh: "媒体时间跳跃而无签名的间断" },
  "chunk-overlap": { en: "chunks overlap in media time", zh: "分段的媒体时间重叠" },
  "chunk-offset": { en: "an imported file's chunks do not join", zh: "导入文件的分段无法衔接" },
  "frames-lost-unsaid": { en: "frames are missing and no signed gap says so", zh: "丢帧而无签名的间断说明" },
  "stop-sums": { en: "a recording's stop does not agree with its chunks", zh: "录制停止条目与分段不符" },
  "file-digest": {
    en: "an imported file's chunks joined are not the file",
    zh: "导入分段合并后与原文件不符",
  },
  "boot-claims": {
    en: "what a start of the agent says of the run before is not so",
    zh: "启动条目对上次运行的说法不实",
  },
  "recording-open": { en: "a recording has no stop", zh: "录制没有停止条目" },

  "bad-checkpoint": { en: "a stored checkpoint is not the device's", zh: "所存检查点不是该设备的" },
  "checkpoint-root": { en: "a signed checkpoint contradicts the entries", zh: "已签名检查点与条目矛盾" },
  "bad-cosignature": {
    en: "a trusted witness's cosignature does not verify",
    zh: "可信见证方的联署验证失败",
  },
  "bad-note": { en: "the checkpoint given with --note is not usable", zh: "--note 给出的检查点不可用" },
  "bad-receipt": { en: "a trusted receiver's receipt does not verify", zh: "可信接收方的回执验证失败" },
  "receipt-root": { en: "a signed receipt contradicts the entries", zh: "已签名回执与条目矛盾" },
  "receipt-mismatch": {
    en: "an entry does not agree with the receipt that it names",
    zh: "条目与其所指回执不符",
  },
  "purge-range": { en: "a purge names entries that it must not", zh: "清除条目涉及不应清除的内容" },
  "purge-unreceipted": {
    en: "media was purged without a receipt that covers it",
    zh: "媒体在没有回执的情况下被清除",
  },
  "wipe-unproven": {
    en: "a file was removed from a recorder without proof that it is kept",
    zh: "记录仪上的文件在没有保管凭证的情况下被删除",
  },
  "receipt-missing": { en: "a receipt that an entry names is not here", zh: "条目所指回执缺失" },

  "media-altered": { en: "a media file does not have the digest of its entry", zh: "媒体文件与条目摘要不符" },
  "media-missing": { en: "a media file is missing", zh: "媒体文件缺失" },
  "media-purged": { en: "a media file is missing, and a purge says so", zh: "媒体文件缺失，且有清除条目" },
  "media-unreadable": { en: "a media file cannot be read", zh: "媒体文件无法读取" },
};

/** The words of the report. */
export const reportWords = {
  device: { en: "device", zh: "设备" },
  key: { en: "key", zh: "密钥" },
  keyTrusted: { en: "{key} (trusted)", zh: "{key}（受信）" },
  keyUntrusted: { en: "{key} (NOT in the trust file)", zh: "{key}（不在信任文件中）" },
  complete: { en: "complete as of", zh: "完整至" },
  completeText: {
    en: "size {size} at {time}, by {witnesses}",
    zh: "第 {size} 条，{time}，见证方 {witnesses}",
  },
  completeNone: { en: "unknown: no quorum of trusted witnesses", zh: "未知：可信见证方不足法定数" },
  entries: { en: "entries", zh: "条目" },
  clocks: { en: "clock claims", zh: "时钟自述" },
  clocksText: { en: "{first} to {last}", zh: "{first} 至 {last}" },
  signatures: { en: "signatures", zh: "签名" },
  signaturesText: { en: "{checked} checked", zh: "已验 {checked}" },
  signaturesSkipped: {
    en: "{checked} checked, {skipped} taken on the receipt of {receiver} at size {size}",
    zh: "已验 {checked}；{skipped} 条凭 {receiver} 在 {size} 条处的回执采信",
  },
  receipts: { en: "receipts", zh: "回执" },
  receiptsText: {
    en: "{receiver}: {receipts}, up to size {size}",
    zh: "{receiver}：{receipts} 份，至第 {size} 条",
  },
  recordings: { en: "recordings", zh: "录制" },
  media: { en: "media", zh: "媒体" },
  mediaText: {
    en: "{files} files, {bytes}; missing {missing}, purged {purged}, unnamed {unnamed}",
    zh: "{files} 个文件，{bytes}；缺失 {missing}，已清除 {purged}，无条目 {unnamed}",
  },
  uncleanBoots: { en: "unclean boots", zh: "非正常启动" },
  uncleanBootsText: { en: "{count}: entries {seqs}", zh: "{count} 次：条目 {seqs}" },
  strangers: { en: "ignored keys", zh: "忽略的密钥" },
  unknownTypes: { en: "unknown types", zh: "未知类型" },
  none: { en: "none", zh: "无" },
  problems: { en: "Problems:", zh: "问题：" },
  problemsMore: { en: "… and {count} more", zh: "……另有 {count} 项" },
  seq: { en: "entry {seq}", zh: "条目 {seq}" },
  whole: { en: "ledger", zh: "账本" },
  unknowable: { en: "What this check cannot know:", zh: "本次检验无法得知：" },
  latestUnknown: {
    en: "whether a newer copy exists: give a checkpoint fetched from a witness with --note",
    zh: "是否有更新的副本：请用 --note 提供从见证方取得的检查点",
  },
  tailUnknown: {
    en: "whether the device rewrote its entries after size {size} before anyone saw them",
    zh: "第 {size} 条之后的条目在他人看到之前是否被设备改写",
  },
  clocksUnknown: {
    en: "whether wall clocks were right: order is what the ledger proves",
    zh: "墙上时钟是否准确：账本证明的是次序",
  },
  lensUnknown: { en: "what happened outside of the lens, or before it", zh: "镜头之外或镜头前的真实情况" },
  progressEntries: { en: "entries {done} of {total}", zh: "条目 {done} / {total}" },
  progressMedia: { en: "media {done} of {total}", zh: "媒体 {done} / {total}" },
} satisfies Record<string, Phrase>;
