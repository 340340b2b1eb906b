import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AgentError } from "../../../config/base/errors.ts";
import { canonicalText } from "../../../crypto/bytes/canonical.ts";
import { sha256 } from "../../../crypto/bytes/digest.ts";
import { RECEIPT_TYPE, sealEnvelope, UPDATE_ORDER_TYPE } from "../../../crypto/keys/dsse.ts";
import { PLAIN_NOTE, verifierKey } from "../../../crypto/keys/vkey.ts";
import { MAX_ORDER_BYTES, openOrder, orderClaims, signOrder } from "../../../crypto/proof/update-order.ts";
import { CUSTODY, STRANGER } from "../../support/ledger/ledger-maker.ts";

fc.configureGlobal({ seed: 42 });

const keys = [verifierKey("office.example/updates", PLAIN_NOTE, CUSTODY.publicKey)];
const ORDER = {
  dev: "*",
  digest: "ab".repeat(32),
  bytes: 123_456_789,
  version: "1.2.3",
  fromMs: 1_795_000_000_000,
  untilMs: 1_795_100_000_000,
};
const envelope = signOrder(ORDER, CUSTODY.signer);

/** Any payload, signed as it should be. */
const sealed = (fields: object, type = UPDATE_ORDER_TYPE) =>
  sealEnvelope(type, Buffer.from(canonicalText(fields as never)), CUSTODY.signer);
const FIELDS = JSON.parse(Buffer.from(JSON.parse(envelope).payload, "base64").toString());

test("an order is read back as it was signed", () => {
  assert.deepEqual(openOrder(envelope, keys), {
    ...ORDER,
    id: sha256(envelope).toString("hex"),
    signer: "office.example/updates",
    envelope,
  });
  assert.deepEqual(orderClaims(envelope), ORDER);
  assert.ok(Buffer.byteLength(envelope) < MAX_ORDER_BYTES);
});

test("an order of a key that is not pinned is none", () => {
  assert.throws(() => openOrder(signOrder(ORDER, STRANGER.signer), keys), { code: "unknown-order-key" });
  assert.throws(() => openOrder(envelope, []), { code: "unknown-order-key" });
});

test("any altered byte is seen", () => {
  const bytes = Buffer.from(envelope);
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ change;
      assert.throws(
        () => openOrder(altered.toString("latin1"), keys),
        (error) => error instanceof AgentError && /^(bad-order|unknown-order-key)$/.test(error.code),
      );
    }),
  );
});

test("a signature of the same key for something else is none for an order", () => {
  assert.throws(() => openOrder(sealed(FIELDS, RECEIPT_TYPE), keys), { code: "bad-order" });
  const { payload, signatures } = JSON.parse(sealed(FIELDS, RECEIPT_TYPE));
  const renamed = JSON.stringify({ payload, payloadType: UPDATE_ORDER_TYPE, signatures });
  assert.throws(() => openOrder(renamed, keys), { code: "bad-order" });
});

test("fields that make no sense are refused though they are signed", () => {
  openOrder(sealed(FIELDS), keys);
  const faults: object[] = [
    { v: 2 },
    { dev: "all" },
    { digest: "ab" },
    { bytes: 0 },
    { version: "spring" },
    { from_ms: FIELDS.until_ms },
    { path: "/etc/passwd" },
  ];
  for (const fault of faults)
    assert.throws(
      () => openOrder(sealed({ ...FIELDS, ...fault }), keys),
      { code: "bad-order" },
      JSON.stringify(fault),
    );
});
