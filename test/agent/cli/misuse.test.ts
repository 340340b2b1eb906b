import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "./command-line.ts";

describe("a command line that was not understood", { concurrency: 2 }, () => {
  const cases: [args: string[], told: RegExp][] = [
    [[], /misuse: a command is missing: run, status/],
    [["record"], /misuse: a command is missing: start, stop, mark, photo, mute, unmute/],
    [["recrd"], /unknown command recrd; did you mean record\?/],
    [["record", "strat"], /unknown command strat; did you mean start\?/],
    [["verify", "/tmp"], /option --trust <FILE> is missing/],
    [["verify", "--trust", "x"], /argument DATA_DIR is missing/],
    [["verify", "/tmp", "--trust"], /option --trust <FILE> needs a value/],
    [["status", "--dta", "x"], /unknown option --dta; did you mean --data\?/],
    [["status", "x"], /too many arguments for status/],
    [["status"], /--data DIR or --config FILE/],
    [["status", "--lang", "fr"], /wrong value for --lang <LANG>; allowed: zh, en/],
    [["completion", "bsah"], /wrong value for .*SHELL.*; allowed: bash, zsh, fish; did you mean bash\?/],
    [["sync", "flush", "--timeout-s", "0"], /wrong value for --timeout-s <SECONDS>; allowed: 1 to 600/],
  ];
  for (const [args, told] of cases) {
    test(`fulltrace ${args.join(" ")}`, async () => {
      const { exit, stdout, stderr } = await fulltrace(args);
      assert.equal(exit, 2);
      assert.equal(stdout, "");
      assert.match(stderr, told);
      assert.match(stderr, /Next: /);
      assert.doesNotMatch(stderr, /\n\s+at /, "no stack for a person's mistake");
    });
  }

  test("is told in Chinese where the locale or --lang says so", async () => {
    const byLocale = await fulltrace(["recrd"], { LANG: "zh_CN.UTF-8" });
    assert.equal(byLocale.exit, 2);
    assert.match(byLocale.stderr, /未知命令 recrd；是否想输入 record？/);
    assert.match(byLocale.stderr, /下一步：/);
    assert.equal((await fulltrace(["recrd", "--lang", "zh"])).stderr, byLocale.stderr);
    assert.match(
      (await fulltrace(["recrd", "--lang", "en"], { LANG: "zh_CN.UTF-8" })).stderr,
      /unknown command/,
    );
  });

  test("is told as one JSON object with --json, beside an empty stdout", async () => {
    const { exit, stdout, stderr } = await fulltrace(["status", "--json"]);
    assert.equal(exit, 2);
    assert.equal(stdout, "");
    assert.equal(JSON.parse(stderr).error.code, "misuse");
  });
});

describe("help and version", () => {
  test("are no failure", async () => {
    const help = await fulltrace(["--help"]);
    assert.equal(help.exit, 0);
    assert.match(help.stdout, /^Usage: fulltrace/);
    const version = await fulltrace(["--version"]);
    assert.equal(version.exit, 0);
    assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  });

  test("speak Chinese too", async () => {
    const { stdout } = await fulltrace(["verify", "--help", "--lang=zh"]);
    assert.match(stdout, /^用法：/);
    assert.match(stdout, /信任文件/);
    assert.doesNotMatch(stdout, /Options:/);
  });
});

test("a configuration that is not usable is misuse, each fault on a line", async (t) => {
  const file = join(temporaryDirectory(t), "agent.toml");
  writeFileSync(file, 'role = "dock"\ndata_dir = "d"\nlogg_level = "x"\n');
  for (const args of [
    ["run", "--config", file],
    ["key", "init", "--config", file],
  ]) {
    const { exit, stderr } = await fulltrace(args);
    assert.equal(exit, 2);
    assert.match(stderr, /bad-config: .*agent\.toml: device: missing; allowed: a table/);
    assert.match(stderr, /logg_level: unknown key; did you mean log_level\?/);
  }
});
