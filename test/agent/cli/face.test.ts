import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, test } from "node:test";
import { Face } from "../../../agent/cli/face/face.ts";
import { table } from "../../../agent/cli/face/table.ts";
import { bytesText, durationText, momentText } from "../../../agent/cli/face/units.ts";
import { columns, harmless, pad } from "../../../agent/cli/face/width.ts";
import { help } from "../../../agent/cli/text/command-line/help.ts";
import { misuses } from "../../../agent/cli/text/command-line/misuses.ts";
import { errorText, errorTextCodes } from "../../../agent/cli/text/errors.ts";
import { problemTexts, reportWords, verdictTexts } from "../../../agent/cli/text/evidence/problems.ts";
import { chooseLang, type Phrase, speaker } from "../../../agent/cli/text/phrase.ts";
import { boardWords } from "../../../agent/cli/text/simulate/board.ts";
import { simulateHelp, simulateWords } from "../../../agent/cli/text/simulate/help.ts";
import { rackWords, recorderWords } from "../../../agent/cli/text/simulate/recorder.ts";
import { words } from "../../../agent/cli/text/words.ts";

describe("columns on a terminal", () => {
  test("are two for Chinese, none for marks", () => {
    assert.equal(columns("abc"), 3);
    assert.equal(columns("执法记录仪"), 10);
    assert.equal(columns("（是）"), 6);
    assert.equal(columns("é"), 1);
    assert.equal(columns("🎥"), 2);
  });

  test("align tables of both", () => {
    const lines = table(
      [
        { title: "名称", side: "left" },
        { title: "n", side: "right" },
        { title: "end", side: "left" },
      ],
      [
        ["采集站一", "7", "x"],
        ["dock", "1000", "y"],
      ],
    );
    assert.deepEqual(lines, ["名称         n  end", "采集站一     7  x", "dock      1000  y"]);
    assert.equal(pad("是", 4, "right"), "  是");
  });

  test("are never moved by what evidence says", () => {
    assert.equal(harmless("a\u001b[2Jb\n\u202ec"), "a\\u{1b}[2Jb\\u{a}\\u{202e}c");
    assert.equal(harmless("执法 ok"), "执法 ok");
  });
});

test("sizes, lengths and moments are told with their unit", () => {
  assert.equal(bytesText(1023), "1023 B");
  assert.equal(bytesText(1536), "1.50 KiB");
  assert.equal(bytesText(20 * 2 ** 20), "20.0 MiB");
  assert.equal(durationText(59_960), "0:59.9");
  assert.equal(durationText(61_500), "1:01.5");
  assert.equal(durationText(3_723_000), "1:02:03");
  assert.equal(momentText(0), "1970-01-01 00:00:00Z");
  assert.equal(momentText(1e300), "1e+300");
});

test("the language is the flag's, else the locale's in POSIX order, else English", () => {
  assert.equal(chooseLang("zh", { LANG: "en_US" }), "zh");
  assert.equal(chooseLang(undefined, { LANG: "zh_CN.UTF-8" }), "zh");
  assert.equal(chooseLang(undefined, { LC_ALL: "C", LANG: "zh_CN" }), "en");
  assert.equal(chooseLang(undefined, { LC_ALL: "", LC_MESSAGES: "zh_TW", LANG: "C" }), "zh");
  assert.equal(chooseLang(undefined, {}), "en");
});

test("colours and progress are for terminals, and NO_COLOR is obeyed", () => {
  const face = (isTTY: boolean, env: Record<string, string> = {}) => {
    const stderr = Object.assign(new PassThrough(), { isTTY });
    return { stderr, face: new Face({ stdout: Object.assign(new PassThrough(), { isTTY }), stderr, env }) };
  };
  assert.equal(face(true).face.paint("red", "x"), "\u001b[31mx\u001b[0m");
  assert.equal(face(true, { NO_COLOR: "1" }).face.paint("red", "x"), "x");
  assert.equal(face(true, { TERM: "dumb" }).face.paint("red", "x"), "x");
  assert.equal(face(false).face.paint("red", "x"), "x");
  for (const [isTTY, told] of [
    [true, "\r\u001b[Khalf\r\u001b[Kdone\n"],
    [false, "done\n"],
  ] as const) {
    const { face: speaking, stderr } = face(isTTY);
    speaking.progress("half");
    speaking.tell("done");
    assert.equal(stderr.read()?.toString(), told);
  }
});

describe("the catalogue", () => {
  const phrases: [string, Phrase][] = [
    ...Object.entries<Phrase>(words),
    ...Object.entries<Phrase>(help),
    ...Object.entries<Phrase>(simulateHelp),
    ...Object.entries<Phrase>(boardWords),
    ...Object.entries<Phrase>(simulateWords),
    ...Object.entries<Phrase>(recorderWords),
    ...Object.entries<Phrase>(rackWords),
    ...Object.entries<Phrase>(reportWords),
    ...Object.entries<Phrase>(problemTexts),
    ...Object.entries<Phrase>(verdictTexts),
    ...Object.entries<Phrase>(misuses.reasons),
    ["suggestion", misuses.suggestion],
    ["seeHelp", misuses.seeHelp],
    ...errorTextCodes.flatMap((code): [string, Phrase][] => {
      const text = errorText(code);
      return text === null
        ? []
        : [
            [code, text.meaning],
            [code, text.next],
          ];
    }),
  ];

  test("says everything in both languages, with the same values", () => {
    assert.ok(phrases.length > 100);
    for (const [key, { en, zh }] of phrases) {
      assert.ok(en.length > 0 && zh.length > 0, key);
      const values = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();
      assert.deepEqual(values(zh), values(en), key);
    }
  });

  test("is Chinese where it says so", () => {
    for (const [key, { en, zh }] of phrases) {
      assert.doesNotMatch(en, /\p{Script=Han}/u, key);
      const plain = zh.replace(/\{\w+\}/g, "");
      assert.match(plain, /[\p{Script=Han}]/u, `${key}: ${zh}`);
    }
  });

  test("fills in values, once and literally", () => {
    assert.equal(speaker("en")({ en: "{a} {b}", zh: "" }, { a: "{b}", b: "$&" }), "{b} $&");
  });
});
