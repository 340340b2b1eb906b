import type { Phrase } from "../phrase.ts";

/** What the simulated GNSS receiver says. */
export const gnssWords = {
  opened: {
    en: "GNSS receiver at {path}; type help for what it can do",
    zh: "卫星定位模块位于 {path}；输入 help 查看可用命令",
  },
  help: {
    en: `place LATITUDE LONGITUDE     stand there, in degrees; south and west are negative
move M/S [COURSE]            move from there, COURSE in degrees from north; 0 stands still
fix on|off                   see satellites | see none
hdop N                       let the geometry be so good
error METRES|off             tell the error of the position | tell none
clock SECONDS                let the clock be so far ahead; negative: behind
clock rollover|undated       be 1,024 weeks behind | have no date yet
noise [BYTES] | noise on|off noise now | before every moment
corrupt [N]                  give the next N sentences a wrong checksum
cut [N]                      stop in the middle of the next N sentences
silent on|off                say nothing at all
unplug | replug              pull the plug | put it in again
quit                         end`,
    zh: `place 纬度 经度              位于该处，单位为度；南纬、西经为负
move 米每秒 [航向]           从该处移动，航向为从正北起的度数；0 为静止
fix on|off                   有 | 无定位
hdop N                       水平精度因子
error 米|off                 报告定位误差 | 不报告
clock 秒                     时钟超前若干秒，负数为滞后
clock rollover|undated       滞后 1024 周 | 尚无日期
noise [字节数] | noise on|off 立即发噪声 | 每次报告前加噪声
corrupt [N]                  后 N 条语句校验和错误
cut [N]                      后 N 条语句中途断开
silent on|off                完全不发送
unplug | replug              拔出 | 重新插入
quit                         结束`,
  },
} satisfies Record<string, Phrase>;
