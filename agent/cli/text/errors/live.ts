import type { ErrorText } from "./error-text.ts";

/** What a running agent answers, or why none does. */
export const liveErrors = {
  "agent-not-running": {
    meaning: { en: "No agent runs on this data directory.", zh: "该数据目录上没有运行中的代理。" },
    next: { en: "start it: fulltrace run --config FILE", zh: "启动：fulltrace run --config FILE" },
    exit: 1,
  },
  "agent-silent": {
    meaning: {
      en: "The agent did not answer in time. It may still do what it was asked.",
      zh: "代理未及时应答，但仍可能执行该请求。",
    },
    next: {
      en: "fulltrace status tells what it does; read its log if that is silent too",
      zh: "执行 fulltrace status 查看其状态；仍无应答则查看其日志",
    },
    exit: 1,
  },
  "already-running": {
    meaning: { en: "An agent runs on this data directory already.", zh: "该数据目录上已有代理在运行。" },
    next: { en: "stop it first, or use another data_dir", zh: "先停止它，或改用其他 data_dir" },
    exit: 1,
  },
  "control-forbidden": {
    meaning: { en: "You may not talk to this agent.", zh: "无权与该代理通信。" },
    next: {
      en: "join the group that is told (usermod -aG GROUP ACCOUNT) and log in again",
      zh: "加入所示属组（usermod -aG 组 账户）后重新登录",
    },
    exit: 1,
  },
  "group-unknown": {
    meaning: { en: "This machine has no such group.", zh: "本机没有该用户组。" },
    next: {
      en: "make it (groupadd GROUP), or name another in [control] group; a group of a directory service by its number",
      zh: "创建该组（groupadd 组），或在 [control] group 中改用其他组；目录服务中的组请写组号",
    },
    exit: 2,
  },
  "group-forbidden": {
    meaning: {
      en: "The agent's account may not give this to the group.",
      zh: "代理所用账户无权将其交给该用户组。",
    },
    next: {
      en: "put the agent's account into the group too (usermod -aG GROUP ACCOUNT)",
      zh: "将代理所用账户也加入该组（usermod -aG 组 账户）",
    },
    exit: 2,
  },
  "not-in-this-role": {
    meaning: { en: "An agent of this role does not do that.", zh: "该角色的代理不支持此操作。" },
    next: { en: "ask a recorder", zh: "请对记录仪代理执行" },
    exit: 1,
  },
  "not-synced": {
    meaning: { en: "This agent syncs with no receiver.", zh: "该代理未配置接收端同步。" },
    next: { en: "add [sync] to its configuration", zh: "在其配置中加入 [sync]" },
    exit: 1,
  },
  "bad-params": {
    meaning: { en: "A value is outside of what the agent takes.", zh: "参数超出代理允许的范围。" },
    next: { en: "correct the value", zh: "修正该值" },
    exit: 2,
  },
  "not-recording": {
    meaning: { en: "Nothing is being recorded.", zh: "当前没有录制。" },
    next: { en: "start one: fulltrace record start", zh: "开始录制：fulltrace record start" },
    exit: 1,
  },
  "already-recording": {
    meaning: { en: "A recording is running already.", zh: "已在录制。" },
    next: { en: "stop it first: fulltrace record stop", zh: "先停止：fulltrace record stop" },
    exit: 1,
  },
  "recording-resumed": {
    meaning: {
      en: "The recording goes on: it was started again before its end.",
      zh: "录制仍在继续：结束前又被重新开始。",
    },
    next: { en: "stop it again: fulltrace record stop", zh: "再次停止：fulltrace record stop" },
    exit: 1,
  },
  "camera-not-ready": {
    meaning: { en: "The camera delivers nothing at present.", zh: "摄像头当前没有画面。" },
    next: { en: "look at fulltrace status and the camera's cable", zh: "查看 fulltrace status 与摄像头连线" },
    exit: 1,
  },
  "photo-busy": {
    meaning: { en: "Too many photos are being made already.", zh: "正在处理的照片过多。" },
    next: { en: "wait a moment, then try again", zh: "稍候再试" },
    exit: 1,
  },
  "photo-failed": {
    meaning: { en: "No photo could be made of the camera's pictures.", zh: "无法从摄像头画面生成照片。" },
    next: { en: "try again; if it stays so, look at the agent's log", zh: "重试；若仍失败，查看代理日志" },
    exit: 1,
  },
  "not-mutable": {
    meaning: { en: "The sound cannot be muted.", zh: "无法静音。" },
    next: {
      en: "there is no sound, or audio.mutable = false in the configuration forbids it",
      zh: "没有声音，或配置中 audio.mutable = false 禁止静音",
    },
    exit: 1,
  },
  "disk-full": {
    meaning: { en: "The disk is too full to record.", zh: "磁盘空间不足，无法录制。" },
    next: { en: "let the recorder reach its receiver, or free space", zh: "让记录仪连接接收端，或腾出空间" },
    exit: 1,
  },
} satisfies Record<string, ErrorText>;
