import type { Phrase } from "../phrase.ts";

const FAULTS_EN = `unplug-at BYTES         pull the cable when so many more bytes have been read
stall-at BYTES          halt there, until the dock clears it
noise BYTES COUNT       spoil COUNT bytes from there on
slow MS                 pause before every answer
lie BYTES               MTP: tell lengths that are off; JieLi: answer so many
silent                  answer nothing
full-card               MTP: take neither a setting nor a deletion
clock SECONDS           let the clock be so far ahead; negative: behind
battery PERCENT         let the battery have so much
heal                    end all faults; unplugging ends them too`;

const FAULTS_ZH = `unplug-at 字节数        再读出若干字节后拔出
stall-at 字节数         在该处停止，直到采集站清除
noise 字节数 个数       从该处起损坏若干字节
slow 毫秒               每次应答前停顿
lie 字节数              MTP：谎报文件长度；杰理：应答固定字节数
silent                  完全不应答
full-card               MTP：拒绝设置与删除
clock 秒                时钟超前若干秒，负数为滞后
battery 百分比          设定电量
heal                    结束所有故障；拔出也会结束`;

/** What a simulated recorder, or a rack of them, says. */
export const recorderWords = {
  plugged: { en: "plugged into port {port}", zh: "已插入端口 {port}" },
  opened: { en: "the dock talks to it", zh: "采集站已连接" },
  clockSet: { en: "clock set to {time}", zh: "时钟已设为 {time}" },
  wearerSet: { en: "wearer set to {wearer}", zh: "佩戴人已设为 {wearer}" },
  fileRead: { en: "read to the end: {path}", zh: "文件已读完：{path}" },
  fileRemoved: { en: "removed: {path}", zh: "文件已删除：{path}" },
  switched: { en: "becomes a disk", zh: "切换为磁盘" },
  unplugged: { en: "unplugged", zh: "已拔出" },
  ready: { en: "type help for what it can do", zh: "输入 help 查看可用命令" },
  outNow: { en: "it is not plugged in", zh: "尚未插入" },
  notOfThisMake: {
    en: "it cannot do that: a disk has only unplug, replug and silent (the dock reads its\ncard by itself), a JieLi recorder no full-card",
    zh: "不支持：磁盘仅有 unplug、replug、silent（采集站直接读取其存储卡），\n杰理记录仪没有 full-card",
  },
  cannotTell: { en: "a recorder of this make cannot tell {what}", zh: "该类型记录仪无法报告{what}" },
  help: {
    en: `unplug | replug [PORT]  take it out | put it in again, here or elsewhere
${FAULTS_EN}
quit                    end`,
    zh: `unplug | replug [端口]  拔出 | 重新插入，可换端口
${FAULTS_ZH}
quit                    结束`,
  },
} satisfies Record<string, Phrase>;

export const rackWords = {
  filling: {
    en: "filling {recorders} cards below {folder} …",
    zh: "正在 {folder} 下写入 {recorders} 张卡……",
  },
  ready: {
    en: "{recorders} recorders are plugged in; type help for what they can do",
    zh: "{recorders} 台记录仪已插入；输入 help 查看可用命令",
  },
  number: { en: "no.", zh: "编号" },
  make: { en: "make", zh: "类型" },
  serial: { en: "serial", zh: "序列号" },
  port: { en: "port", zh: "端口" },
  card: { en: "card", zh: "存储卡" },
  out: { en: "out", zh: "未插入" },
  help: {
    en: `take N | put N [PORT]   take recorder N out | put it in, here or elsewhere
list                    all recorders
N COMMAND               with recorder N, one of:
${FAULTS_EN}
quit                    end`,
    zh: `take N | put N [端口]   取出第 N 台 | 放入，可换端口
list                    列出全部
N 命令                  对第 N 台执行以下之一：
${FAULTS_ZH}
quit                    结束`,
  },
} satisfies Record<string, Phrase>;
