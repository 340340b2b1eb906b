import type { Phrase } from "../../agent/cli/text/phrase.ts";

/** What the demo tells, in the order in which it happens. */
export const words = {
  begin: {
    en: "A recorder, a broker and a receiver start on this machine; nothing leaves it.",
    zh: "在本机启动一台执法记录仪、一个消息代理和一个接收端，数据不离开本机。",
  },
  camera: { en: "camera: {source}", zh: "画面来源：{source}" },
  activity: { en: "an activity is opened: {title}", zh: "立案：{title}" },
  preEvent: {
    en: "the pre-event buffer holds {seconds} s: what happened before the button is pressed is kept too",
    zh: "预录缓冲已有 {seconds} 秒：按键之前发生的也会保留",
  },
  start: { en: "record button pressed: recording {rec}", zh: "按下录制键：录制 {rec}" },
  marker: { en: "a marker is set: {label}", zh: "打点标记：{label}" },
  lost: {
    en: "broker and receiver are killed (kill -9) for {seconds} s; the recorder records on",
    zh: "强行终止消息代理和接收端（kill -9）{seconds} 秒；记录仪继续录制",
  },
  back: {
    en: "they are back; the recorder finds them, asks what they hold and sends the rest",
    zh: "代理和接收端恢复；记录仪重新连接，询问已有内容，补传其余",
  },
  stop: { en: "recording stopped: {reason}", zh: "停止录制：{reason}" },
  receipts: {
    en: "signed receipts for all of it are back in the ledger",
    zh: "全部内容的签名回执已写入账本",
  },
  closed: {
    en: "the recorder closes its ledger; its last checkpoint is cosigned",
    zh: "记录仪关闭账本；最后的检查点已由接收端联署",
  },
  title: { en: "demo: pavement stall, warning given", zh: "演示：占道经营，现场劝离" },
  label: { en: "warning given", zh: "口头警告" },
  outcome: { en: "resolved on the spot", zh: "当场改正" },
  item: { en: "what", zh: "项目" },
  value: { en: "value", zh: "数值" },
  recording: { en: "recording", zh: "录像时长" },
  chunks: { en: "chunks signed and stored", zh: "已签名存储的分段" },
  bytes: { en: "bytes of media", zh: "媒体字节数" },
  entries: { en: "entries in the ledger", zh: "账本条目" },
  backlog: { en: "most evidence waiting while the broker was gone", zh: "代理中断期间最多待传" },
  resent: { en: "media bytes sent twice", zh: "重复发送的媒体字节" },
  connections: { en: "connections to the broker", zh: "连接代理次数" },
  verdictRecorder: { en: "verdict on the recorder's copy", zh: "记录仪副本的结论" },
  verdictReceiver: { en: "verdict on the receiver's copy", zh: "接收端副本的结论" },
  where: { en: "Where it lies:", zh: "文件位置：" },
  recorderData: { en: "recorder", zh: "记录仪" },
  receiverData: { en: "receiver", zh: "接收端" },
  trustFile: { en: "whom to trust", zh: "信任名单" },
  video: { en: "the recording", zh: "录像" },
  play: { en: "Play it:       ffplay {file}", zh: "播放：      ffplay {file}" },
  check: {
    en: "Check it again: npx fulltrace verify {dir} --trust {trust}",
    zh: "再次校验：npx fulltrace verify {dir} --trust {trust}",
  },
  fine: { en: "Everything is as it should be.", zh: "一切正常。" },
  wrong: { en: "NOT as it should be:", zh: "有问题：" },
} as const satisfies Record<string, Phrase>;
