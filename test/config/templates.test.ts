import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { TemplateCatalogue } from "../../config/template-catalogue.ts";
import { parseTemplate } from "../../config/templates.ts";
import { REPOSITORY } from "../support/repository.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

test("the shipped templates are those of urban management, each by the name of its file, in both languages", () => {
  const all = TemplateCatalogue.open().all.map(({ template }) => template);
  assert.deepEqual(
    all.map(({ id }) => id),
    [
      "forced-demolition",
      "on-site-inspection",
      "ordinary-procedure",
      "seizure",
      "service-of-documents",
      "simple-procedure",
    ],
  );
  for (const { id, stages, when_disputed: disputed } of all) {
    assert.ok(stages.length >= 3 && disputed.length > 0, id);
    const texts = stages.flatMap((stage) => [stage.name, ...stage.requires.map((requires) => requires.name)]);
    for (const { zh } of texts) assert.match(zh, /\p{Script=Han}/u);
  }
});

test("a template that cannot be is refused, and the error says where", () => {
  const good = readFileSync(join(REPOSITORY, "config/templates/seizure.toml"), "utf8");
  const fault = (toml: string, what: RegExp) =>
    assert.throws(() => parseTemplate(toml, "t.toml"), { code: "bad-template", message: what });
  assert.equal(parseTemplate(good, "t.toml").id, "seizure");
  fault(good.replace('what = "document"', 'what = "smell"'), /stages\.0\.requires\.0\.what/);
  fault(good.replace('id = "notice"', 'id = "approval"'), /approval is there twice/);
  fault(good.replace('["notice"', '["elsewhere"'), /elsewhere/);
  fault(`${good}\nfrom = "x"`, /t\.toml/);
  fault("id = ", /t\.toml/);
});

test("an unknown template is told with the names that there are", () => {
  const catalogue = TemplateCatalogue.open();
  for (const name of ["other", "../seizure", "seizure.toml", ""])
    assert.throws(() => catalogue.read(name), { code: "template-unknown", next: /^forced-demolition, / });
});

test("an office's own templates stand beside the shipped ones, and replace one only where that is said", (t) => {
  const directory = temporaryDirectory(t);
  const seizure = readFileSync(join(REPOSITORY, "config/templates/seizure.toml"), "utf8");
  const put = (name: string, toml: string | Buffer) => writeFileSync(join(directory, name), toml);
  const open = (...replaces: string[]) => TemplateCatalogue.open({ templates: directory, replaces });
  put("night-market.toml", seizure.replace('id = "seizure"', 'id = "night-market"'));
  assert.equal(open().read("night-market").isShipped, false);
  assert.equal(open().all.length, 7);

  const own = seizure.replace('zh = "查封扣押", en = "Seizure"', 'zh = "本局查封", en = "Ours"');
  put("seizure.toml", own);
  assert.throws(() => open(), { code: "bad-template", message: /seizure is shipped/ });
  assert.equal(open("seizure").read("seizure").template.name.en, "Ours");
  assert.equal(open("seizure").all.length, 7);
  assert.throws(() => open("seizure", "forced-demolition"), {
    code: "bad-template",
    message: /forced-demolition/,
  });

  put("other-name.toml", seizure.replace('id = "seizure"', 'id = "x"'));
  assert.throws(() => open("seizure"), { code: "bad-template", next: "name the file x.toml" });
  put("other-name.toml", Buffer.from([0xff]));
  assert.throws(() => open("seizure"), { code: "bad-template", message: /not UTF-8/ });
  const missing = { templates: join(directory, "nowhere"), replaces: [] };
  assert.throws(() => TemplateCatalogue.open(missing), { code: "templates-unreadable" });
});

test("what is no file of a template's size is refused at once, whatever it is, and never read whole", (t) => {
  const directory = temporaryDirectory(t);
  const file = join(directory, "own.toml");
  const refused = (code: string, make: () => void) => {
    make();
    assert.throws(() => TemplateCatalogue.open({ templates: directory, replaces: [] }), { code });
    rmSync(file, { recursive: true });
  };
  // to open either of the first two as a file is to wait or to read for ever
  refused("templates-unreadable", () => execFileSync("mkfifo", [file]));
  refused("templates-unreadable", () => symlinkSync("/dev/zero", file));
  refused("templates-unreadable", () => mkdirSync(file));
  refused("templates-unreadable", () => symlinkSync(join(directory, "nowhere"), file));
  refused("bad-template", () => {
    writeFileSync(file, "");
    truncateSync(file, 2 ** 40);
  });
});

test("a template is found by its very bytes", () => {
  const catalogue = TemplateCatalogue.open();
  const { digest, bytes } = catalogue.read("seizure");
  assert.equal(createHash("sha256").update(bytes).digest("hex"), digest);
  assert.equal(catalogue.ofDigest(digest)?.template.id, "seizure");
  assert.equal(catalogue.ofDigest("ab".repeat(32)), null);
});
