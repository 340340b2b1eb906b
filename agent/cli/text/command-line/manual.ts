import type { Phrase } from "../phrase.ts";

/** Completions and the manual page: help, and what stands in the page beside the commands' own words. */
export const manualWords = {
  completion: {
    en: "print a completion for a shell, to be sourced or installed",
    zh: "输出 shell 补全脚本，供 source 或安装",
  },
  shell: { en: "bash, zsh or fish", zh: "bash、zsh 或 fish" },
  manual: { en: "print the manual page, as troff for man", zh: "输出手册页（troff 格式，供 man 显示）" },
  name: { en: "NAME", zh: "名称" },
  synopsis: { en: "SYNOPSIS", zh: "概要" },
  nounVerb: { en: "NOUN VERB [OPTION]...", zh: "名词 动词 [选项]..." },
  description: { en: "DESCRIPTION", zh: "描述" },
  about: {
    en: "Speaks to people by default and to machines with --json. A command that means an agent takes its data directory (--data) or its configuration (--config).",
    zh: "默认面向人输出，加 --json 面向机器输出。针对某个代理的命令用 --data 指定其数据目录，或用 --config 指定其配置。",
  },
  commands: { en: "COMMANDS", zh: "命令" },
  examples: { en: "Examples:", zh: "示例：" },
  exit: { en: "EXIT STATUS", zh: "退出状态" },
  exitDone: { en: "Done.", zh: "完成。" },
  exitNo: { en: "The answer is no, or it failed.", zh: "回答为否，或失败。" },
  exitMisuse: {
    en: "Misuse: the command line, a configuration or a trust file cannot be used.",
    zh: "用法有误：命令行、配置或信任文件无法使用。",
  },
  environment: { en: "ENVIRONMENT", zh: "环境变量" },
  language: {
    en: "The language, unless --lang or the configuration names one: zh for Chinese, else English.",
    zh: "语言（未用 --lang 或配置指定时）：以 zh 开头为中文，否则英文。",
  },
  noColour: { en: "If set, there are no colours.", zh: "设置后不使用颜色。" },
  temporary: {
    en: "Where copies of ledgers are made that cannot be read in place.",
    zh: "无法就地读取的账本在此处制作副本。",
  },
} satisfies Record<string, Phrase>;
