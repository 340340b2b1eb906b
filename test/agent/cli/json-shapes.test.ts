import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SHARE_API } from "../../support/asyncapi.ts";
import { assertExampleFits, schemaFileOf } from "../../support/cli-schema.ts";
import { parseShape, type Schema } from "../../support/pages/json-shape.ts";
import { misfit, placesIn } from "../../support/pages/shape-fits.ts";
import { REPOSITORY } from "../../support/repository.ts";

/** Pages that show what commands print as JSON. */
const PAGES = ["cli", "records", "sharing", "doctor", "reports", "inspections"];

interface Section {
  /** Without `fulltrace`. */
  command: string;
  text: string;
}

const read = (file: string) => readFileSync(join(REPOSITORY, file), "utf8");

/** The sections of a page that are about a command whose JSON has a schema. */
function sectionsOf(page: string): Section[] {
  return read(`docs/${page}.md`)
    .split(/^(?=##+ )/m)
    .flatMap((text) => {
      const command = /^##+ .*`fulltrace ((?:[a-z]+(?:-[a-z]+)* ?)+)/.exec(text)?.[1]?.trim();
      return command !== undefined && existsSync(join(REPOSITORY, schemaFileOf(command)))
        ? [{ command, text }]
        : [];
    });
}

const examplesIn = (text: string) =>
  [...text.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = ""]) => json);

/** What is written as code in running text. */
const codesIn = (text: string) =>
  [...text.replace(/^```.*?^```$/gms, "").matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);

/** What is wrong with what a section says of its command's JSON. */
function misfitsOf({ command, text }: Section): string[] {
  const root = JSON.parse(read(schemaFileOf(command))) as Schema;
  const whole = { schema: root, root };
  let answers = 0;
  return codesIn(text).flatMap((code) => {
    const parsed = parseShape(code);
    if (parsed === null) return [];
    const { property, shape } = parsed;
    const isAnswer = property === null && code.startsWith('{"') && answers++ === 0;
    const misfits = isAnswer
      ? [misfit(shape, whole)]
      : placesIn(whole, property).map((place) => misfit(shape, place));
    const isFit = misfits.includes(null);
    return isFit ? [] : [`${command}: ${code}: ${misfits[0] ?? "there is no such property"}`];
  });
}

test("every JSON example of the pages is what its command's schema says", () => {
  let count = 0;
  for (const page of PAGES) {
    const sections = sectionsOf(page);
    const shown = sections.flatMap(({ command, text }) =>
      examplesIn(text).map((json) => ({ command, json })),
    );
    assert.equal(shown.length, examplesIn(read(`docs/${page}.md`)).length, `${page}: each under its command`);
    for (const { command, json } of shown) assertExampleFits(command, JSON.parse(json));
    count += shown.length;
  }
  assert.ok(count >= 5);
  const wrong = { verdict: "authentic", dev: "…", size: "…" };
  assert.throws(() => assertExampleFits("verify", wrong), /size must be integer/);
});

test("what running text says that an object holds is what its schema says", () => {
  const sections = sectionsOf("cli");
  assert.ok(sections.length > 45);
  assert.deepEqual(sections.flatMap(misfitsOf), []);
});

test("what the page of sharing says of messages is what their AsyncAPI schemas say", () => {
  const { schemas } = SHARE_API.components;
  const root = { components: { schemas } };
  const misfitOf = (name: string, text: string) => {
    const shape = parseShape(text)?.shape;
    assert.ok(shape !== undefined, text);
    return misfit(shape, { schema: schemas[name] as Schema, root });
  };
  const text = read("docs/sharing.md");
  const rows = [...text.matchAll(/^\| (activity|document|recording) \| (.*) \|$/gm)];
  assert.deepEqual(
    rows.map(([, of]) => of),
    ["activity", "document", "recording"],
  );
  for (const [, of, fields = ""] of rows) {
    const names = fields.split(", ").map((field) => field.replace(/^`(\w+)`(\??).*$/, "$1$2"));
    assert.equal(misfitOf(`${of}Data`, `{${names.join(", ")}}`), null, of);
  }
  const messages = Object.keys(schemas).filter((name) => `${name}Data` in schemas);
  assert.equal(messages.length, 4);
  for (const name of messages) assert.equal(misfitOf(name, shownIn(text, "{v, what, ")), null, name);
  assert.equal(misfitOf("proofData", shownIn(text, "{seq, leaf, ")), null);
  assert.notEqual(misfitOf("proofData", "{seq, leaf, entry, proof}"), null);
});

/** The shape in running text that begins like this. */
function shownIn(text: string, beginning: string): string {
  const code = codesIn(text).find((one) => one.startsWith(beginning));
  assert.ok(code !== undefined, beginning);
  return code;
}

test("a name too many, one too few and a wrong ? are seen, in lists and alternatives too", () => {
  const wrong = (command: string, code: string) =>
    misfitsOf({ command, text: `Answers \`${code}\`.` }).length;
  const line = '"files", "bytes", "first", "held"?';
  assert.equal(wrong("sync queue", `{"policy", "queue": [{"rec"?, ${line}, "eta_ms"?}], "more"}`), 0);
  assert.equal(wrong("sync queue", `{"policy", "queue": [{"rec", ${line}, "eta_ms"?}], "more"}`), 1);
  assert.equal(wrong("sync queue", `{"policy", "queue": [{"rec"?, ${line}}], "more"}`), 1);
  assert.equal(wrong("sync queue", '{"policy", "queue", "more", "less"}'), 1);
  assert.equal(wrong("sync resume", '{"resumed": false}'), 1);
  assert.equal(wrong("status", '{"running": false, "dev", "size", "last_utc_ms"}'), 1);
  assert.equal(wrong("status", "dock: {bays, occupied}"), 1);
});
