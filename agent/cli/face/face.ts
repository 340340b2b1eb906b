import { errorCode } from "../../../config/base/errors.ts";
import { chooseLang, type Lang, type Phrase, type Say, speaker, type Values } from "../text/phrase.ts";

export type Colour = "red" | "green" | "yellow" | "dim" | "bold";

const CODES: Readonly<Record<Colour, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 };

/** A stream that a person or a machine reads. */
export type Stream = NodeJS.WritableStream & { isTTY?: boolean };

export interface FaceOptions {
  stdout: Stream;
  stderr: Stream;
  env: Readonly<Record<string, string | undefined>>;
  /** From `--lang`; absent: the configuration's, then the locale's. */
  lang?: string | undefined;
}

/** How a command speaks: results on stdout, everything else on stderr, in one language. */
export class Face {
  readonly #stdout: Stream;
  readonly #stderr: Stream;
  readonly #isLangFixed: boolean;
  readonly #colours: { stdout: boolean; stderr: boolean };
  readonly #left = new AbortController();
  #say: Say;
  #lang: Lang;
  #hasProgress = false;

  constructor({ stdout, stderr, env, lang }: FaceOptions) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#isLangFixed = lang !== undefined;
    this.#lang = chooseLang(lang, env);
    this.#say = speaker(this.#lang);
    const wanted = (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
    this.#colours = { stdout: wanted && stdout.isTTY === true, stderr: wanted && stderr.isTTY === true };
    // whoever reads may stop reading: that is no failure of ours
    for (const stream of [stdout, stderr]) {
      stream.on("error", (error) => {
        if (errorCode(error) !== "EPIPE") throw error;
        if (stream === stdout) this.#left.abort();
      });
    }
  }

  /** Aborts once it has turned out that nobody reads results any more, such as `head` that has enough. */
  get left(): AbortSignal {
    return this.#left.signal;
  }

  get lang(): Lang {
    return this.#lang;
  }

  /** Takes up the configuration's language, unless `--lang` was given. */
  speak(lang: Lang | undefined): void {
    if (lang === undefined || this.#isLangFixed) return;
    this.#lang = lang;
    this.#say = speaker(lang);
  }

  say(phrase: Phrase, values?: Values): string {
    return this.#say(phrase, values);
  }

  /** Lines of a result. */
  print(...lines: string[]): void {
    this.#clearProgress();
    for (const line of lines) this.#stdout.write(`${line}\n`);
  }

  /** The one object of `--json`. */
  printJson(value: object): void {
    this.#clearProgress();
    this.#stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** One of many objects of `--json`, on a line of its own: for commands that tell until they are ended. */
  printJsonLine(value: object): void {
    this.#clearProgress();
    this.#stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Lines beside the result. */
  tell(...lines: string[]): void {
    this.#clearProgress();
    for (const line of lines) this.#stderr.write(`${line}\n`);
  }

  /** Replaces the line of progress; only on a terminal. */
  progress(line: string): void {
    if (this.#stderr.isTTY !== true) return;
    this.#stderr.write(`\r\u001b[K${line}`);
    this.#hasProgress = true;
  }

  paint(colour: Colour, text: string, stream: "stdout" | "stderr" = "stdout"): string {
    return this.#colours[stream] ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
  }

  #clearProgress(): void {
    if (this.#hasProgress) this.#stderr.write("\r\u001b[K");
    this.#hasProgress = false;
  }
}
