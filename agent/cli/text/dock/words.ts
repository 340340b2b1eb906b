import type { BayStateKind, KeepReason, Want } from "../../../../capture/docking/bay-state.ts";
import type { Phrase } from "../phrase.ts";

/** What a bay shows in each state. */
export const bayStates: Readonly<Record<BayStateKind, Phrase>> = {
  empty: { en: "empty", zh: "空" },
  identifying: { en: "identifying", zh: "识别中" },
  recognised: { en: "recognised", zh: "已识别" },
  "setting-clock": { en: "setting clock", zh: "校时中" },
  switching: { en: "becoming a disk", zh: "切换为磁盘" },
  inventory: { en: "listing files", zh: "清点文件" },
  importing: { en: "importing", zh: "采集中" },
  verifying: { en: "verifying", zh: "核对中" },
  "awaiting-receipts": { en: "awaiting receipts", zh: "等待回执" },
  clearing: { en: "clearing", zh: "清空中" },
  cleared: { en: "safe, not ready", zh: "已安全，未就绪" },
  kept: { en: "files kept", zh: "文件保留" },
  ready: { en: "READY to take", zh: "可取用" },
  refused: { en: "refused", zh: "拒绝" },
  fault: { en: "fault", zh: "故障" },
};

/** Why files stay on a recorder, or why it is not ready. */
export const bayReasons: Readonly<Record<KeepReason | Want, Phrase>> = {
  policy: { en: "this dock never wipes", zh: "本采集站从不清空" },
  "on-order": { en: "safe to wipe; waiting for an order", zh: "可以清空，等待指令" },
  "unknown-recorder": { en: "this dock does not know the recorder", zh: "本采集站不认识该记录仪" },
  "cannot-remove": { en: "files of this make cannot be removed", zh: "该型号不支持删除文件" },
  "not-imported": { en: "not every file is imported", zh: "有文件尚未采集" },
  skipped: { en: "something on the card is no plain file", zh: "卡上有非普通文件" },
  "not-receipted": { en: "not every file has its receipt", zh: "有文件尚无回执" },
  "changed-since-import": { en: "a file changed after its import", zh: "有文件采集后发生变化" },
  "not-removed": { en: "a file could not be removed", zh: "有文件无法删除" },
  "recorder-twice": {
    en: "another recorder with this serial number is docked",
    zh: "另一台序列号相同的记录仪也在仓位中",
  },
  "other-disk": { en: "it came back as another disk than before", zh: "切换后的磁盘与以往不同" },
  clock: { en: "its clock is not shown to be right", zh: "时钟未确认准确" },
  battery: { en: "not charged enough", zh: "电量不足" },
  recording: { en: "it is recording", zh: "正在录制" },
};

/** Codes of a bay that ask something of whoever stands before it; the others are told as they are. */
export const bayCodes: Readonly<Record<string, Phrase>> = {
  "recorder-twice": {
    en: "its serial number is in another bay already; take one of the two out, then put this one in again",
    zh: "其序列号已在另一仓位；请取出其中一台，再重新放入本机",
  },
  "recorder-listing": {
    en: "its list of files has no end; have the recorder looked at, its evidence is still on it",
    zh: "其文件列表没有尽头；请检修该记录仪，证据仍在其中",
  },
  "usb-quarantine": {
    en: "what is in it keeps ending the USB process, and is left alone for a while",
    zh: "其中的设备反复导致 USB 进程退出，暂不与其通信",
  },
};

/** The other words of `fulltrace dock`. */
export const dockWords = {
  bay: { en: "bay", zh: "仓位" },
  recorder: { en: "recorder", zh: "记录仪" },
  wearer: { en: "wearer", zh: "佩戴人" },
  battery: { en: "battery", zh: "电量" },
  clock: { en: "clock", zh: "时钟" },
  clockOnTime: { en: "on time", zh: "准确" },
  clockUnsure: { en: "not shown to be right", zh: "未确认准确" },
  clockWas: { en: "was off by {offset}, now {now}", zh: "曾偏差 {offset}，现{now}" },
  and: { en: "; ", zh: "；" },
  files: { en: "files", zh: "文件" },
  imported: { en: "imported", zh: "已采集" },
  data: { en: "data", zh: "数据" },
  since: { en: "since", zh: "自" },
  bays: { en: "bays", zh: "仓位" },
  baysText: {
    en: "{occupied} of {bays} taken: {ready} ready, {kept} with files kept, {faults} at fault",
    zh: "{bays} 个，占用 {occupied}：可取用 {ready}，文件保留 {kept}，故障 {faults}",
  },
  imports: { en: "imports", zh: "采集" },
  importsText: {
    en: "{importing} files now, {waiting} waiting",
    zh: "进行中 {importing} 个文件，等待 {waiting} 个",
  },
  backlog: { en: "still to send: {entries} entries, {bytes}", zh: "待上传：{entries} 条，{bytes}" },
  itsAlarms: { en: "its alarms: {alarms}", zh: "其告警：{alarms}" },
  noBays: { en: "no bay has been used yet", zh: "尚无仓位被使用" },
  wiped: { en: "wiped", zh: "已清除" },
  gone: { en: "gone before", zh: "卡上已无" },

  safe: {
    en: "SAFE TO WIPE: all {files} files ({bytes}) are in the ledger and receipted.",
    zh: "可以安全清空：全部 {files} 个文件（{bytes}）已入账本并有回执。",
  },
  allWiped: {
    en: "CARD EMPTY: all {files} files ({bytes}) are in the ledger and receipted.",
    zh: "卡已空：全部 {files} 个文件（{bytes}）已入账本并有回执。",
  },
  emptyCard: {
    en: "NOTHING TO WIPE: the card is empty.",
    zh: "无需清空：卡上没有文件。",
  },
  unsafe: { en: "NOT SAFE TO WIPE: {reasons}.", zh: "不可清空：{reasons}。" },
  ledger: { en: "ledger", zh: "账本" },
  receiver: { en: "receiver", zh: "接收端" },
  receiverText: { en: "{receiver}, up to entry {size}", zh: "{receiver}，至第 {size} 条" },
  receipt: { en: "receipt", zh: "回执" },
  path: { en: "file", zh: "文件" },
  state: { en: "state", zh: "状态" },
  digest: { en: "SHA-256", zh: "SHA-256" },
  more: { en: "… the first {shown} of {files} files", zh: "……共 {files} 个文件，仅列前 {shown} 个" },

  first: { en: "recorder {serial} comes first now", zh: "记录仪 {serial} 已优先" },
  wipeOrdered: {
    en: "recorder {serial} will be wiped once that is safe; see fulltrace dock show",
    zh: "记录仪 {serial} 将在确认安全后清空；可用 fulltrace dock show 查看",
  },
  wearerTold: { en: "bay {bay}: worn by {wearer}", zh: "仓位 {bay}：佩戴人 {wearer}" },
  handedOut: { en: "recorder {serial} goes to {wearer}", zh: "记录仪 {serial} 交给 {wearer}" },
} satisfies Record<string, Phrase>;

/** What became of a file. */
export const fileStates = {
  pending: { en: "waiting", zh: "待采集" },
  imported: { en: "imported", zh: "已采集" },
  failed: { en: "failed: {reason}", zh: "失败：{reason}" },
  wiped: { en: "wiped", zh: "已清除" },
  gone: { en: "imported, no longer on the card", zh: "已采集，卡上已无" },
} satisfies Record<string, Phrase>;
