import { LAMP_SIGNS, type LampSign } from "../../agent/recorder/board/signs.ts";

/** What a lamp's sign means, in the words of docs/wearer-signs.md. */
export interface SignWords {
  en: string;
  zh: string;
}

/** Of the table of lamps in docs/wearer-signs.md. */
export function signWords(page: string): Map<string, SignWords> {
  const table = page.slice(page.indexOf("| sign | lamp |")).split("\n\n", 1)[0] ?? "";
  const rows = table.split("\n").slice(2);
  return new Map(
    rows.map((line) => {
      const [, sign = "", , , en = "", zh = ""] = line.split("|").map((cell) => cell.trim());
      return [sign.replaceAll("`", ""), { en, zh }];
    }),
  );
}

/** What a strip shows of the time. */
const SHOWN_MS = 3_000;
const ROW = 34;
const STRIP = { x: 80, width: 300, height: 16 };
const WIDTH = 800;

/** The lamps as a picture (SVG 1.1 with SMIL): each shines as it does on the unit, beside three seconds of it. */
export function lampsPicture(meanings: ReadonlyMap<string, SignWords>): string {
  const signs = Object.keys(LAMP_SIGNS) as LampSign[];
  const rows = signs.map((sign, i) => row(sign, 50 + i * ROW, meanings.get(sign) ?? { en: sign, zh: "" }));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${60 + signs.length * ROW}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#20242a"/>
<g fill="#c8ccd2"><text x="20" y="28">lamp 灯</text><text x="${STRIP.x}" y="28">3 s</text><text x="390" y="28">meaning 含义</text></g>
${rows.join("\n")}
</svg>
`;
}

function row(sign: LampSign, y: number, { en, zh }: SignWords): string {
  const { lamp, pattern } = LAMP_SIGNS[sign];
  const steps = pattern.steps.map(({ red, green, blue, ms }) => ({ colour: colourOf(red, green, blue), ms }));
  const places = [`${lamp === "recording" ? 1 : 2}`, `cx="44" cy="${y}" r="10"`] as const;
  return `<g fill="#f2f4f6"><text x="20" y="${y + 5}">${places[0]}</text><circle ${places[1]} stroke="#788" fill="${steps[0]?.colour ?? DARK}">${shining(steps)}</circle>
${strip(steps, y)}<text x="390" y="${y - 1}">${escaped(en.replaceAll("`", ""))}</text><text x="390" y="${y + 13}" fill="#9fb2c4" font-size="12">${escaped(zh.replaceAll("`", ""))}</text></g>`;
}

interface Step {
  colour: string;
  ms: number;
}

const DARK = "#30353c";

function colourOf(red: number, green: number, blue: number): string {
  if (red + green + blue === 0) return DARK;
  return `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** For ever, and without fading. */
function shining(steps: readonly Step[]): string {
  if (steps.length < 2) return "";
  const whole = steps.reduce((sum, { ms }) => sum + ms, 0);
  let at = 0;
  const times = steps.map(({ ms }) => {
    const begin = at / whole;
    at += ms;
    return Number(begin.toFixed(4));
  });
  return `<animate attributeName="fill" calcMode="discrete" dur="${whole}ms" repeatCount="indefinite" keyTimes="${times.join(";")}" values="${steps.map(({ colour }) => colour).join(";")}"/>`;
}

function strip(steps: readonly Step[], y: number): string {
  const scale = STRIP.width / SHOWN_MS;
  const top = y - STRIP.height / 2;
  const parts = [
    `<rect x="${STRIP.x}" y="${top}" width="${STRIP.width}" height="${STRIP.height}" fill="${DARK}"/>`,
  ];
  for (let at = 0, i = 0; steps.length > 0 && at < SHOWN_MS; i++) {
    const { colour, ms } = steps[i % steps.length] as Step;
    const width = Math.min(ms, SHOWN_MS - at) * scale;
    if (colour !== DARK)
      parts.push(
        `<rect x="${STRIP.x + at * scale}" y="${top}" width="${width}" height="${STRIP.height}" fill="${colour}"/>`,
      );
    at += ms;
  }
  return `${parts.join("")}\n`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
