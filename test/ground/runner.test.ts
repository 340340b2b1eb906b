import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { REPOSITORY } from "../support/repository.ts";

interface Tally {
  ran: number;
  failed: number;
  skipped: { name: string; reason?: string }[];
  todo: string[];
  empty: string[];
}

const runner = join(REPOSITORY, "scripts", "test");
const { complaints } = (await import(pathToFileURL(join(runner, "verdict.mjs")).href)) as {
  complaints: (exitCode: number | null, tally: Tally | null) => string[];
};

describe("the test runner", () => {
  const folder = mkdtempSync(join(tmpdir(), "fulltrace-runner-"));
  after(() => rmSync(folder, { recursive: true }));

  /** Runs one test file of this text and gives what the runner holds against it. */
  function run(name: string, text: string): string[] {
    const file = join(folder, `${name}.test.mjs`);
    const tally = join(folder, `${name}.json`);
    writeFileSync(file, `import { describe, it } from "node:test";\n${text}\n`);
    const reporter = pathToFileURL(join(runner, "tally-reporter.mjs")).href;
    // node refuses to run tests inside tests as long as it sees its own mark
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ["--test", `--test-reporter=${reporter}`, `--test-reporter-destination=${tally}`, file];
    const { status } = spawnSync(process.execPath, args, { env });
    return complaints(status, JSON.parse(readFileSync(tally, "utf8")) as Tally);
  }

  it("is content when tests ran and passed", () => {
    assert.deepEqual(run("passes", 'describe("it", () => it("holds", () => {}));'), []);
  });

  it("is not when one failed", () => {
    assert.deepEqual(run("fails", 'it("holds", () => { throw new Error("no"); });'), ["1 failed"]);
  });

  it("is not when there was none, which node calls a success", () => {
    assert.deepEqual(run("empty", ""), ["no test ran", `${join(folder, "empty.test.mjs")} holds no test`]);
  });

  it("is not when the file breaks before its first test", () => {
    assert.deepEqual(run("breaks", 'throw new Error("no");'), ["no test ran", "1 failed"]);
  });

  it("hears a skipped test out, but wants a reason", () => {
    const passing = 'it("holds", () => {});';
    assert.deepEqual(run("silent", `${passing} it("waits", { skip: true }, () => {});`), [
      "skipped without a reason: waits",
    ]);
    assert.deepEqual(run("reasoned", `${passing} it("waits", { skip: "no camera" }, () => {});`), []);
  });

  it("takes no promise for a test", () => {
    assert.deepEqual(run("todo", 'it("holds", () => {}); it.todo("later");'), ["left to do: later"]);
  });

  it("is not when the run died uncounted, or ended badly with everything passed", () => {
    assert.deepEqual(complaints(null, null), ["the runner died before it could count"]);
    const clean: Tally = { ran: 1, failed: 0, skipped: [], todo: [], empty: [] };
    assert.deepEqual(complaints(7, clean), ["the runner ended with 7"]);
    assert.deepEqual(complaints(0, clean), []);
  });
});
