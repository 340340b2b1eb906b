import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { Face } from "../../../../agent/cli/face/face.ts";
import { manualPage } from "../../../../agent/cli/outline/manual.ts";
import { everyOutline, outlineOf } from "../../../../agent/cli/outline/outline.ts";
import { buildProgram } from "../../../../agent/cli/program.ts";
import type { Lang } from "../../../../agent/cli/text/phrase.ts";

function page(lang: Lang) {
  const face = new Face({ stdout: new PassThrough(), stderr: new PassThrough(), env: {}, lang });
  const outline = outlineOf(buildProgram(face, async () => undefined));
  return { outline, text: manualPage(outline, "0.0.0", (...said) => face.say(...said)) };
}

/** What a reader sees, and what groff complains about. */
function printed(text: string) {
  const { stdout, stderr } = spawnSync(
    "groff",
    ["-K", "utf8", "-man", "-ww", "-Tutf8", "-P-cbou", "-rLL=200n"],
    {
      input: text,
      encoding: "utf8",
    },
  );
  return { shown: stdout, complaints: stderr };
}

for (const lang of ["en", "zh"] as const) {
  test(`the manual page in ${lang} is sound troff and shows every command with its options`, () => {
    const { outline, text } = page(lang);
    const { shown, complaints } = printed(text);
    assert.equal(complaints, "");
    for (const { words, options, below } of everyOutline(outline)) {
      if (below.length > 0) continue;
      assert.ok(shown.includes(`fulltrace ${words.join(" ")}`), words.join(" "));
      for (const { long } of options) assert.ok(shown.includes(long), `${words.join(" ")} ${long}`);
    }
    assert.match(shown, lang === "en" ? /EXIT STATUS/ : /退出状态/);
  });
}

test("an unsound page is complained about", () => {
  assert.match(printed(".TH X 1\n.NOSUCH macro\n").complaints, /NOSUCH/);
});
