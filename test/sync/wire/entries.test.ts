import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalText } from "../../../crypto/bytes/canonical.ts";
import type { RawEntry } from "../../../crypto/proof/chain-checker.ts";
import { encodeEntries, entryLineBytes, parseEntries } from "../../../sync/wire/entries.ts";

fc.configureGlobal({ seed: 42 });

const SIGS = '[{"kid":"0011223344556677","sig":"00"}]';
const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(',"sigs":[', '"}', "\n", '{"body":'),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(key, fc.constantFrom("sigs", "body")), tie("value"), { maxKeys: 3 }),
  ),
}));
const entry: fc.Arbitrary<RawEntry> = fc
  .dictionary(fc.oneof(key, fc.constantFrom("sigs", "body")), value, { maxKeys: 5 })
  .map((body) => ({ body: Buffer.from(canonicalText(body)), sigs: SIGS }));

test("entries cross the wire byte for byte, whatever their bodies hold", () => {
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), (entries) => {
      const payload = encodeEntries(entries);
      assert.deepEqual(parseEntries(payload), entries);
      assert.equal(
        payload.length,
        entries.reduce((sum, one) => sum + entryLineBytes(one), 0),
      );
    }),
  );
});

test("bytes are cut out, not serialised again: what is not canonical stays as it came", () => {
  const body = '{ "b" : 1.0, "a":"\\u0041" }';
  const [parsed] = parseEntries(Buffer.from(`{"body":${body},"sigs":${SIGS}}\n`));
  assert.deepEqual(parsed, { body: Buffer.from(body), sigs: SIGS });
});

test("a payload that is not lines of body and sigs is refused", async (t) => {
  const line = `{"body":{},"sigs":${SIGS}}`;
  for (const [what, payload] of [
    ["nothing", ""],
    ["no LF at the end", line],
    ["an empty line", `${line}\n\n`],
    ["the parts in the other order", `{"sigs":${SIGS},"body":{}}\n`],
    ["a space", `{"body": {},"sigs" :${SIGS}}\n`],
    ["CR LF", `${line}\r\n`],
    ["no body", `{"body":,"sigs":${SIGS}}\n`],
    ["no sigs", '{"body":{},"sigs":}\n'],
    ["a body over 16 KiB", `{"body":{"a":"${"x".repeat(16 * 1024)}"},"sigs":${SIGS}}\n`],
    ["sigs over 4 KiB", `{"body":{},"sigs":["${"x".repeat(4096)}"]}\n`],
    ["over 256 KiB", `${line}\n`.repeat(6000)],
  ] as const) {
    await t.test(what, () =>
      assert.throws(() => parseEntries(Buffer.from(payload)), { code: "bad-message" }),
    );
  }
  await t.test("but two good lines are not (control)", () => {
    assert.equal(parseEntries(Buffer.from(`${line}\n${line}\n`)).length, 2);
  });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.throws(() => parseEntries(Buffer.from(bytes)), { code: "bad-message" });
    }),
  );
});
