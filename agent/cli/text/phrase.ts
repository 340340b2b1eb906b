/** Languages that people are spoken to in. */
export type Lang = "en" | "zh";

/** One message in every language; `{name}` stands for a value. */
export type Phrase = Readonly<Record<Lang, string>>;

export type Values = Readonly<Record<string, string | number>>;

/** Says a phrase with its values filled in. */
export type Say = (phrase: Phrase, values?: Values) => string;

export function speaker(lang: Lang): Say {
  return (phrase, values = {}) =>
    phrase[lang].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** `flag` if it is a language, else what the locale of the environment asks for (POSIX order), else English. */
export function chooseLang(
  flag: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Lang {
  if (flag === "en" || flag === "zh") return flag;
  const locale = env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"] || "";
  return locale.toLowerCase().startsWith("zh") ? "zh" : "en";
}
