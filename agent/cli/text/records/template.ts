import type { Form } from "../../../../config/templates.ts";
import type { Phrase } from "../phrase.ts";

/** Process templates: help, and what their commands say. */
export const templateHelp = {
  template: {
    en: "process templates: what a whole process must contain",
    zh: "程序模板：完整程序须有的材料",
  },
  list: { en: "list the templates, shipped and own", zh: "列出内置与自有模板" },
  show: { en: "show what a template requires", zh: "显示模板的要求" },
  check: { en: "check a template file as an agent would", zh: "按代理的规则检查模板文件" },
  id: { en: "id of a template", zh: "模板编号" },
  file: { en: "TOML file", zh: "TOML 文件" },
} satisfies Record<string, Phrase>;

export const templateWords = {
  id: { en: "ID", zh: "编号" },
  name: { en: "NAME", zh: "名称" },
  stages: { en: "STAGES", zh: "阶段" },
  requirements: { en: "REQUIRED", zh: "要求" },
  from: { en: "FROM", zh: "来源" },
  shipped: { en: "shipped", zh: "内置" },
  own: { en: "own", zh: "自有" },
  document: { en: "document", zh: "文书" },
  text: { en: "text", zh: "文字" },
  picture: { en: "picture", zh: "照片" },
  sound: { en: "sound", zh: "录音" },
  "sound-and-picture": { en: "sound and picture", zh: "录音录像" },
  whenDisputed: {
    en: "Recorded in full once somebody objects: {stages}",
    zh: "有异议时须全程录音录像：{stages}",
  },
  isSound: {
    en: "{id}: {stages} stages, {requirements} requirements. SHA-256 {digest}",
    zh: "{id}：阶段 {stages} 个，要求 {requirements} 项。SHA-256 {digest}",
  },
} satisfies Record<Form | string, Phrase>;
