import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readSecret } from "../../config/secret.ts";

test("a secret is the first line of a file that only owner and group may open", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "fulltrace-secret-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "password");
  assert.throws(() => readSecret(path), { code: "secret-missing" });

  writeFileSync(path, "密码 hunter2\r\nmore\n", { mode: 0o600 });
  assert.equal(readSecret(path), "密码 hunter2");
  chmodSync(path, 0o640);
  assert.equal(readSecret(path), "密码 hunter2");

  chmodSync(path, 0o644);
  assert.throws(
    () => readSecret(path),
    (error: Error) => {
      assert.equal((error as Error & { code: string }).code, "secret-exposed");
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    },
  );

  writeFileSync(path, "\n");
  chmodSync(path, 0o600);
  assert.throws(() => readSecret(path), { code: "secret-empty" });
});
