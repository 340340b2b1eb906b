import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  canonicalBody,
  canonicalText,
  type Json,
  parseBody,
  parseCanonicalText,
} from "../../../crypto/bytes/canonical.ts";

fc.configureGlobal({ seed: 42 });

const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
const text = fc.string({ unit: "binary" }).filter((value) => value.isWellFormed());
const { value } = fc.letrec<{ value: Json; list: Json[]; object: Record<string, Json> }>((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, fc.maxSafeInteger(), fc.boolean(), text, tie("list"), tie("object")),
  list: fc.array(tie("value"), { maxLength: 5 }),
  object: fc.dictionary(key, tie("value"), { maxKeys: 5, noNullPrototype: true }),
}));
const body = fc.dictionary(key, value, { maxKeys: 8, noNullPrototype: true });

/** RFC 8785 by the book and by hand, for the values that ledger-format §1 allows. */
function reference(value: Json): string {
  if (typeof value === "string") return `"${Array.from(value, escapeCharacter).join("")}"`;
  if (typeof value !== "object") return value.toString();
  if (Array.isArray(value)) return `[${value.map(reference).join(",")}]`;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `"${name}":${reference(member)}`).join(",")}}`;
}

function escapeCharacter(character: string): string {
  const short = { '"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
  if (character in short) return short[character as keyof typeof short];
  if (character < " ") return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return character;
}

test("canonical text is the reference's, whatever the order of keys", () => {
  fc.assert(
    fc.property(body, (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      assert.equal(canonicalText(value), reference(value));
      assert.equal(canonicalText(reversed), reference(value));
    }),
  );
});

test("what is written is read back as it was", () => {
  fc.assert(
    fc.property(body, (value) => {
      assert.deepEqual(parseBody(canonicalBody(value)), value);
    }),
  );
});

test("no other spelling is read: one byte changed, left out or put in is refused or means something else", () => {
  fc.assert(
    fc.property(
      body,
      fc.nat(),
      fc.nat({ max: 255 }),
      fc.constantFrom("change", "drop", "insert"),
      (value, at, byte, kind) => {
        const bytes = canonicalBody(value);
        const place = at % bytes.length;
        const end = kind === "insert" ? place : place + 1;
        const middle = kind === "drop" ? [] : [byte];
        const altered = Buffer.concat([bytes.subarray(0, place), Buffer.from(middle), bytes.subarray(end)]);
        if (altered.equals(bytes)) return;
        try {
          assert.notDeepEqual(parseBody(altered), value);
        } catch (error) {
          assert.match((error as { code?: string }).code ?? "none", /^(not-canonical|body-too-large)$/);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("a reader takes exactly what its own writer would write", () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      let isCanonical: boolean;
      try {
        isCanonical = canonicalText(JSON.parse(json)) === json;
      } catch {
        isCanonical = false;
      }
      if (isCanonical) parseCanonicalText(json);
      else assert.throws(() => parseCanonicalText(json), { code: "not-canonical" });
    }),
  );
});

test("values that the format cannot hold are not written", () => {
  for (const value of [
    null,
    1.5,
    -0,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "\ud800",
    1n,
    () => 1,
    Symbol("a"),
  ]) {
    assert.throws(() => canonicalText({ a: value }), { code: "not-canonical" });
  }
  assert.throws(() => canonicalText({ A: 1 }), { code: "not-canonical" });
  assert.throws(() => canonicalText(undefined), { code: "not-canonical" });
});

test("a field that is undefined is left out", () => {
  assert.equal(canonicalText({ b: undefined, a: 1 }), '{"a":1}');
});

test("16 KiB is the most, and eight containers", () => {
  const of = (bytes: number) => ({ a: "x".repeat(bytes - '{"a":""}'.length) });
  assert.equal(canonicalBody(of(16_384)).length, 16_384);
  assert.throws(() => canonicalBody(of(16_385)), { code: "body-too-large" });
  assert.throws(() => parseBody(Buffer.from(JSON.stringify(of(16_385)))), { code: "body-too-large" });
  const nested = (depth: number): Json => (depth === 0 ? 1 : [nested(depth - 1)]);
  assert.doesNotThrow(() => canonicalText({ a: nested(7) }));
  assert.throws(() => canonicalText({ a: nested(8) }), { code: "not-canonical" });
  assert.throws(() => parseBody(Buffer.from(`{"a":${"[".repeat(8000)}${"]".repeat(8000)}}`)), {
    code: "not-canonical",
  });
});

test("a body is an object", () => {
  for (const text of ["[]", "1", '"a"', "true"]) {
    assert.throws(() => parseBody(Buffer.from(text)), { code: "not-canonical" });
  }
});
