import type { ErrorText } from "./error-text.ts";

/** What is wrong with a ledger, or with what is read from it. */
export const evidenceErrors = {
  "ledger-missing": {
    meaning: { en: "There is no ledger here.", zh: "此处没有账本。" },
    next: {
      en: "name the directory that holds ledger.db; at a receiver that is devices/ID",
      zh: "指定含 ledger.db 的目录；接收端为 devices/ID",
    },
    exit: 2,
  },
  "ledger-forbidden": {
    meaning: { en: "This account may not read this ledger.", zh: "当前账户无权读取该账本。" },
    next: {
      en: "join the group that is told (usermod -aG GROUP ACCOUNT) and log in again, or ask its owner",
      zh: "加入所示属组（usermod -aG 组 账户）后重新登录，或请其所有者操作",
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
  "entry-missing": {
    meaning: { en: "The ledger has no such entry.", zh: "账本中没有该条目。" },
    next: { en: "look with fulltrace ledger list", zh: "用 fulltrace ledger list 查看" },
    exit: 1,
  },
  "not-proven-yet": {
    meaning: { en: "No checkpoint covers this entry yet.", zh: "尚无检查点覆盖该条目。" },
    next: {
      en: "wait for the next checkpoint, which a running agent makes every 10 s",
      zh: "等待下一个检查点，运行中的代理每 10 秒生成一个",
    },
    exit: 1,
  },
  "activity-unknown": {
    meaning: { en: "This ledger has no such activity.", zh: "账本中没有这项执法活动。" },
    next: { en: "look with fulltrace activity list", zh: "用 fulltrace activity list 查看" },
    exit: 1,
  },
  "activity-ambiguous": {
    meaning: { en: "Several activities begin so.", zh: "有多项执法活动以此开头。" },
    next: { en: "give more of the id", zh: "请给出更长的编号" },
    exit: 1,
  },
  "activity-closed": {
    meaning: { en: "The activity was closed before.", zh: "该执法活动已经结束。" },
    next: { en: "add what is to be said as a note", zh: "如需补充，请用记事" },
    exit: 1,
  },
  "activity-incomplete": {
    meaning: {
      en: "The process lacks what its template requires.",
      zh: "程序材料不全，缺少模板要求的内容。",
    },
    next: {
      en: "see it in words with fulltrace activity check; add it, or close with --reason TEXT, which is signed",
      zh: "补齐材料，或用 --reason 说明原因（将签名保存）后结束",
    },
    exit: 1,
  },
  "draw-unknown": {
    meaning: { en: "This ledger has no such draw.", zh: "账本中没有这次抽样。" },
    next: { en: "look with fulltrace check list --all", zh: "用 fulltrace check list --all 查看" },
    exit: 1,
  },
  "draw-ambiguous": {
    meaning: { en: "Several begin so.", zh: "有多个编号以此开头。" },
    next: { en: "give more of the id", zh: "请给出更长的编号" },
    exit: 1,
  },
  "draw-too-early": {
    meaning: {
      en: "No witness has cosigned a checkpoint since the period ended.",
      zh: "周期结束后尚无见证方联署的检查点。",
    },
    next: {
      en: "wait until the period is over and the device has synced",
      zh: "待周期结束且设备完成同步后再抽取",
    },
    exit: 1,
  },
  "draw-before-ledger": {
    meaning: {
      en: "The period was over before this ledger began.",
      zh: "该周期在本账本开始之前已结束。",
    },
    next: {
      en: "look at the period's year; fulltrace ledger stats tells when the ledger began",
      zh: "请核对周期的年份；fulltrace ledger stats 可查看账本起始时间",
    },
    exit: 1,
  },
  "defect-stands": {
    meaning: { en: "A defect was found, and nobody has put that right.", zh: "已记录的缺陷尚未更正。" },
    next: {
      en: "name its entry and say why: --corrects SEQ --text WHY",
      zh: "指明条目并说明理由：--corrects 序号 --text 理由",
    },
    exit: 1,
  },
  "stage-unknown": {
    meaning: {
      en: "The activity's template has no such stage, or the stage no such requirement.",
      zh: "该活动的程序模板没有此阶段，或该阶段没有此要求。",
    },
    next: {
      en: "fulltrace template show TEMPLATE lists the stages and what they require",
      zh: "fulltrace template show 模板 可列出各阶段及要求",
    },
    exit: 2,
  },
  "file-empty": {
    meaning: { en: "The file is empty.", zh: "该文件为空。" },
    next: { en: "name the document itself", zh: "请指定文书文件本身" },
    exit: 2,
  },
  "not-a-file": {
    meaning: { en: "This is no file.", zh: "这不是文件。" },
    next: {
      en: "name one document; a folder is attached file by file",
      zh: "请指定单个文书；文件夹需逐个附上",
    },
    exit: 2,
  },
  "item-not-drawn": {
    meaning: { en: "The sample has no such item.", zh: "样本中没有该项。" },
    next: { en: "look with fulltrace check show DRAW", zh: "用 fulltrace check show 查看样本" },
    exit: 1,
  },
  "template-unknown": {
    meaning: { en: "There is no such process template.", zh: "没有这个程序模板。" },
    next: { en: "use one of those that docs/records.md lists", zh: "请使用 docs/records.md 所列模板" },
    exit: 2,
  },
  "template-missing": {
    meaning: { en: "The activity was opened without a template.", zh: "该执法活动未指定程序模板。" },
    next: { en: "name one with --template", zh: "用 --template 指定模板" },
    exit: 2,
  },
  "document-kind": {
    meaning: {
      en: "The file is no document that is taken, or its content is not what its name says.",
      zh: "不是可接受的文书，或内容与文件名不符。",
    },
    next: {
      en: "attach PDF, DOCX, XLSX, OFD, JPEG, PNG or text",
      zh: "请附 PDF、DOCX、XLSX、OFD、JPEG、PNG 或文本文件",
    },
    exit: 2,
  },
  "document-too-large": {
    meaning: { en: "A document has at most 256 MiB.", zh: "单个文书不得超过 256 MiB。" },
    next: { en: "split it", zh: "请拆分后再附" },
    exit: 2,
  },
  "document-length": {
    meaning: { en: "The document changed while it was read.", zh: "读取过程中文书发生变化。" },
    next: { en: "attach it again", zh: "请重新附上" },
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
  "recording-unknown": {
    meaning: { en: "The ledger has no such recording.", zh: "账本中没有该录制。" },
    next: { en: "see fulltrace recording list", zh: "查看 fulltrace recording list" },
    exit: 1,
  },
  "recording-not-linked": {
    meaning: { en: "The recording is not linked to the activity.", zh: "该录制未关联到此执法活动。" },
    next: {
      en: "fulltrace activity show lists those that are",
      zh: "fulltrace activity show 可列出已关联的录制",
    },
    exit: 1,
  },
  "linked-elsewhere": {
    meaning: {
      en: "The activity has this recording linked as one of another ledger, or of another place there.",
      zh: "该录制已按另一账本或其中另一位置关联。",
    },
    next: {
      en: "unlink it with a reason first, then link it again",
      zh: "请先说明理由取消关联，再重新关联",
    },
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
} satisfies Record<string, ErrorText>;
