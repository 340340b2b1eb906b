import type { Phrase } from "../phrase.ts";

/** Descriptions of the commands of `dock`. */
export const dockHelp = {
  dock: { en: "bays of a dock and the recorders in them", zh: "采集站的仓位与其中的记录仪" },
  bays: { en: "list the bays and where each stands", zh: "列出各仓位及其状态" },
  show: {
    en: "list a card's files, and tell whether it is safe to wipe, with the proof",
    zh: "列出卡上文件，并给出可否清空的结论与凭证",
  },
  first: {
    en: "import this recorder, or one file on it, before all others",
    zh: "优先采集该记录仪或其中一个文件",
  },
  wipe: { en: "wipe the card as soon as that is safe", zh: "一旦安全即清空该卡" },
  wearer: { en: "say who had the recorder in a bay", zh: "说明该仓位记录仪的佩戴人" },
  handOut: { en: "say who takes the recorder next", zh: "登记下一位领用人" },
  bay: { en: "name of a bay, or serial number of the recorder in it", zh: "仓位名，或其中记录仪的序列号" },
  path: { en: "file on the card, as `dock show` lists it", zh: "卡上文件，如 dock show 所列" },
  wearerId: { en: "id of the wearer", zh: "佩戴人编号" },
} satisfies Record<string, Phrase>;
