import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Command } from "commander";
import { Face } from "../../../agent/cli/face/face.ts";
import { buildProgram, everyCommand, wordsOf } from "../../../agent/cli/program.ts";
import { examplesOf } from "../../../agent/cli/text/command-line/examples.ts";
import { errorTextCodes } from "../../../agent/cli/text/errors.ts";
import { CHECKS } from "../../../agent/doctor/checks.ts";
import { schemaFileOf } from "../../support/cli-schema.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { wordsIn } from "./example-words.ts";

const page = readFileSync(join(REPOSITORY, "docs/cli.md"), "utf8");
const face = new Face({ stdout: new PassThrough(), stderr: new PassThrough(), env: {} });
const commands = everyCommand(buildProgram(face, async () => undefined));

function nameOf(command: Command): string {
  return ["fulltrace", ...wordsOf(command)].join(" ");
}

/** The part of the page that is about one command. */
function sectionOf(command: Command): string {
  const heading = `\n### \`${nameOf(command)}`;
  const start = page.indexOf(heading);
  assert.ok(start >= 0, `docs/cli.md has no section ${heading.trim()}`);
  return page.slice(start, page.indexOf("\n##", start + heading.length));
}

test("docs/cli.md has a section for every command, with its arguments and options", () => {
  const leaves = commands.filter((command) => command.commands.length === 0);
  assert.ok(leaves.length > 12);
  for (const command of leaves) {
    const section = sectionOf(command);
    for (const argument of command.registeredArguments) {
      assert.ok(section.includes(argument.name()), `${nameOf(command)}: ${argument.name()}`);
    }
    for (const { long } of command.options) {
      assert.ok(long !== undefined && section.includes(long), `${nameOf(command)}: ${long}`);
    }
  }
});

test("what every command prints with --json has a schema, and docs/cli.md links to it", () => {
  const asked = commands.filter(({ options }) => options.some(({ long }) => long === "--json"));
  assert.ok(asked.length > 20);
  for (const command of asked) {
    const file = schemaFileOf(wordsOf(command).join(" "));
    assert.ok(existsSync(join(REPOSITORY, file)), `${nameOf(command)} lacks ${file}`);
    const link = `[schema](${file.replace("docs/", "")})`;
    assert.ok(sectionOf(command).includes(link), `the section of ${nameOf(command)} lacks ${link}`);
  }
});

test("docs/doctor.md tells of every check", () => {
  const doctorPage = readFileSync(join(REPOSITORY, "docs/doctor.md"), "utf8");
  for (const { id } of CHECKS) assert.ok(doctorPage.includes(`\`${id}\``), id);
});

test("docs/cli.md names no command that there is not", () => {
  const known = new Set(commands.map(nameOf));
  for (const [, name = ""] of page.matchAll(/^### `([a-z ]+?)(?: [A-Z<[-].*)?`$/gm)) {
    assert.ok(known.has(name), name);
  }
});

test("docs/cli.md lists every error code that has a text", () => {
  for (const code of errorTextCodes) assert.ok(page.includes(`| \`${code}\` |`), code);
});

test("every command's help has examples, and they are command lines that it takes", async () => {
  for (const command of commands.filter((one) => one.commands.length === 0)) {
    const examples = examplesOf(wordsOf(command).join(" "));
    assert.ok(examples.length > 0, `${nameOf(command)} has no example`);
    for (const line of examples) {
      const called: string[] = [];
      const program = buildProgram(face, async () => void called.push(line));
      const [name, ...args] = wordsIn(line);
      assert.equal(name, "fulltrace");
      await program.parseAsync(args, { from: "user" });
      assert.deepEqual(called, [line]);
      assert.ok(line.startsWith(nameOf(command)), line);
    }
  }
});
