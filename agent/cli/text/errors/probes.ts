import type { ErrorText } from "./error-text.ts";

/** What keeps a technician's probes from their answer. */
export const probeErrors = {
  "usb-none": {
    meaning: { en: "This machine has no USB.", zh: "本机没有 USB。" },
    next: {
      en: "run it on the machine that the ports belong to; in a container, mount /sys",
      zh: "在端口所在的机器上运行；容器中需挂载 /sys",
    },
    exit: 1,
  },
  "usb-hub-missing": {
    meaning: { en: "The folder of the virtual USB hub is not there.", zh: "虚拟 USB 集线器目录不存在。" },
    next: { en: "fulltrace simulate dock --hub DIR", zh: "fulltrace simulate dock --hub 目录" },
    exit: 2,
  },
  "usb-port-empty": {
    meaning: { en: "Nothing is plugged in at this port.", zh: "该端口没有接入设备。" },
    next: { en: "list the ports: fulltrace usb list", zh: "列出端口：fulltrace usb list" },
    exit: 1,
  },
  "usb-held-by-dock": {
    meaning: {
      en: "The running dock holds this device, and does not know it yet.",
      zh: "运行中的采集站正占用该设备，且尚未识别。",
    },
    next: { en: "look at its bay: fulltrace dock bays", zh: "查看仓位：fulltrace dock bays" },
    exit: 1,
  },
  "not-a-recorder": {
    meaning: { en: "This is no recorder.", zh: "这不是记录仪。" },
    next: { en: "see what it says of itself: fulltrace usb list", zh: "查看其描述：fulltrace usb list" },
    exit: 1,
  },
  "recorder-silent": {
    meaning: { en: "The recorder does not answer.", zh: "记录仪无应答。" },
    next: { en: "take it out, switch it on, put it in again", zh: "取出，开机后重新插入" },
    exit: 1,
  },
  "recorder-answer": {
    meaning: { en: "The recorder's answer breaks its protocol.", zh: "记录仪的应答不符合协议。" },
    next: { en: "take it out and put it in again", zh: "取出后重新插入" },
    exit: 1,
  },
  "recorder-gone": {
    meaning: { en: "The recorder went away.", zh: "记录仪已断开。" },
    next: { en: "look at plug and cable", zh: "检查插头与线缆" },
    exit: 1,
  },
  "serial-missing": {
    meaning: { en: "Nothing is plugged in at this path.", zh: "该路径没有接入设备。" },
    next: { en: "list the lines: fulltrace serial list", zh: "列出串口：fulltrace serial list" },
    exit: 1,
  },
  "serial-access": {
    meaning: { en: "This account may not open the serial line.", zh: "当前账户无权打开该串口。" },
    next: { en: "join the group that owns it (dialout)", zh: "加入其属组（dialout）" },
    exit: 1,
  },
  "serial-busy": {
    meaning: { en: "Another program holds the serial line.", zh: "该串口被其他程序占用。" },
    next: {
      en: "ask the agent if it is its own: fulltrace status; else stop that program",
      zh: "若为代理占用，请用 fulltrace status 查看；否则停止占用程序",
    },
    exit: 1,
  },
  "serial-failed": {
    meaning: { en: "The serial line cannot be opened.", zh: "无法打开该串口。" },
    next: { en: "look at path and baud rate", zh: "检查路径与波特率" },
    exit: 1,
  },
  "serial-gone": {
    meaning: { en: "The serial line was unplugged.", zh: "串口已断开。" },
    next: { en: "look at plug and cable", zh: "检查插头与线缆" },
    exit: 1,
  },
  "board-silent": {
    meaning: { en: "No control board answers on this line.", zh: "该串口上没有控制板应答。" },
    next: {
      en: "look at baud rate, TX and RX; see what comes: fulltrace serial monitor",
      zh: "检查波特率与 TX、RX 接线；用 fulltrace serial monitor 查看数据",
    },
    exit: 1,
  },
  "board-version": {
    meaning: { en: "The board speaks another version of the protocol.", zh: "控制板的协议版本不同。" },
    next: { en: "update its firmware", zh: "更新其固件" },
    exit: 1,
  },
  "loopback-open": {
    meaning: { en: "Nothing that is sent comes back.", zh: "发送的数据没有返回。" },
    next: { en: "bridge TX and RX, and look at the path", zh: "短接 TX 与 RX，并检查路径" },
    exit: 1,
  },
  "camera-unavailable": {
    meaning: { en: "The camera cannot be opened.", zh: "无法打开摄像头。" },
    next: {
      en: "look at cable and address, and whether another program has it",
      zh: "检查线缆与地址，以及是否被其他程序占用",
    },
    exit: 1,
  },
  "camera-silent": {
    meaning: { en: "The camera opens, and delivers nothing.", zh: "摄像头已打开，但没有数据。" },
    next: {
      en: "ask for a format that it has: fulltrace camera formats",
      zh: "选用其支持的格式：fulltrace camera formats",
    },
    exit: 1,
  },
  "camera-no-track": {
    meaning: { en: "The source has neither pictures nor sound.", zh: "来源既无画面也无声音。" },
    next: { en: "choose another source", zh: "换用其他来源" },
    exit: 1,
  },
  "camera-held": {
    meaning: { en: "The running recorder has the camera.", zh: "摄像头正被运行中的记录仪使用。" },
    next: {
      en: "see it work: fulltrace record photo; or stop the recorder first",
      zh: "用 fulltrace record photo 验证，或先停止记录仪",
    },
    exit: 1,
  },
  "camera-role": {
    meaning: { en: "Only a recorder's configuration has a camera.", zh: "仅记录仪配置有摄像头。" },
    next: { en: "name one, or --camera SOURCE", zh: "指定记录仪配置，或用 --camera" },
    exit: 2,
  },
  "sync-missing": {
    meaning: {
      en: "This configuration has no device that syncs with a broker.",
      zh: "该配置没有向消息代理同步的设备。",
    },
    next: { en: "name that of a recorder or dock with [sync]", zh: "指定含 [sync] 的记录仪或采集站配置" },
    exit: 2,
  },
  "broker-silent": {
    meaning: { en: "The broker acknowledges nothing.", zh: "消息代理未确认消息。" },
    next: {
      en: "look at its access list and its log (docs/brokers.md)",
      zh: "检查其访问控制与日志（docs/brokers.md）",
    },
    exit: 1,
  },
  "broker-unreachable": {
    meaning: { en: "The broker cannot be reached.", zh: "无法连接消息代理。" },
    next: { en: "look at route, name, port and firewall", zh: "检查路由、域名、端口与防火墙" },
    exit: 1,
  },
  "broker-refused": {
    meaning: { en: "The broker does not let this client in.", zh: "消息代理拒绝该客户端。" },
    next: {
      en: "check user, password, certificate, and whether it takes the client id: the device's own, DEV-probe for a probe",
      zh: "检查用户、密码、证书，以及是否允许客户端编号：设备编号，探测时为 DEV-probe",
    },
    exit: 1,
  },
  "subscribe-refused": {
    meaning: { en: "The broker does not let this client read its topic.", zh: "消息代理拒绝该订阅。" },
    next: {
      en: "add the probe's topic to its access list (docs/brokers.md)",
      zh: "在访问控制中加入探测主题（docs/brokers.md）",
    },
    exit: 1,
  },
  "tls-failed": {
    meaning: { en: "There is no safe connection to the broker.", zh: "无法与消息代理建立安全连接。" },
    next: {
      en: "check ca_file, cert_file, key_file, the broker's name, and the clock",
      zh: "检查 ca_file、cert_file、key_file、域名与时钟",
    },
    exit: 1,
  },
  "link-lost": {
    meaning: { en: "The connection to the broker was lost.", zh: "与消息代理的连接中断。" },
    next: { en: "look at the network and the broker's log", zh: "检查网络与消息代理日志" },
    exit: 1,
  },
} satisfies Record<string, ErrorText>;
