import assert from "node:assert/strict";
import { test } from "node:test";
import { nearest } from "../../config/suggest.ts";

test("a slip of the fingers finds its word", () => {
  const words = ["chunk_ms", "max_ms", "pre_event_ms"];
  assert.equal(nearest("chnk_ms", words), "chunk_ms", "dropped");
  assert.equal(nearest("chukn_ms", words), "chunk_ms", "swapped");
  assert.equal(nearest("CHUNK_MS", words), "chunk_ms", "case");
  assert.equal(nearest("pre_evnt_s", words), "pre_event_ms", "two slips in a long word");
});

test("a stranger finds none", () => {
  assert.equal(nearest("colour", ["chunk_ms", "max_ms"]), null);
  assert.equal(nearest("x", ["ab"]), null);
  assert.equal(nearest("x", []), null);
});
