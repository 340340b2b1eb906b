import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { forgetCached } from "../../../capture/import/thread/page-cache.ts";

/** Bytes of a file that the kernel keeps in memory. */
function cachedBytes(path: string): number {
  return Number(
    execFileSync("fincore", ["--bytes", "--noheadings", "--output", "RES", path], { encoding: "utf8" }),
  );
}

test("what was read of a card before is not what a wipe is decided by", (t) => {
  // not in /tmp, which may be memory and then forgets nothing
  const folder = mkdtempSync("/var/tmp/fulltrace-test-");
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "a.mp4");
  writeFileSync(path, Buffer.alloc(1_000_000, 1), { flush: true });
  assert.ok(cachedBytes(path) > 0, "control: a file just written is cached");
  const fd = openSync(path, "r");
  t.after(() => closeSync(fd));
  assert.ok(forgetCached(fd));
  assert.equal(cachedBytes(path), 0);
});
