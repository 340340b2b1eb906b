import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { PublicKey, SigningKey } from "../../../crypto/keys/ed25519.ts";
import { DEVICE, STRANGER } from "../../support/ledger/ledger-maker.ts";

fc.configureGlobal({ seed: 42 });

const message = Buffer.from("evidence");

test("tweetnacl and node:crypto make the same bytes, and both verify", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      const signature = DEVICE.signer.sign(bytes);
      assert.deepEqual(signature, DEVICE.sign(bytes));
      assert.ok(DEVICE.publicKey.verify(bytes, signature));
      assert.ok(await DEVICE.publicKey.verifyInPool(bytes, signature));
      assert.ok(!STRANGER.publicKey.verify(bytes, signature));
      assert.ok(!(await STRANGER.publicKey.verifyInPool(bytes, signature)));
    }),
    { numRuns: 20 },
  );
});

test("no signature with one bit changed verifies", () => {
  const signature = DEVICE.sign(message);
  for (let bit = 0; bit < 512; bit++) {
    const altered = Buffer.from(signature);
    altered[bit >> 3] = (altered[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.ok(!DEVICE.publicKey.verify(message, altered), `bit ${bit}`);
  }
});

test("signatures of any other length are refused", async () => {
  for (const length of [0, 63, 65]) {
    assert.ok(!DEVICE.publicKey.verify(message, Buffer.alloc(length)));
    assert.ok(!(await DEVICE.publicKey.verifyInPool(message, Buffer.alloc(length))));
  }
});

test("keys that are no key are refused", () => {
  for (const hex of [
    "",
    "00",
    "zz".repeat(32),
    `${"ff".repeat(31)}7f`,
    `ed${"ff".repeat(30)}7f`,
    DEVICE.publicKey.hex.toUpperCase(),
  ]) {
    assert.throws(() => PublicKey.fromHex(hex), { code: "bad-public-key" }, hex);
  }
  assert.throws(() => PublicKey.of(Buffer.alloc(31)), { code: "bad-public-key" });
});

test("a destroyed key signs no more, and its seed is gone", () => {
  const key = SigningKey.fromSeed(Buffer.alloc(32, 7));
  assert.equal(key.sign(message).length, 64);
  key.destroy();
  assert.throws(() => key.sign(message), { code: "key-destroyed" });
  assert.deepEqual(key.seed, Buffer.alloc(32));
});
