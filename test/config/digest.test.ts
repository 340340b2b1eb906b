import assert from "node:assert/strict";
import { test } from "node:test";
import { configDigest } from "../../config/digest.ts";
import { parseConfig } from "../../config/load.ts";
import { recorder, withLine } from "./sample-config.ts";

const digest = (toml: string) => configDigest(parseConfig(toml, "/etc/a.toml"));

test("the digest is of the settings, not of how they are written", () => {
  assert.match(digest(recorder), /^[0-9a-f]{64}$/);
  const reordered = withLine(
    recorder,
    'model = "BWC-1"\nserial = "7"',
    '# which one\nserial = "7"\nmodel = "BWC-1"',
  );
  assert.equal(digest(reordered), digest(recorder));
  assert.equal(digest(`${recorder}[recording]\nchunk_ms = 2000`), digest(recorder), "a default written out");
});

test("another setting has another digest", () => {
  assert.notEqual(digest(withLine(recorder, '"7"', '"8"')), digest(recorder));
});
