import type { Phrase } from "../phrase.ts";

/** Descriptions of commands, arguments and options, and the headings of help. */
export const help = {
  program: {
    en: "Signed, hash-chained and receipted recording of enforcement, from camera to court",
    zh: "全程留痕：执法记录从摄像到法庭，逐条签名、链接并取得回执",
  },
  usage: { en: "Usage:", zh: "用法：" },
  arguments: { en: "Arguments:", zh: "参数：" },
  options: { en: "Options:", zh: "选项：" },
  commands: { en: "Commands:", zh: "命令：" },
  examples: { en: "Examples:", zh: "示例：" },
  someOptions: { en: "[options]", zh: "[选项]" },
  aCommand: { en: "[command]", zh: "[命令]" },
  choices: { en: " (choices: {choices})", zh: "（可选：{choices}）" },
  defaultsTo: { en: " (default: {value})", zh: "（默认：{value}）" },
  helpOption: { en: "show help", zh: "显示帮助" },
  version: { en: "show the version", zh: "显示版本" },
  lang: { en: "language of messages", zh: "消息语言" },
  json: { en: "one JSON object for machines on stdout", zh: "向标准输出写一个 JSON 对象" },
  config: { en: "configuration file", zh: "配置文件" },
  data: { en: "data directory", zh: "数据目录" },

  run: { en: "run the agent that the configuration describes", zh: "按配置运行代理" },
  watch: { en: "keep showing it on the terminal until q", zh: "在终端持续显示，按 q 退出" },
  status: { en: "tell what the agent is doing", zh: "查看代理状态" },

  record: { en: "control the recording of a running agent", zh: "控制运行中代理的录制" },
  recordStart: { en: "start a recording", zh: "开始录制" },
  recordStop: { en: "stop the recording", zh: "停止录制" },
  recordMark: { en: "set a marker in the recording", zh: "在录制中打标" },
  recordPhoto: { en: "take a photo; it is stored and signed by itself", zh: "拍照；照片单独存储并签名" },
  recordMute: { en: "mute the sound; the gap is signed", zh: "静音；静音区间会签名记录" },
  recordUnmute: { en: "turn the sound on again", zh: "恢复声音" },
  trigger: { en: "what started it", zh: "触发原因" },
  wearer: { en: "who wears the recorder", zh: "佩戴人" },
  recordStage: { en: "stage of that activity", zh: "该活动的程序阶段" },
  activityOption: { en: "activity that it belongs to", zh: "所属执法活动" },
  reason: { en: "why it stops", zh: "停止原因" },
  label: { en: "what the marker says", zh: "标记内容" },
  photoBy: { en: "who takes it", zh: "拍摄人" },
  by: { en: "who set it", zh: "打标人" },

  sync: { en: "hand evidence to the receiver", zh: "向接收端移交证据" },
  syncFlush: { en: "wait until everything is receipted", zh: "等待全部取得回执" },
  timeout: { en: "how long to wait, in seconds", zh: "等待秒数" },

  key: { en: "keys of this agent", zh: "本代理的密钥" },
  keyInit: { en: "make the keys of the role; never replaces one", zh: "生成该角色的密钥；从不替换已有密钥" },
  keyShow: { en: "print the public keys, ready to paste", zh: "输出公钥，可直接粘贴到配置" },

  verify: { en: "check a ledger and its media against a trust file", zh: "对照信任文件检验账本与媒体" },
  verifyDir: {
    en: "data directory of a device, or a receiver's devices/ID",
    zh: "设备数据目录，或接收端的 devices/ID",
  },
  trust: {
    en: "whom to trust: lines of `key show`, fetched from the offices, never with the evidence",
    zh: "信任文件：向各单位另行取得的 key show 各行，不随证据附送",
  },
  note: { en: "a checkpoint fetched from a witness", zh: "从见证方取得的检查点" },
  trustReceipts: {
    en: "skip signatures below the size of a pinned receipt",
    zh: "跳过受信回执所覆盖条目的签名检验",
  },
  allowPurged: {
    en: "media that a valid purge covers may be missing",
    zh: "允许缺少已被有效清除的媒体",
  },

  recording: { en: "recordings in a data directory", zh: "数据目录中的录制" },
  recordingList: { en: "list the recordings", zh: "列出录制" },
  recordingSave: { en: "join a recording's chunks into one playable file", zh: "将录制各段合并为可播放文件" },
  rec: { en: "id of the recording, or its beginning", zh: "录制编号或其开头" },
  file: { en: "file to write", zh: "输出文件" },
  force: { en: "replace the file if it exists", zh: "文件已存在时覆盖" },
  partial: { en: "save what is there when chunks are missing", zh: "缺段时仍保存现有部分" },
} satisfies Record<string, Phrase>;
