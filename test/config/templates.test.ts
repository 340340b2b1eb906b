import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { parseTemplate, readTemplate, templateNames } from "../../config/templates.ts";
import { REPOSITORY } from "../support/repository.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

test("the shipped templates are those of urban management, each by the name of its file, in both languages", () => {
  assert.deepEqual(templateNames(), [
    "forced-demolition",
    "on-site-inspection",
    "ordinary-procedure",
    "seizure",
    "service-of-documents",
    "simple-procedure",
  ]);
  for (const name of templateNames()) {
    const { id, stages, when_disputed: disputed } = readTemplate(name);
    assert.equal(id, name);
    assert.ok(stages.length >= 3 && disputed.length > 0, name);
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

test("an unknown template, and a name that is a path, are told with the names that there are", (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, "own.toml"), readFileSync(join(REPOSITORY, "config/templates/seizure.toml")));
  assert.equal(readTemplate("own", directory).id, "seizure");
  for (const name of ["other", "../own", "own.toml", ""])
    assert.throws(() => readTemplate(name, directory), { code: "template-unknown", next: "own" });
});
