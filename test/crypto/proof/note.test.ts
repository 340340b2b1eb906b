import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AgentError } from "../../../config/base/errors.ts";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import {
  COSIGNATURE,
  deviceVkey,
  formatVkey,
  PLAIN_NOTE,
  parseVkey,
  verifierKey,
} from "../../../crypto/keys/vkey.ts";
import {
  cosign,
  openCheckpoint,
  parseNote,
  parseSignatureLine,
  signCheckpoint,
  verifyCosignature,
} from "../../../crypto/proof/note.ts";
import { COSIGNED_S, DEVICE, SECOND_WITNESS, STRANGER, WITNESS } from "../../support/ledger/ledger-maker.ts";

fc.configureGlobal({ seed: 42 });

const checkpoint = { dev: DEVICE.publicKey.deviceId, size: 42, root: sha256("root") };
const note = signCheckpoint(checkpoint, DEVICE.signer);
const device = deviceVkey(DEVICE.publicKey);
const witness = verifierKey(WITNESS.name, COSIGNATURE, WITNESS.publicKey);
const line = cosign(checkpoint, COSIGNED_S, WITNESS.name, WITNESS.signer);

test("a checkpoint is read back as it was signed", () => {
  const opened = openCheckpoint(`${note}${line}\n`, device);
  assert.deepEqual([opened.dev, opened.size, opened.root], [checkpoint.dev, 42, checkpoint.root]);
  assert.equal(opened.lines.length, 2);
});

test("a cosignature counts for its own key, text and time", () => {
  const { text } = parseNote(note);
  const parsed = parseSignatureLine(line);
  assert.equal(verifyCosignature(text, parsed, witness), COSIGNED_S * 1000);
  assert.equal(verifyCosignature(text.replace("42", "43"), parsed, witness), null);
  assert.equal(
    verifyCosignature(text, parsed, verifierKey(WITNESS.name, COSIGNATURE, SECOND_WITNESS.publicKey)),
    null,
  );
  assert.equal(
    verifyCosignature(text, parsed, verifierKey(WITNESS.name, PLAIN_NOTE, WITNESS.publicKey)),
    null,
  );
  const later = Buffer.from(line.split(" ")[2] ?? "", "base64");
  later[11] = (later[11] as number) ^ 1;
  assert.equal(
    verifyCosignature(text, parseSignatureLine(`— ${WITNESS.name} ${later.toString("base64")}`), witness),
    null,
  );
});

test("no note with one character changed is opened", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: note.length - 1 }),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      (at, other) => {
        const altered = note.slice(0, at) + other + note.slice(at + 1);
        if (altered !== note) assert.throws(() => openCheckpoint(altered, device), { code: "bad-note" });
      },
    ),
    { numRuns: 500 },
  );
});

const malformed: [name: string, change: (note: string) => string][] = [
  ["an extension line", (text) => text.replace("\n\n", "\nmore\n\n")],
  ["a size with a leading zero", (text) => text.replace("\n42\n", "\n042\n")],
  ["a size beyond 2^53", (text) => text.replace("\n42\n", "\n9007199254740992\n")],
  [
    "a root of 31 bytes",
    (text) => text.replace(/\n[^\n]{44}\n/, `\n${Buffer.alloc(31).toString("base64")}\n`),
  ],
  ["a root without padding", (text) => text.replace("=\n\n", "\n\n")],
  ["another origin", (text) => text.replace(/^fulltrace/, "sumtrace")],
  ["no signature", (text) => text.slice(0, text.indexOf("\n\n") + 2)],
  ["no line feed at its end", (text) => text.slice(0, -1)],
  ["a hyphen for the dash", (text) => text.replace("—", "-")],
  ["more than 32 lines", (text) => text + `${line}\n`.repeat(32)],
  ["more than 16 KiB", (text) => text.replace("—", `— ${"a".repeat(17_000)} AAAAAAA=\n—`)],
];
for (const [name, change] of malformed) {
  test(`a note with ${name} is refused`, () =>
    assert.throws(() => parseNote(change(note)), { code: "bad-note" }));
}

test("a note that another device signed is refused", () => {
  assert.throws(() => openCheckpoint(note, deviceVkey(STRANGER.publicKey)), { code: "bad-note" });
  assert.throws(() => openCheckpoint(signCheckpoint(checkpoint, STRANGER.signer), device), {
    code: "bad-note",
  });
});

test("whatever text comes, the answer is a coded error", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => assert.throws(() => parseNote(text), AgentError)),
  );
});

test("vkeys are read back as written, and refused when anything is off", () => {
  const text = formatVkey(witness);
  assert.deepEqual(parseVkey(text), witness);
  for (const bad of [
    text.replace("+", " "),
    text.replace(/\+\w{8}\+/, "+00000000+"),
    text.slice(0, -4),
    text.replace(WITNESS.name, "other.name"),
    formatVkey({ ...witness, type: 0x02 as 0x01 }),
    "",
  ]) {
    assert.throws(() => parseVkey(bad), { code: "bad-vkey" }, bad);
  }
  assert.throws(() => verifierKey("two words", PLAIN_NOTE, WITNESS.publicKey), { code: "bad-vkey" });
  assert.throws(() => verifierKey("a+b", PLAIN_NOTE, WITNESS.publicKey), { code: "bad-vkey" });
});
