import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSecret } from "../../config/secret.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

test("a secret is the first line of a file that only owner and group may open", (t) => {
  const path = join(temporaryDirectory(t), "password");
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
