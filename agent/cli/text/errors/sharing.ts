import type { ErrorText } from "./error-text.ts";

/** Why something cannot be given away, or held against its template. */
export const sharingErrors = {
  "evidence-sealed": {
    meaning: {
      en: "A file is sealed for others: it cannot be opened here.",
      zh: "文件已为他人加密，此处无法打开。",
    },
    next: { en: "whoever holds the key opens it with age", zh: "由密钥持有人用 age 打开" },
    exit: 1,
  },
  "evidence-missing": {
    meaning: { en: "A file that an entry names is not here.", zh: "条目所指的文件不在此处。" },
    next: { en: "export it where it is kept: at the receiver", zh: "请在保管处（接收端）导出" },
    exit: 1,
  },
  "evidence-damaged": {
    meaning: { en: "A file is not what was signed.", zh: "文件与签名时不一致。" },
    next: { en: "look at the ledger with fulltrace verify", zh: "用 fulltrace verify 检查账本" },
    exit: 1,
  },
  "entry-unwitnessed": {
    meaning: { en: "No cosigned checkpoint covers this entry yet.", zh: "尚无联署检查点涵盖该条目。" },
    next: {
      en: "sync it, or ask at the receiver; a witness must have cosigned",
      zh: "请先同步，或在接收端导出；须已有见证方联署",
    },
    exit: 1,
  },
  "proof-contradicted": {
    meaning: { en: "The ledger is not the one that was cosigned.", zh: "账本与已联署的不一致。" },
    next: { en: "look at it with fulltrace verify", zh: "用 fulltrace verify 检查" },
    exit: 1,
  },
  "folder-exists": {
    meaning: { en: "There is something of that name already.", zh: "已有同名的目录或文件。" },
    next: { en: "name a folder that does not exist yet", zh: "请指定尚不存在的目录" },
    exit: 2,
  },
  "not-an-export": {
    meaning: {
      en: "This is no folder of fulltrace share export, or its list or checkpoint cannot be read.",
      zh: "这不是 fulltrace share export 的导出包，或其清单、检查点无法读取。",
    },
    next: { en: "name the folder that holds digests and ledger/", zh: "请指定含 digests 与 ledger/ 的目录" },
    exit: 2,
  },
  "bad-template": {
    meaning: { en: "The process template is not usable.", zh: "程序模板不可用。" },
    next: {
      en: "correct the file; config/templates has examples, fulltrace template check looks at it",
      zh: "请修改文件；config/templates 有示例，可用 fulltrace template check 检查",
    },
    exit: 1,
  },
  "templates-unreadable": {
    meaning: {
      en: "A template, or the folder of templates, cannot be read.",
      zh: "无法读取程序模板或其目录。",
    },
    next: { en: "check the path and who may read it", zh: "检查路径与读取权限" },
    exit: 2,
  },
  "template-text-missing": {
    meaning: {
      en: "The template's text of that time is not here, and its file was changed since.",
      zh: "当时的模板文本不在此处，其文件后来已更改。",
    },
    next: {
      en: "ask at the receiver, or name another with --template",
      zh: "在接收端查询，或用 --template 另行指定",
    },
    exit: 1,
  },
} satisfies Record<string, ErrorText>;
