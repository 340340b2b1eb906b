import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import type { Command } from "commander";
import fc from "fast-check";
import { Face } from "../../../agent/cli/face/face.ts";
import { buildProgram, everyCommand, wordsOf } from "../../../agent/cli/program.ts";
import { runCommand } from "../../../agent/cli/run-command.ts";
import { examplesOf } from "../../../agent/cli/text/command-line/examples.ts";
import { seededRandom, temporaryDirectory } from "../../support/surroundings.ts";
import { wordsIn } from "./example-words.ts";

const face = new Face({ stdout: new PassThrough(), stderr: new PassThrough(), env: {} });
const leaves = everyCommand(buildProgram(face, async () => undefined)).filter(
  ({ commands }) => commands.length === 0,
);
/** They answer whatever directory, configuration or file there is. */
const NEEDS_NOTHING = new Set([
  "completion",
  "manual",
  "doctor",
  "template show",
  "template list",
  "log tail",
]);

async function run(args: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const exit = await runCommand(args, { stdout, stderr, env: {} });
  return { exit, stdout: String(stdout.read() ?? ""), stderr: String(stderr.read() ?? "") };
}

/** A person's mistake: its code, what to do, in the language asked for; neither a result nor a stack. */
async function assertRefused(args: readonly string[], code?: string): Promise<void> {
  const line = args.join(" ");
  const { exit, stdout, stderr } = await run([...args, "--lang=zh"]);
  assert.ok(exit === 1 || exit === 2, `${line}: exit ${exit}`);
  assert.equal(stdout, "", line);
  const told = codeIn(stderr);
  assert.ok(told !== undefined && told !== "unexpected" && told !== "system", `${line}: ${stderr}`);
  if (code !== undefined) assert.deepEqual([told, exit], [code, 2], line);
  assert.match(stderr, /\p{Script=Han}/u, line);
  assert.doesNotMatch(stderr, /\n\s+at /, line);
}

/** The code of an error as it is told to people, or as JSON. */
function codeIn(stderr: string): string | undefined {
  if (stderr.startsWith("{")) return JSON.parse(stderr).error.code;
  return /^fulltrace: ([a-z0-9-]+): /.exec(stderr)?.[1];
}

function filled({ registeredArguments }: Command, count = registeredArguments.length): string[] {
  return Array.from({ length: count }, () => "1");
}

test("every command refuses an option that it has not, one without its value, and one too many words", async () => {
  assert.ok(leaves.length > 50, String(leaves.length));
  for (const command of leaves) {
    const words = wordsOf(command);
    const args = filled(command);
    await assertRefused([...words, ...args, "--nonsense"], "misuse");
    if (!command.registeredArguments.some(({ variadic }) => variadic))
      await assertRefused([...words, ...args, "too", "many"], "misuse");
    const required = command.registeredArguments.filter(({ required: is }) => is).length;
    if (required > 0) await assertRefused([...words, ...filled(command, required - 1)], "misuse");
    for (const { long, required: takesValue } of command.options)
      if (takesValue && long) await assertRefusedWithoutValue(words, args, long);
  }
});

async function assertRefusedWithoutValue(words: string[], args: string[], option: string): Promise<void> {
  const { exit, stderr } = await run([...words, ...args, option]);
  assert.equal(exit, 2, `${words.join(" ")} ${option}`);
  assert.match(stderr, /misuse: .*needs a value/, `${words.join(" ")} ${option}`);
}

test("every command's help is Chinese throughout where Chinese is asked for", () => {
  const chinese = new Face({ stdout: new PassThrough(), stderr: new PassThrough(), env: {}, lang: "zh" });
  for (const command of everyCommand(buildProgram(chinese, async () => undefined))) {
    const text = command.helpInformation();
    assert.doesNotMatch(text, /Usage:|Options:|Commands:|default:|choices:|\[options\]|\[command\]/);
    assert.match(text, /用法：.*选项：/s);
  }
});

test("every option that does not take any text refuses what it cannot read", async () => {
  let refused = 0;
  for (const command of leaves) {
    for (const { long, argChoices, parseArg, defaultValue } of command.options) {
      const refuses = () => {
        try {
          parseArg?.("不是\u0007 one", defaultValue as never);
          return false;
        } catch {
          return true;
        }
      };
      if (!long || (argChoices === undefined && !refuses())) continue;
      await assertRefused([...wordsOf(command), ...filled(command), long, "不是\u0007 one"], "misuse");
      refused++;
    }
  }
  assert.ok(refused > 20, String(refused));
});

/**
 * Example lines whose directories and files are other ones. A line that names none looks at the machine itself, and
 * may do so until it is stopped.
 */
function exampleLines(other: string): string[][] {
  return leaves
    .map((command) => wordsOf(command).join(" "))
    .filter((name) => !NEEDS_NOTHING.has(name) && !name.startsWith("simulate "))
    .flatMap((name) => examplesOf(name))
    .map((line) => wordsIn(line).slice(1))
    .map((words) => words.map((word) => (/^\/|\.(toml|pdf)$/.test(word) ? other : word)))
    .filter((words) => words.includes(other));
}

test("every example refuses what is no data directory and no configuration of ours", async (t) => {
  const dir = temporaryDirectory(t);
  const junk = join(dir, "junk");
  mkdirSync(junk);
  writeFileSync(join(junk, "ledger.db"), seededRandom("junk").bytes(65_536));
  const file = join(dir, "a.toml");
  writeFileSync(file, "\u0000]]= nothing");
  for (const other of [join(dir, "nowhere"), dir, junk, file])
    for (const words of exampleLines(other)) await assertRefused(words);
});

test("no word out of place makes a command fall over", async (t) => {
  const nowhere = join(temporaryDirectory(t), "nowhere");
  process.chdir(temporaryDirectory(t));
  const word = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom("", "-", "--", "-1", "--json", "--data", "9".repeat(400), "../..", "数据", "=x", "-fff"),
  );
  const lines = fc.constantFrom(...exampleLines(nowhere));
  await fc.assert(
    fc.asyncProperty(lines, fc.nat(), word, fc.boolean(), async (line, at, junk, instead) => {
      // the command itself stays: others may start something
      const place = 2 + (at % Math.max(1, line.length - 1));
      const args = [...line.slice(0, place), junk, ...line.slice(place + (instead ? 1 : 0))];
      const { exit, stderr } = await run(args);
      assert.ok([0, 1, 2].includes(exit));
      assert.doesNotMatch(stderr, /unexpected|\n\s+at /, JSON.stringify(args));
    }),
    { numRuns: 300, seed: 4 },
  );
});
