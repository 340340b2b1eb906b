import type { FolderFaultCode } from "../../../records/sharing/verify/folder-verdict.ts";
import type { Phrase } from "../phrase.ts";

/** Sharing with a platform: help, and what its commands say. */
export const shareHelp = {
  share: { en: "what a platform or a court is given", zh: "向平台或法院提供材料" },
  export: {
    en: "write one activity, with its proofs, into a new folder",
    zh: "将一项执法活动连同证明导出到新目录",
  },
  verify: { en: "check an exported folder against a trust file", zh: "对照信任文件核验导出目录" },
  exported: { en: "folder that `share export` made", zh: "share export 生成的目录" },
  directory: { en: "folder to make", zh: "要新建的目录" },
  withRecordings: {
    en: "with recordings and photos, not their digests alone",
    zh: "包含录像与照片，而不只是摘要",
  },
  dev: { en: "device of a receiver whose ledger holds it", zh: "接收端中该活动所属的设备编号" },
} satisfies Record<string, Phrase>;

export const shareWords = {
  writing: { en: "writing {name}", zh: "正在写入 {name}" },
  exported: { en: "{directory}: {files} files, {bytes}", zh: "{directory}：{files} 个文件，{bytes}" },
  contents: {
    en: "Documents: {documents}, recordings: {recordings}",
    zh: "文书 {documents} 份，录像 {recordings} 段",
  },
  elsewhere: {
    en: "not in the folder: recording {rec} stands in the ledger of {dev}; save it there",
    zh: "未包含录像 {rec}：它在设备 {dev} 的账本中，请在该处另行导出",
  },
  proven: {
    en: "Proven by the checkpoint of {size} entries, cosigned by {witnesses}.",
    zh: "由 {size} 条的检查点证明，联署方：{witnesses}。",
  },
  howToCheck: {
    en: "To check it: fulltrace share verify, or README.txt in it for other people's tools.",
    zh: "核验：fulltrace share verify；不用本程序的方法见其中的 README.txt。",
  },
  holds: { en: "This folder holds: it is what was signed.", zh: "该导出包成立：内容与签名时一致。" },
  holdsNot: { en: "This folder does not hold:", zh: "该导出包不成立：" },
  ofActivity: {
    en: 'Activity {activity}, {kind}, "{title}", opened {time}',
    zh: "执法活动 {activity}，{kind}，“{title}”，开始于 {time}",
  },
  entriesProven: {
    en: "{entries} entries proven by the checkpoint of {size} entries, signed by device {dev}",
    zh: "{entries} 条目由 {size} 条的检查点证明，设备 {dev}",
  },
  cosigned: { en: "Cosigned by {witnesses}, {time}", zh: "联署方：{witnesses}，{time}" },
  uncosigned: { en: "No quorum of trusted witnesses has cosigned it.", zh: "没有足够的受信见证方联署。" },
  whole: {
    en: "Whole: documents {documents}, recordings {recordings}, photos {photos}; receipts {receipts}",
    zh: "完整：文书 {documents} 份，录像 {recordings} 段，照片 {photos} 张；回执 {receipts} 份",
  },
  leftOut: {
    en: "What was left out of a folder it cannot show; for that, verify the ledger. activity.json retells the entries under the office's names: what counts are the entries.",
    zh: "导出包无法说明未导出的内容，须核验账本本身。activity.json 为按单位字段名的转述，以条目为准。",
  },
} satisfies Record<string, Phrase>;

export const folderFaultWords = {
  "file-missing": { en: "listed, and not there", zh: "清单中有，但文件不存在" },
  "file-altered": { en: "not the bytes that were listed", zh: "内容与清单不符" },
  "file-unlisted": { en: "not of this folder: it is not listed", zh: "不在清单中" },
  "not-a-file": { en: "neither file nor folder of an export", zh: "不是导出包的文件或目录" },
  "device-unknown": {
    en: "signed by a device that the trust file does not list",
    zh: "签名设备不在信任文件中",
  },
  "checkpoint-forged": { en: "the device's signature does not hold", zh: "设备签名不成立" },
  "witnesses-too-few": { en: "too few trusted witnesses cosigned it", zh: "联署的受信见证方不足" },
  "entry-unproven": { en: "the checkpoint does not prove it", zh: "检查点不能证明该条目" },
  "entry-malformed": { en: "no entry of this format", zh: "不是本格式的条目" },
  "entry-of-another": { en: "of another activity", zh: "属于其他执法活动" },
  "activity-missing": { en: "no opening of an activity is proven", zh: "没有得到证明的活动开始条目" },
  "activity-retold": {
    en: "device, size, notes or objections are not those of the entries",
    zh: "设备、条数、备注或异议与条目不符",
  },
  "media-missing": { en: "an entry names it, and it is not there", zh: "条目所述文件不存在" },
  "media-altered": { en: "not the bytes that its entries name", zh: "内容与条目所述不符" },
  "media-unproven": { en: "no proven entry names it", zh: "没有得到证明的条目指向该文件" },
  "recording-cut": { en: "entries of some of its chunks are missing", zh: "缺少部分分段的条目" },
  "receipt-forged": {
    en: "no receipt of this device, or its signature does not hold",
    zh: "不是该设备的回执，或签名不成立",
  },
} satisfies Record<FolderFaultCode, Phrase>;
