import type { Phrase } from "../phrase.ts";

/** The help of the simulators, and what all of them say. */
export const simulateHelp = {
  simulate: { en: "play hardware that is not there", zh: "模拟不在场的硬件" },
  board: {
    en: "play a control board at a pseudo-terminal; commands on stdin, see its help",
    zh: "在伪终端上模拟控制板；命令由标准输入给出，输入 help 查看",
  },
  gnss: {
    en: "play a GNSS receiver at a pseudo-terminal; commands on stdin, see its help",
    zh: "在伪终端上模拟卫星定位模块；命令由标准输入给出，输入 help 查看",
  },
  link: { en: "where the serial port appears", zh: "串口出现的路径" },
  recorder: {
    en: "play a recorder in a port of a dock; commands on stdin, see its help",
    zh: "在采集站端口上模拟记录仪；命令由标准输入给出，输入 help 查看",
  },
  make: { en: "make of the recorder", zh: "记录仪类型" },
  hub: { en: "folder that the dock's configuration names as dock.hub", zh: "采集站配置中 dock.hub 所指目录" },
  port: { en: "port that it is plugged into, such as 1-1.1", zh: "插入的端口，例如 1-1.1" },
  card: { en: "folder that is its card", zh: "作为存储卡的目录" },
  serial: { en: "its serial number", zh: "序列号" },
  battery: { en: "charge of its battery in percent", zh: "电量百分比" },
  clockOff: { en: "how far its clock is ahead; negative: behind", zh: "时钟超前的秒数，负数为滞后" },
  wearerId: { en: "who has it; only a JieLi recorder can tell", zh: "佩戴人；仅杰理记录仪可报告" },
  dock: {
    en: "play recorders of all makes after a shift, a training rack; commands on stdin, see its help",
    zh: "模拟下班后待采集的一架各型记录仪，供培训使用；命令由标准输入给出，输入 help 查看",
  },
  recorders: { en: "how many recorders", zh: "记录仪数量" },
  files: { en: "files on each card", zh: "每张卡的文件数" },
  bytes: { en: "length of each file", zh: "每个文件的字节数" },
} satisfies Record<string, Phrase>;

export const simulateWords = {
  unplugged: { en: "unplugged", zh: "已拔出" },
  plugged: { en: "plugged in at {path}", zh: "已插入 {path}" },
  notUnderstood: { en: "not understood: {line}; type help", zh: "无法理解：{line}；输入 help" },
} satisfies Record<string, Phrase>;
