import type { ErrorText } from "./error-text.ts";

/** What is wrong before anything is done: command lines, configurations, keys. */
export const commandErrors = {
  "bundle-failed": {
    meaning: { en: "The support bundle could not be packed.", zh: "无法打包支持信息。" },
    next: { en: "name a file where there is room, and install tar", zh: "指定有空间的位置，并安装 tar" },
    exit: 1,
  },
  misuse: {
    meaning: { en: "The command was not understood.", zh: "无法理解该命令。" },
    next: {
      en: "see fulltrace --help, or --help after the command",
      zh: "查看 fulltrace --help，或在命令后加 --help",
    },
    exit: 2,
  },
  unexpected: {
    meaning: { en: "This is a fault of the program.", zh: "这是程序自身的故障。" },
    next: {
      en: "run the command again with FULLTRACE_STACK=1 and report what it prints",
      zh: "设置 FULLTRACE_STACK=1 重新运行，并报告输出内容",
    },
    exit: 1,
  },
  system: {
    meaning: { en: "The operating system refused.", zh: "操作系统拒绝了该操作。" },
    next: { en: "check the path, its owner and the free space", zh: "检查路径、属主与剩余空间" },
    exit: 1,
  },
  "bad-period": {
    meaning: { en: "This is not a period.", zh: "无法识别该时间段。" },
    next: {
      en: "name a month 2026-10, a week 2026-W40, or days 2026-10-01..2026-10-15 of at most three years",
      zh: "指定月份 2026-10、周 2026-W40，或不超过三年的日期 2026-10-01..2026-10-15",
    },
    exit: 2,
  },
  "bad-zone": {
    meaning: { en: "There is no such time zone.", zh: "没有这个时区。" },
    next: { en: "name one such as Asia/Shanghai", zh: "指定时区，如 Asia/Shanghai" },
    exit: 2,
  },
  "unit-unknown": {
    meaning: { en: "The configuration has no such unit.", zh: "配置中没有该单位。" },
    next: {
      en: "name a [[report.unit]] of the file given with --config",
      zh: "指定 --config 文件中 [[report.unit]] 的名称",
    },
    exit: 2,
  },
  "config-missing": {
    meaning: { en: "The configuration file cannot be read.", zh: "无法读取配置文件。" },
    next: { en: "name a readable file with --config", zh: "用 --config 指定可读的文件" },
    exit: 2,
  },
  "config-syntax": {
    meaning: { en: "The configuration file is not TOML.", zh: "配置文件不是合法的 TOML。" },
    next: { en: "correct the file at the line and column told", zh: "按所示行列修正文件" },
    exit: 2,
  },
  "bad-config": {
    meaning: { en: "The configuration is not usable.", zh: "配置不可用。" },
    next: {
      en: "correct the file; docs/configuration.md explains every key",
      zh: "修正文件；各键说明见 docs/configuration.md",
    },
    exit: 2,
  },
  "wrong-service": {
    meaning: { en: "The configuration is of another role.", zh: "该配置属于另一角色。" },
    next: { en: "start the service that it is for", zh: "启动该配置对应的服务" },
    exit: 2,
  },
  "bad-trust": {
    meaning: { en: "The trust file is not usable.", zh: "信任文件不可用。" },
    next: { en: "take its lines from fulltrace key show", zh: "使用 fulltrace key show 输出的行" },
    exit: 2,
  },
  "bad-note": {
    meaning: { en: "The note is not a checkpoint of this format.", zh: "该文件不是本格式的检查点。" },
    next: { en: "fetch the checkpoint again, byte for byte", zh: "逐字节重新取得检查点" },
    exit: 2,
  },
  "secret-missing": {
    meaning: { en: "The file with the secret cannot be read.", zh: "无法读取密码文件。" },
    next: { en: "create it with mode 0600 and the secret on one line", zh: "以 0600 权限创建，首行写密码" },
    exit: 2,
  },
  "secret-exposed": {
    meaning: { en: "Others may read the file with the secret.", zh: "其他用户可读取密码文件。" },
    next: { en: "chmod 0600 that file", zh: "对该文件执行 chmod 0600" },
    exit: 2,
  },
  "secret-empty": {
    meaning: { en: "The file with the secret is empty.", zh: "密码文件为空。" },
    next: { en: "write the secret on its first line", zh: "把密码写在首行" },
    exit: 2,
  },
  "key-missing": {
    meaning: { en: "There is no key yet.", zh: "尚无密钥。" },
    next: {
      en: "make one: fulltrace key init --config FILE",
      zh: "生成密钥：fulltrace key init --config FILE",
    },
    exit: 1,
  },
  "key-unreadable": {
    meaning: {
      en: "The key file is damaged, or not an Ed25519 key.",
      zh: "密钥文件损坏，或不是 Ed25519 密钥。",
    },
    next: { en: "restore it from your copy; do not replace it", zh: "从备份恢复，不要替换" },
    exit: 1,
  },
} satisfies Record<string, ErrorText>;
