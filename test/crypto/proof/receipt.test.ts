import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AgentError } from "../../../config/base/errors.ts";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import { preAuthEncoding, RECEIPT_TYPE } from "../../../crypto/keys/dsse.ts";
import { PLAIN_NOTE, verifierKey } from "../../../crypto/keys/vkey.ts";
import { openReceipt, signReceipt } from "../../../crypto/proof/receipt.ts";
import { CUSTODY, DEVICE, STRANGER } from "../../support/ledger/ledger-maker.ts";

fc.configureGlobal({ seed: 42 });

const custody = [verifierKey(CUSTODY.name, PLAIN_NOTE, CUSTODY.publicKey)];
const receipt = {
  dev: DEVICE.publicKey.deviceId,
  size: 42,
  root: sha256("root"),
  media: RangeSet.of([
    [3, 9],
    [12, 42],
  ]),
  storedMs: 1_795_000_000_000,
  receiver: CUSTODY.name,
};
const envelope = signReceipt(receipt, CUSTODY.signer);

/** A receipt with any payload, signed by the custody key as it should be. */
function signed(payloadText: string): string {
  const payload = Buffer.from(payloadText);
  const sig = CUSTODY.sign(preAuthEncoding(RECEIPT_TYPE, payload)).toString("base64");
  const signatures = [{ keyid: CUSTODY.publicKey.kid, sig }];
  return JSON.stringify({ payload: payload.toString("base64"), payloadType: RECEIPT_TYPE, signatures });
}
const payloadText = Buffer.from(JSON.parse(envelope).payload, "base64").toString();

test("a receipt is read back as it was signed", () => {
  const opened = openReceipt(envelope, custody);
  assert.deepEqual(
    { ...opened, media: opened.media.toJSON() },
    {
      ...receipt,
      media: receipt.media.toJSON(),
      digest: sha256(envelope),
      envelope,
    },
  );
  assert.equal(signed(payloadText), envelope);
});

test("a stranger's receipt is told from a bad one", () => {
  assert.throws(() => openReceipt(signReceipt(receipt, STRANGER.signer), custody), {
    code: "unknown-custody-key",
  });
  assert.throws(() => openReceipt(signReceipt({ ...receipt, receiver: "else" }, CUSTODY.signer), custody), {
    code: "bad-receipt",
  });
});

test("no receipt with one character changed is opened", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: envelope.length - 1 }),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      (at, other) => {
        const altered = envelope.slice(0, at) + other + envelope.slice(at + 1);
        if (altered !== envelope) assert.throws(() => openReceipt(altered, custody), AgentError);
      },
    ),
    { numRuns: 500 },
  );
});

const payloads: [name: string, change: (text: string) => string][] = [
  ["media at or above its size", (text) => text.replace("42]]", "43]]")],
  ["ranges out of order", (text) => text.replace("[[3,9],[12,42]]", "[[12,42],[3,9]]")],
  ["adjacent ranges", (text) => text.replace("[[3,9],[12,42]]", "[[3,9],[9,42]]")],
  ["an empty range", (text) => text.replace("[3,9]", "[3,3]")],
  ["another version", (text) => text.replace('"v":1', '"v":2')],
  ["a field too many", (text) => text.replace("{", '{"also":1,')],
  ["a field missing", (text) => text.replace(/,"stored_ms":\d+/, "")],
  ["a short root", (text) => text.replace(/"root":"../, '"root":"')],
  [
    "a negative size",
    (text) => text.replace('"size":42', '"size":-1').replace(/"media":.*]],/, '"media":[],'),
  ],
  ["a space in its payload", (text) => text.replace(":", ": ")],
  [
    "more than 1,024 ranges",
    (text) =>
      text
        .replace('"size":42', '"size":4000')
        .replace(
          "[[3,9],[12,42]]",
          JSON.stringify(Array.from({ length: 1025 }, (_, i) => [i * 3, i * 3 + 1])),
        ),
  ],
];
for (const [name, change] of payloads) {
  test(`a receipt with ${name}, properly signed, is refused`, () => {
    assert.notEqual(change(payloadText), payloadText);
    assert.throws(() => openReceipt(signed(change(payloadText)), custody), { code: "bad-receipt" });
  });
}

const envelopes: [name: string, change: (value: Record<string, unknown>) => unknown][] = [
  ["two signatures", (value) => ({ ...value, signatures: [(value.signatures as unknown[])[0], {}] })],
  ["a field too many", (value) => ({ ...value, zone: 1 })],
  ["another payload type", (value) => ({ ...value, payloadType: "application/json" })],
  ["fields in another order", ({ payload, ...rest }) => ({ ...rest, payload })],
  ["no signatures", ({ signatures: _, ...rest }) => rest],
  ["null in the place of everything", () => null],
];
for (const [name, change] of envelopes) {
  test(`an envelope with ${name} is refused`, () => {
    assert.throws(() => openReceipt(JSON.stringify(change(JSON.parse(envelope))), custody), {
      code: "bad-receipt",
    });
  });
}

test("a receipt of the most ranges fits", () => {
  const media = RangeSet.of(
    Array.from({ length: 1024 }, (_, i): [number, number] => [2 ** 52 + i * 4, 2 ** 52 + i * 4 + 2]),
  );
  const large = signReceipt({ ...receipt, size: 2 ** 53 - 1, media }, CUSTODY.signer);
  assert.equal(openReceipt(large, custody).media.count, 1024);
});
