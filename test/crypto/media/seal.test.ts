import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemRandom } from "../../../config/base/random.ts";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import { decodeBech32 } from "../../../crypto/media/bech32.ts";
import { parseRecipient, seal } from "../../../crypto/media/seal.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

for (const bytes of [0, 1, 65_504, 65_536, 200_000]) {
  test(`Debian's age opens what was sealed: ${bytes} bytes, each of two recipients`, (t) => {
    const directory = temporaryDirectory(t);
    const content = randomBytes(bytes);
    const keys = ["a.key", "b.key"].map((name) => join(directory, name));
    for (const key of keys) execFileSync("age-keygen", ["-o", key], { stdio: "ignore" });
    const recipients = keys.map((key) =>
      parseRecipient(execFileSync("age-keygen", ["-y", key], { encoding: "utf8" }).trim()),
    );
    const sealed = seal(
      [content.subarray(0, bytes / 2), content.subarray(bytes / 2)],
      recipients,
      systemRandom,
    );
    const file = join(directory, "sealed.age");
    writeFileSync(file, Buffer.concat(sealed.content));
    for (const key of keys) {
      const opened = execFileSync("age", ["-d", "-i", key, file], { maxBuffer: 1e6 });
      assert.deepEqual(opened.subarray(32), content);
      assert.equal(sha256(opened).toString("hex"), sealed.fields.plain_digest);
    }
    assert.equal(sealed.fields.plain_bytes, bytes);
  });
}

test("recipients are read strictly: checksum, prefix, case and length", () => {
  const good = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
  assert.equal(parseRecipient(good).raw.length, 32);
  for (const bad of [
    `${good.slice(0, -1)}q`,
    good.replace("age1", "agf1"),
    `${good.slice(0, 10).toUpperCase()}${good.slice(10)}`,
    "age1",
    "",
  ]) {
    assert.throws(() => parseRecipient(bad), { code: "bad-recipient" });
  }
  assert.equal(decodeBech32("a12uel5l", "a")?.length, 0);
});
