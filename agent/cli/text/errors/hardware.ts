import type { ErrorText } from "./error-text.ts";

/** What is wrong with a dock, its recorders and what plays them. */
export const hardwareErrors = {
  "bay-unknown": {
    meaning: { en: "The dock has no such bay.", zh: "采集站没有该仓位。" },
    next: { en: "list them: fulltrace dock bays", zh: "查看仓位：fulltrace dock bays" },
    exit: 2,
  },
  "bay-empty": {
    meaning: {
      en: "There is no recorder in this bay that has said who it is.",
      zh: "该仓位没有已识别的记录仪。",
    },
    next: { en: "look at it: fulltrace dock bays", zh: "查看仓位：fulltrace dock bays" },
    exit: 1,
  },
  "card-missing": {
    meaning: { en: "There is no card to read.", zh: "没有可读的存储卡。" },
    next: {
      en: "look whether the recorder holds a card and shows it as a disk",
      zh: "检查记录仪是否有卡并已切换为U盘模式",
    },
    exit: 1,
  },
  "card-in-use": {
    meaning: { en: "Something else uses this disk.", zh: "该磁盘正被其他程序使用。" },
    next: {
      en: "unmount it, and keep the system from mounting recorders",
      zh: "卸载该磁盘，并禁止系统自动挂载记录仪",
    },
    exit: 1,
  },
  "card-not-removable": {
    meaning: { en: "The disk says that it is built in.", zh: "该磁盘标明为内置磁盘。" },
    next: {
      en: "allow built-in disks if this make of recorder shows its card so",
      zh: "若该型号记录仪确实如此，请在配置中允许",
    },
    exit: 1,
  },
  "card-filesystem": {
    meaning: { en: "The card's file system is not known here.", zh: "无法识别存储卡的文件系统。" },
    next: {
      en: "save its evidence by other means before formatting it",
      zh: "先用其他方式保存证据，再格式化",
    },
    exit: 1,
  },
  "card-mount-options": {
    meaning: {
      en: "The system mounted the card so that it can be changed.",
      zh: "系统以可写方式挂载了存储卡。",
    },
    next: {
      en: "mount it with ro,nosuid,nodev,noexec, or let the agent mount it",
      zh: "以 ro,nosuid,nodev,noexec 挂载，或由代理挂载",
    },
    exit: 1,
  },
  "card-mount-failed": {
    meaning: { en: "The card cannot be mounted.", zh: "无法挂载存储卡。" },
    next: { en: "look at the kernel's log: dmesg", zh: "查看内核日志：dmesg" },
    exit: 1,
  },
  "card-still-writable": {
    meaning: { en: "The card could not be made read-only again.", zh: "存储卡无法恢复为只读。" },
    next: { en: "take the recorder out and dock it again", zh: "取出记录仪后重新放入" },
    exit: 1,
  },
  "link-taken": {
    meaning: { en: "Something is at that path already.", zh: "该路径已被占用。" },
    next: { en: "remove it, or choose another path", zh: "将其删除，或换个路径" },
    exit: 2,
  },
  "socat-missing": {
    meaning: {
      en: "socat, which makes the pseudo-terminal, is not installed.",
      zh: "未安装用于建立伪终端的 socat。",
    },
    next: { en: "apt-get install socat", zh: "安装：apt-get install socat" },
    exit: 1,
  },
  "terminal-failed": {
    meaning: { en: "The pseudo-terminal could not be made.", zh: "无法建立伪终端。" },
    next: { en: "choose a path in a directory that you may write to", zh: "换一个可写目录中的路径" },
    exit: 1,
  },
  "wearer-unfit": {
    meaning: {
      en: "The recorder cannot hold this wearer's data.",
      zh: "记录仪无法保存该佩戴人信息。",
    },
    next: {
      en: "shorten the field told, and use letters of GBK: a Chinese letter takes two bytes",
      zh: "缩短所示字段，仅用 GBK 字符：每个汉字占两个字节",
    },
    exit: 1,
  },
  "usb-access": {
    meaning: { en: "This account may not open the USB device.", zh: "当前账户无权打开该 USB 设备。" },
    next: {
      en: "install the udev rules of config/udev, plug it in again",
      zh: "安装 config/udev 中的规则后重新插入",
    },
    exit: 1,
  },
  "usb-busy": {
    meaning: { en: "Another program holds the USB device.", zh: "该 USB 设备被其他程序占用。" },
    next: { en: "end what has it open or mounted", zh: "关闭占用或挂载它的程序" },
    exit: 1,
  },
  "usb-unavailable": {
    meaning: { en: "USB cannot be used on this machine.", zh: "本机无法使用 USB。" },
    next: { en: "install libudev1", zh: "安装 libudev1" },
    exit: 1,
  },
  "usb-folder": {
    meaning: { en: "The path is too long for a socket.", zh: "该路径过长，无法建立套接字。" },
    next: { en: "choose a folder with a shorter path", zh: "改用路径较短的目录" },
    exit: 2,
  },
  "usb-port": {
    meaning: { en: "This is no port of a USB hub.", zh: "这不是 USB 端口名。" },
    next: { en: "name a port as the system does, such as 1-1.4", zh: "按系统写法给出端口，例如 1-1.4" },
    exit: 2,
  },
  "usb-port-taken": {
    meaning: { en: "Another simulated device is in this port.", zh: "该端口已有模拟设备。" },
    next: { en: "take that one out, or name another port", zh: "先拔出该设备，或改用其他端口" },
    exit: 2,
  },
} satisfies Record<string, ErrorText>;
