import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertFitsSchema } from "../../support/cli-schema.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "./command-line.ts";

test("the templates are listed, shown and checked, in what their schemas say", async (t) => {
  const json = async (...args: string[]) => {
    const { exit, stdout, stderr } = await fulltrace(["template", ...args, "--json"]);
    assert.equal(exit, 0, stderr);
    const printed = JSON.parse(stdout) as Record<string, unknown>;
    assertFitsSchema(`template ${args[0]}`, printed);
    return printed;
  };
  const file = join(REPOSITORY, "config/templates/seizure.toml");
  const [{ templates }, shown, checked] = await Promise.all([
    json("list"),
    json("show", "seizure"),
    json("check", file),
  ]);
  assert.equal((templates as unknown[]).length, 6);
  assert.equal(checked["digest"], shown["digest"]);
  const broken = join(temporaryDirectory(t), "broken.toml");
  writeFileSync(broken, 'id = "broken"');
  const [refused, chinese] = await Promise.all([
    fulltrace(["template", "check", broken]),
    fulltrace(["template", "show", "seizure", "--lang", "zh"]),
  ]);
  assert.deepEqual([refused.exit, /bad-template: .*stages/.test(refused.stderr)], [1, true]);
  assert.match(chinese.stdout, /告知 \(notice\)\n {2}identity: .*\[录音录像\]/);
});
