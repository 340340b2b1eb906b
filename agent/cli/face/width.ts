/** Takes two columns: CJK scripts and their punctuation, full-width forms, emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\u2e80-\u303e\u30fb\u30fc\u3200-\u33ff\ufe30-\ufe4f\uff01-\uff60\uffe0-\uffe6\p{Emoji_Presentation}]/u;
/** Takes none: combining marks and format characters. */
const ZERO = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** What a terminal would act on, or what would turn the line's direction. */
const COMMANDS = /[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** Columns that a text takes on a terminal. */
export function columns(text: string): number {
  let total = 0;
  for (const char of text) total += ZERO.test(char) ? 0 : WIDE.test(char) ? 2 : 1;
  return total;
}

/** `text` with spaces up to `width` columns. */
export function pad(text: string, width: number, side: "left" | "right"): string {
  const spaces = " ".repeat(Math.max(0, width - columns(text)));
  return side === "left" ? text + spaces : spaces + text;
}

/** Evidence and arguments may hold anything: their control characters are shown, never sent to a terminal. */
export function harmless(text: string): string {
  return text.replace(COMMANDS, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
}

/** As much of `text` as takes at most `width` columns, with `…` at its end where something is left out. */
export function clip(text: string, width: number): string {
  if (columns(text) <= width) return text;
  let kept = "";
  let taken = 1;
  for (const char of text) {
    taken += columns(char);
    if (taken > width) break;
    kept += char;
  }
  return width < 1 ? "" : `${kept}…`;
}
