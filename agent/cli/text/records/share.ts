import type { Phrase } from "../phrase.ts";

/** Sharing with a platform: help, and what its commands say. */
export const shareHelp = {
  share: { en: "what a platform or a court is given", zh: "向平台或法院提供材料" },
  export: {
    en: "write one activity, with its proofs, into a new folder",
    zh: "将一项执法活动连同证明导出到新目录",
  },
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
  howToCheck: { en: "README.txt in it says how to check it.", zh: "核验方法见其中的 README.txt。" },
} satisfies Record<string, Phrase>;
