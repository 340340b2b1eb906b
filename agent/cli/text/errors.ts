import type { Phrase } from "./phrase.ts";

/** What an error code means to a person, and what to do about it. */
export interface ErrorText {
  meaning: Phrase;
  next: Phrase;
  /** 2: the command was used wrongly; 1: it was understood, and the answer is no. */
  exit: 1 | 2;
}

const texts = {
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

  "ledger-missing": {
    meaning: { en: "There is no ledger here.", zh: "此处没有账本。" },
    next: {
      en: "name the directory that holds ledger.db; at a receiver that is devices/ID",
      zh: "指定含 ledger.db 的目录；接收端为 devices/ID",
    },
    exit: 2,
  },
  "database-damaged": {
    meaning: { en: "The ledger's database cannot be read.", zh: "无法读取账本数据库。" },
    next: { en: "look at it with fulltrace verify", zh: "用 fulltrace verify 检查" },
    exit: 1,
  },
  "not-a-ledger": {
    meaning: { en: "This is not a ledger.", zh: "这不是账本。" },
    next: { en: "look at it with fulltrace verify", zh: "用 fulltrace verify 检查" },
    exit: 1,
  },
  interrupted: {
    meaning: { en: "Stopped before it was done.", zh: "尚未完成即被中断。" },
    next: { en: "run it again", zh: "请重新运行" },
    exit: 1,
  },
  "ledger-busy": {
    meaning: { en: "The ledger changed faster than it could be copied.", zh: "账本变化过快，无法复制。" },
    next: { en: "try again", zh: "请重试" },
    exit: 1,
  },
  "copy-failed": {
    meaning: {
      en: "The temporary directory has no room for a copy of the ledger.",
      zh: "临时目录空间不足，无法复制账本。",
    },
    next: { en: "set TMPDIR to a place with room", zh: "将 TMPDIR 指向空间充足的位置" },
    exit: 1,
  },
  "agent-not-running": {
    meaning: { en: "No agent runs on this data directory.", zh: "该数据目录上没有运行中的代理。" },
    next: { en: "start it: fulltrace run --config FILE", zh: "启动：fulltrace run --config FILE" },
    exit: 1,
  },
  "agent-silent": {
    meaning: { en: "The agent did not answer in time.", zh: "代理未及时应答。" },
    next: { en: "look at its log, and try again", zh: "查看日志后重试" },
    exit: 1,
  },
  "already-running": {
    meaning: { en: "An agent runs on this data directory already.", zh: "该数据目录上已有代理在运行。" },
    next: { en: "stop it first, or use another data_dir", zh: "先停止它，或改用其他 data_dir" },
    exit: 1,
  },
  "store-locked": {
    meaning: { en: "Another process writes in this data directory.", zh: "另有进程正在写入该数据目录。" },
    next: { en: "stop it first, or use another data_dir", zh: "先停止它，或改用其他 data_dir" },
    exit: 1,
  },
  "wrong-device-key": {
    meaning: {
      en: "The device key is not the one that this ledger began with.",
      zh: "设备密钥与该账本起始时的密钥不同。",
    },
    next: { en: "put the right key back; do not make another", zh: "放回原密钥，不要另行生成" },
    exit: 1,
  },
  "control-forbidden": {
    meaning: { en: "You may not talk to this agent.", zh: "无权与该代理通信。" },
    next: { en: "join the group that owns control.sock", zh: "加入 control.sock 的属组" },
    exit: 1,
  },
  "not-in-this-role": {
    meaning: { en: "An agent of this role does not do that.", zh: "该角色的代理不支持此操作。" },
    next: { en: "ask a recorder", zh: "请对记录仪代理执行" },
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

  "recording-unknown": {
    meaning: { en: "The ledger has no such recording.", zh: "账本中没有该录制。" },
    next: { en: "see fulltrace recording list", zh: "查看 fulltrace recording list" },
    exit: 1,
  },
  "recording-ambiguous": {
    meaning: { en: "Several recordings begin like this.", zh: "有多个录制以此开头。" },
    next: { en: "write more letters of the id", zh: "写出更多编号字符" },
    exit: 2,
  },
  "recording-incomplete": {
    meaning: {
      en: "Chunks are missing or damaged; nothing was written.",
      zh: "缺段或损坏；未写入任何文件。",
    },
    next: {
      en: "fetch the media from the receiver, or save what is there with --partial",
      zh: "从接收端取回媒体，或用 --partial 保存现有部分",
    },
    exit: 1,
  },
  "recording-sealed": {
    meaning: {
      en: "This recording is sealed; only its recipients can open it.",
      zh: "该录制已加密，仅收件方可打开。",
    },
    next: {
      en: "open each chunk's file with age -d and leave out its first 32 bytes",
      zh: "用 age -d 解开各段文件，并去掉前 32 字节",
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
  "file-unreadable": {
    meaning: { en: "The file cannot be read.", zh: "无法读取该文件。" },
    next: { en: "check its name and permissions", zh: "检查文件名与权限" },
    exit: 2,
  },
  "directory-missing": {
    meaning: { en: "There is no such directory.", zh: "没有该目录。" },
    next: { en: "name the data directory", zh: "请给出数据目录" },
    exit: 2,
  },
  "file-exists": {
    meaning: { en: "The file is there already.", zh: "文件已存在。" },
    next: { en: "choose another name, or --force", zh: "换个文件名，或加 --force" },
    exit: 2,
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
} satisfies Record<string, ErrorText>;

export type ErrorTextCode = keyof typeof texts;

/** The text of a code; null for codes that say enough themselves. */
export function errorText(code: string): ErrorText | null {
  return Object.hasOwn(texts, code) ? texts[code as ErrorTextCode] : null;
}

/** Every code that has a text. */
export const errorTextCodes = Object.keys(texts) as ErrorTextCode[];
