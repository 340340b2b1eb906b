import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createPublicKey, verify as verifyLaxly } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { canonicalBody, parseBody } from "../../crypto/bytes/canonical.ts";
import { leafHash } from "../../crypto/bytes/digest.ts";
import { PublicKey, SigningKey } from "../../crypto/keys/ed25519.ts";
import { parseVkey } from "../../crypto/keys/vkey.ts";
import { ChainChecker } from "../../crypto/proof/chain-checker.ts";
import { verifyConsistency, verifyInclusion } from "../../crypto/proof/merkle.ts";
import { openCheckpoint, parseSignatureLine, verifyCosignature } from "../../crypto/proof/note.ts";
import { openReceipt } from "../../crypto/proof/receipt.ts";
import { temporaryDirectory } from "../support/surroundings.ts";
import { VECTOR_FILES, vectorPath, vectorText } from "./make.ts";

/** The checked-in vectors, by our code, by openssl and by Python. */

type Vectors = { [K in keyof typeof VECTOR_FILES]: ReturnType<(typeof VECTOR_FILES)[K]> };
function load<K extends keyof Vectors>(name: K): Vectors[K] {
  return JSON.parse(readFileSync(vectorPath(name), "utf8")) as Vectors[K];
}
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");

for (const name of Object.keys(VECTOR_FILES) as (keyof Vectors)[]) {
  test(`${name} is what its maker makes`, () => {
    assert.deepEqual(load(name), JSON.parse(vectorText(name)));
  });
}

for (const { name, loose, body, leaf } of load("canonical.json").accepted) {
  test(`canonical: ${name}`, () => {
    assert.equal(canonicalBody(JSON.parse(loose)).toString(), body);
    assert.deepEqual(parseBody(Buffer.from(body)), JSON.parse(loose));
    assert.equal(leafHash(Buffer.from(body)).toString("hex"), leaf);
  });
}

for (const { name, text } of load("canonical.json").refused) {
  test(`not canonical: ${name}`, () => {
    assert.throws(() => parseBody(Buffer.from(text)), { code: "not-canonical" });
  });
}

test("keys: seed, public key, kid, device id and vkey belong together", () => {
  for (const vector of load("keys.json")) {
    const { publicKey } = SigningKey.fromSeed(Buffer.from(vector.seed, "hex"));
    assert.equal(publicKey.hex, vector.public_key);
    assert.equal(publicKey.kid, vector.kid);
    assert.equal(publicKey.deviceId, vector.device_id);
    assert.equal(parseVkey(vector.vkey).key.hex, vector.public_key);
  }
});

test("entries: the chain checker takes them all, and every signature verifies", () => {
  const chain = new ChainChecker();
  for (const { body, leaf, sigs, signed, signers } of load("entries.json")) {
    const checked = chain.check({ body: Buffer.from(body), sigs });
    assert.equal(checked.leaf.toString("hex"), leaf);
    for (const [i, { key, message, signature }] of checked.signatures().entries()) {
      assert.equal(key.hex, signers[i]);
      assert.equal(message.toString("base64"), signed);
      assert.ok(key.verify(message, signature));
    }
    chain.accept(checked);
  }
});

test("tree: inclusion and consistency proofs hold for the roots", () => {
  const { leaves, roots, inclusion, consistency } = load("tree.json");
  const bytes = (hex: string) => Buffer.from(hex, "hex");
  for (const { index, size, path } of inclusion) {
    assert.ok(
      verifyInclusion(bytes(leaves[index] ?? ""), index, size, path.map(bytes), bytes(roots[size] ?? "")),
    );
  }
  for (const { first, second, path } of consistency) {
    const [before, after] = [bytes(roots[first] ?? ""), bytes(roots[second] ?? "")];
    assert.ok(verifyConsistency(first, second, before, after, path.map(bytes)));
  }
});

test("checkpoint: device signature and cosignature verify", () => {
  const { note, text, device_vkey, cosignature, witness_vkey, time_s } = load("checkpoint.json");
  assert.equal(openCheckpoint(note, parseVkey(device_vkey)).text, text);
  assert.equal(
    verifyCosignature(text, parseSignatureLine(cosignature), parseVkey(witness_vkey)),
    time_s * 1000,
  );
});

test("receipt: opens with the custody key", () => {
  const { envelope, digest, custody_vkey } = load("receipt.json");
  assert.equal(openReceipt(envelope, [parseVkey(custody_vkey)]).digest.toString("hex"), digest);
});

for (const { name, public_key, message, signature, accepted } of load("ed25519.json")) {
  test(`Ed25519: ${name} is ${accepted ? "accepted" : "refused"}`, () => {
    assert.equal(verifyStrictly(public_key, message, signature), accepted);
  });
}

test("control: node:crypto alone takes forgeries with small-order points", () => {
  const taken = load("ed25519.json").filter(({ public_key, message, signature, accepted }) => {
    const key = createPublicKey({
      key: Buffer.concat([SPKI_PREFIX, Buffer.from(public_key, "hex")]),
      format: "der",
      type: "spki",
    });
    return !accepted && verifyLaxly(null, Buffer.from(message), key, Buffer.from(signature, "hex"));
  });
  assert.deepEqual(
    taken.map(({ name }) => name),
    [
      "the neutral point as R",
      "a neutral key that is not canonical",
      "a key of order 1",
      "a key of order 2",
      "a key of order 8, other sign",
      "a key of order 8, other y and sign",
    ],
  );
});

test("signatures by a second implementation: openssl pkeyutl", (t) => {
  if (isMissing("openssl", ["version"])) return t.skip("openssl is not installed");
  const directory = temporaryDirectory(t);
  const entries = load("entries.json").flatMap(({ signed, sigs, signers }) =>
    (JSON.parse(sigs) as { sig: string }[]).map(({ sig }, i) => ({
      key: signers[i] ?? "",
      message: signed,
      sig,
    })),
  );
  const checkpoint = load("checkpoint.json");
  const receipt = load("receipt.json");
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const payloadOf = (line: string) => Buffer.from(line.split(" ")[2] ?? "", "base64");
  const all = [
    ...entries,
    {
      key: parseVkey(checkpoint.device_vkey).key.hex,
      message: base64(checkpoint.text),
      sig: payloadOf(checkpoint.note.split("\n")[4] ?? "").toString("hex", 4),
    },
    {
      key: parseVkey(checkpoint.witness_vkey).key.hex,
      message: base64(checkpoint.cosigned),
      sig: payloadOf(checkpoint.cosignature).toString("hex", 12),
    },
    {
      key: parseVkey(receipt.custody_vkey).key.hex,
      message: receipt.signed,
      sig: Buffer.from(JSON.parse(receipt.envelope).signatures[0].sig, "base64").toString("hex"),
    },
  ];
  for (const { key, message, sig } of all) {
    assert.ok(opensslVerifies(directory, key, Buffer.from(message, "base64"), Buffer.from(sig, "hex")));
  }
  const { key, message, sig } = all[0] as (typeof all)[number];
  const longer = Buffer.concat([Buffer.from(message, "base64"), Buffer.of(0)]);
  assert.ok(!opensslVerifies(directory, key, longer, Buffer.from(sig, "hex")), "control");
});

test("bytes and hashes by a second implementation: Python's standard library", (t: TestContext) => {
  if (isMissing("python3", ["--version"])) return t.skip("python3 is not installed");
  const { status, stdout, stderr } = spawnSync("python3", [vectorPath("second-opinion.py")], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  assert.ok(Number(stdout) > 100, `${stdout} checks`);
});

function verifyStrictly(publicKey: string, message: string, signature: string): boolean {
  try {
    return PublicKey.fromHex(publicKey).verify(Buffer.from(message), Buffer.from(signature, "hex"));
  } catch {
    return false;
  }
}

function opensslVerifies(directory: string, publicKey: string, message: Buffer, signature: Buffer): boolean {
  const at = (name: string) => join(directory, name);
  writeFileSync(at("key.der"), Buffer.concat([SPKI_PREFIX, Buffer.from(publicKey, "hex")]));
  writeFileSync(at("message"), message);
  writeFileSync(at("signature"), signature);
  const key = ["-pubin", "-keyform", "DER", "-inkey", at("key.der")];
  const input = ["-rawin", "-in", at("message"), "-sigfile", at("signature")];
  return spawnSync("openssl", ["pkeyutl", "-verify", ...key, ...input]).status === 0;
}

function isMissing(program: string, args: string[]): boolean {
  return spawnSync(program, args).error !== undefined;
}
