import type { Phrase } from "../phrase.ts";

/** What is wrong with a command line, by commander's code. */
export const misuses = {
  reasons: {
    "commander.help": { en: "a command is missing: {allowed}", zh: "缺少命令：{allowed}" },
    "commander.unknownCommand": { en: "unknown command {what}", zh: "未知命令 {what}" },
    "commander.unknownOption": { en: "unknown option {what}", zh: "未知选项 {what}" },
    "commander.missingArgument": { en: "argument {what} is missing", zh: "缺少参数 {what}" },
    "commander.optionMissingArgument": { en: "option {what} needs a value", zh: "选项 {what} 缺少值" },
    "commander.missingMandatoryOptionValue": { en: "option {what} is missing", zh: "缺少选项 {what}" },
    "commander.excessArguments": { en: "too many arguments for {what}", zh: "{what} 的参数过多" },
    "commander.invalidArgument": {
      en: "wrong value for {what}; allowed: {allowed}",
      zh: "{what} 的值不正确；允许：{allowed}",
    },
  },
  suggestion: { en: "; did you mean {word}?", zh: "；是否想输入 {word}？" },
  seeHelp: { en: "see {command} --help", zh: "查看 {command} --help" },
} satisfies { reasons: Record<string, Phrase>; suggestion: Phrase; seeHelp: Phrase };
