import type { Phrase } from "../phrase.ts";

/** Descriptions of the probes: `usb`, `serial`, `camera`, `broker`, `log`. */
export const probeHelp = {
  config: { en: "configuration that says what is used for what", zh: "说明各设备用途的配置文件" },
  forS: { en: "end after so many seconds", zh: "若干秒后结束" },
  jsonLines: { en: "one JSON object a line", zh: "每行一个 JSON 对象" },

  usb: { en: "look at the USB ports", zh: "查看 USB 端口" },
  usbList: {
    en: "list what is plugged in, which driver fits, and who claims it",
    zh: "列出接入的设备、匹配的驱动及占用者",
  },
  usbProbe: {
    en: "ask one recorder who it is, without changing anything on it",
    zh: "查询一台记录仪的身份，不做任何更改",
  },
  usbWatch: { en: "tell what is plugged in and out until ended", zh: "持续显示插拔事件" },
  usbPort: { en: "USB port, such as 1-1.4", zh: "USB 端口，例如 1-1.4" },
  noFiles: { en: "do not count the files on its card", zh: "不统计卡上文件" },
  probeTimeout: { en: "how long it may take, in seconds", zh: "最长用时（秒）" },

  serial: { en: "look at the serial lines", zh: "查看串口" },
  serialList: { en: "list the serial lines with their stable paths", zh: "列出串口及其固定路径" },
  serialMonitor: {
    en: "show what stands on a line, without writing to it, until ended",
    zh: "持续显示串口数据，不写入",
  },
  serialPing: {
    en: "ask a control board who it is and how quickly it answers",
    zh: "查询控制板身份与应答时间",
  },
  serialLoopback: {
    en: "send bytes over a line whose TX and RX are bridged, and compare",
    zh: "短接 TX 与 RX 后收发比对",
  },
  serialPath: {
    en: "serial port, best its path under /dev/serial/by-id",
    zh: "串口，最好用 /dev/serial/by-id 下的路径",
  },
  baud: { en: "bits a second", zh: "波特率" },
  as: { en: "how the bytes are read", zh: "数据解读方式" },
  count: { en: "how often it is asked", zh: "查询次数" },
  loopBytes: { en: "how many bytes are sent", zh: "发送字节数" },

  camera: { en: "look at cameras and microphones", zh: "查看摄像头与麦克风" },
  cameraList: { en: "list cameras and microphones", zh: "列出摄像头与麦克风" },
  cameraFormats: { en: "list what a camera can deliver", zh: "列出摄像头支持的格式" },
  cameraTest: {
    en: "film for some seconds as the recorder does, and measure",
    zh: "按录制方式试录数秒并测量",
  },
  cameraDevice: { en: "device of the camera, such as /dev/video0", zh: "摄像头设备，例如 /dev/video0" },
  cameraConfig: { en: "configuration of a recorder", zh: "记录仪配置" },
  cameraSource: {
    en: "in place of the configured camera: /dev/video0, rtsp://…, a file, or test",
    zh: "替代配置中的摄像头：/dev/video0、rtsp://…、文件或 test",
  },
  microphone: { en: "ALSA device of the microphone", zh: "麦克风的 ALSA 设备" },
  seconds: { en: "how long it films", zh: "试录秒数" },
  still: { en: "where the picture is saved", zh: "照片保存路径" },

  broker: { en: "look at the way to the broker", zh: "查看到消息代理的链路" },
  brokerTest: {
    en: "measure round trip, throughput and window, beside a running agent",
    zh: "测量往返时间、吞吐量与窗口，不影响运行中的代理",
  },
  deviceConfig: { en: "configuration of a recorder or dock", zh: "记录仪或采集站配置" },
  partKib: { en: "size of a message, as a part of media", zh: "每条消息大小（KiB），同媒体分片" },
  stepSeconds: { en: "how long each window is measured", zh: "每个窗口测量秒数" },

  log: { en: "read the agent's log", zh: "查看代理日志" },
  logTail: {
    en: "show the end of a log, of a file or of what is piped in, filtered",
    zh: "筛选显示日志末尾，来自文件或管道",
  },
  logFile: { en: "the agent's log; absent or -: standard input", zh: "代理日志文件；省略或 - 表示标准输入" },
  level: { en: "this level and worse", zh: "该级别及以上" },
  event: { en: "only events whose text or code contains this", zh: "仅显示事件文本或代码包含此内容的行" },
  field: { en: "only lines with this field, such as bay=3", zh: "仅显示含该字段的行，例如 bay=3" },
  since: {
    en: "not before: a moment (ISO 8601), or 90s, 10m, 2h, 1d ago",
    zh: "起始时间：ISO 8601，或 90s、10m、2h、1d 之前",
  },
  lines: { en: "so many of the last lines", zh: "末尾行数" },
  follow: { en: "go on with what is written", zh: "持续跟随" },
} satisfies Record<string, Phrase>;
