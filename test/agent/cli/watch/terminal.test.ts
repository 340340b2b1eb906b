import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace, MAIN } from "../command-line.ts";

test("status --watch shows on a real terminal that no agent answers, and q leaves it as it was", async (t) => {
  const command = `${process.execPath} ${MAIN} status --watch --data ${temporaryDirectory(t)} --lang en`;
  const child = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["pipe", "pipe", "ignore"] });
  t.after(() => child.kill("SIGKILL"));
  let shown = "";
  child.stdout.on("data", (piece: Buffer) => {
    const wasThere = shown.includes("q: leave");
    shown += String(piece);
    if (!wasThere && shown.includes("q: leave")) child.stdin.write("q");
  });
  const [exit] = await once(child, "close");
  assert.equal(exit, 0);
  assert.ok(shown.trimEnd().endsWith("\u001b[?1049l"), "the screen that was there is back");
  assert.match(shown, /THE AGENT DOES NOT ANSWER: agent-not-running/);
});

test("status --watch without a terminal is misuse", async (t) => {
  const { exit, stderr } = await fulltrace(["status", "--watch", "--data", temporaryDirectory(t)]);
  assert.equal(exit, 2);
  assert.match(stderr, /--watch/);
});
