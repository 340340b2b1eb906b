/** Text that is HTML already. Nothing else gets into a page unescaped. */
export class Markup {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  static ofTemplate(strings: TemplateStringsArray, values: readonly Value[]): Markup {
    return new Markup(strings.reduce((all, part, i) => all + htmlOf(values[i - 1] ?? "") + part));
  }
}

export type Value = Markup | string | number | readonly Value[];

/** HTML with its values escaped, whatever they are; markup within markup stands as it is. */
export function html(strings: TemplateStringsArray, ...values: Value[]): Markup {
  return Markup.ofTemplate(strings, values);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};
/** Control characters have no place in HTML; marks of direction would turn what follows. */
const UNSHOWN = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

function htmlOf(value: Value): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === "number") return String(value);
  if (typeof value !== "string") return value.map(htmlOf).join("");
  return value.replace(UNSHOWN, "\ufffd").replace(/[&<>"'`]/g, (char) => ESCAPES[char] ?? "");
}
