import type { Phrase } from "../phrase.ts";

/** What the simulated control board says. */
export const boardWords = {
  opened: {
    en: "control board at {path}; type help for what it can do",
    zh: "控制板位于 {path}；输入 help 查看可用命令",
  },
  greeted: { en: "an agent said hello", zh: "代理已连接" },
  lampShows: { en: "lamp {lamp}: {pattern}", zh: "指示灯 {lamp}：{pattern}" },
  buzzer: { en: "buzzer: {pattern}", zh: "蜂鸣器：{pattern}" },
  vibration: { en: "vibration: {pattern}", zh: "振动：{pattern}" },
  off: { en: "off", zh: "关闭" },
  endless: { en: "until changed", zh: "持续" },
  times: { en: "{times} times", zh: "{times} 次" },
  clockSet: { en: "clock set to {time}", zh: "时钟已设为 {time}" },
  watchdogArmed: { en: "watchdog armed: {seconds} s", zh: "看门狗已启用：{seconds} 秒" },
  watchdogOff: { en: "watchdog disarmed", zh: "看门狗已停用" },
  unitReset: { en: "watchdog not petted: the unit is reset", zh: "看门狗超时：设备被复位" },
  powerCut: { en: "power is cut", zh: "电源已切断" },
  reset: { en: "board started ({reason})", zh: "控制板启动（{reason}）" },
  eventLost: { en: "nobody took the event: {event}", zh: "事件无人接收：{event}" },
  help: {
    en: `press record|photo|mark|mute|sos [short|long|double]   press a button
battery PERCENT [MILLIVOLTS] [no|yes|full]             tell the battery; ? for unknown percent
temperature DEGREES                                    tell the temperature
power-off SECONDS [switch|battery|heat]                tell that the power goes, and cut it
clock SECONDS|invalid                                  let the clock be wrong by so many seconds
reset                                                  start the board anew
noise [BYTES] | noise on|off                           noise now | before every frame
corrupt [N]                                            spoil the next N frames
lose [N] | double [N]                                  lose | double the next N answers
stall [N]                                              stop in the middle of the next N frames
silent on|off                                          send nothing at all
unplug | replug                                        pull the plug | put it in again
quit                                                   end`,
    zh: `press record|photo|mark|mute|sos [short|long|double]   按键
battery 百分比 [毫伏] [no|yes|full]                    报告电量；? 表示未知
temperature 摄氏度                                     报告温度
power-off 秒 [switch|battery|heat]                     预告断电并断电
clock 秒|invalid                                       使时钟偏差若干秒
reset                                                  重启控制板
noise [字节数] | noise on|off                          立即发噪声 | 每帧前加噪声
corrupt [N]                                            损坏后 N 帧
lose [N] | double [N]                                  丢失 | 重复后 N 个应答
stall [N]                                              后 N 帧中途停顿
silent on|off                                          完全不发送
unplug | replug                                        拔出 | 重新插入
quit                                                   结束`,
  },
} satisfies Record<string, Phrase>;
