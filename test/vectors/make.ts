import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalText, type Json } from "../../crypto/bytes/canonical.ts";
import { leafHash } from "../../crypto/bytes/digest.ts";
import { ENTRY_TYPE, preAuthEncoding, RECEIPT_TYPE } from "../../crypto/keys/dsse.ts";
import { COSIGNATURE, deviceVkey, formatVkey, PLAIN_NOTE, verifierKey } from "../../crypto/keys/vkey.ts";
import {
  consistencyProof,
  Frontier,
  inclusionProof,
  type NodeSource,
  nodePosition,
  treeRoot,
} from "../../crypto/proof/merkle.ts";
import { cosign } from "../../crypto/proof/note.ts";
import { COSIGNED_S, CUSTODY, DEVICE, LedgerMaker, WITNESS } from "../support/ledger/ledger-maker.ts";
import { heartbeat, record } from "../support/ledger/scenes.ts";
import type { TestKey } from "../support/ledger/test-keys.ts";
import { REPOSITORY } from "../support/repository.ts";

/**
 * Makes the golden vectors: one JSON file for each format, the same in every run. They are checked in;
 * a change of any of them is a change of the format. Write them with `node dist/test/vectors/make.js`,
 * then `npm run format`.
 */

export const VECTOR_FILES = {
  "canonical.json": canonicalVectors,
  "keys.json": keyVectors,
  "entries.json": entryVectors,
  "tree.json": treeVectors,
  "checkpoint.json": checkpointVectors,
  "receipt.json": receiptVectors,
  "ed25519.json": ed25519Vectors,
};

export function vectorPath(name: string): string {
  return join(REPOSITORY, "test", "vectors", name);
}

/** What belongs into a vector file. */
export function vectorText(name: keyof typeof VECTOR_FILES): string {
  return `${JSON.stringify(VECTOR_FILES[name](), null, 2)}\n`;
}

function canonicalVectors() {
  const values: [name: string, value: Json][] = [
    ["keys are sorted at every depth", { b: 1, a: { d: [], c: {} } }],
    ["empty containers, true and false", { yes: true, no: false, list: [], object: {} }],
    ["the largest and smallest integers", { most: 9007199254740991, least: -9007199254740991, zero: 0 }],
    ["Chinese as it is, not normalised", { place: "北京市朝阳区", nfd: "e\u0301", nfc: "\u00e9" }],
    ["beyond the basic plane", { emoji: "👮", old: "𠮷" }],
    ["escapes where JSON demands them, and only there", { text: '"\\/\b\f\n\r\t\u0000\u001f\u007f\u2028' }],
    ["digits and underscores in keys", { a1: 1, a_: 2, a10: 3, a2: 4 }],
    ["eight containers deep", { a: [[[[[[["deep"]]]]]]] }],
  ];
  const refused: [name: string, text: string][] = [
    ["null", '{"a":null}'],
    ["a fraction", '{"a":1.5}'],
    ["an integer spelled with an exponent", '{"a":1e2}'],
    ["an integer spelled with a fraction", '{"a":1.0}'],
    ["minus zero", '{"a":-0}'],
    ["2^53", '{"a":9007199254740992}'],
    ["a key twice", '{"a":1,"a":1}'],
    ["keys out of order", '{"b":1,"a":1}'],
    ["a space", '{"a": 1}'],
    ["a capital in a key", '{"A":1}'],
    ["a key that begins with a digit", '{"1a":1}'],
    ["an empty key", '{"":1}'],
    ["a lone surrogate", '{"a":"\\ud83d"}'],
    ["an escape that is not needed", '{"a":"\\u0041"}'],
    ["an escaped slash", '{"a":"\\/"}'],
    ["an escape in capitals", '{"a":"\\u001F"}'],
    ["nine containers deep", '{"a":[[[[[[[[]]]]]]]]}'],
    ["a comma too many", '{"a":1,}'],
    ["something behind it", '{"a":1}{}'],
  ];
  return {
    accepted: values.map(([name, value]) => {
      const body = canonicalText(value);
      return {
        name,
        loose: JSON.stringify(value, null, 1),
        body,
        leaf: leafHash(Buffer.from(body)).toString("hex"),
      };
    }),
    refused: refused.map(([name, text]) => ({ name, text })),
  };
}

function keyVectors() {
  const named = (key: TestKey, vkey: string) => ({
    name: key.name,
    seed: key.signer.seed.toString("hex"),
    public_key: key.publicKey.hex,
    kid: key.publicKey.kid,
    device_id: key.publicKey.deviceId,
    vkey,
  });
  return [
    named(DEVICE, formatVkey(deviceVkey(DEVICE.publicKey))),
    named(WITNESS, formatVkey(verifierKey(WITNESS.name, COSIGNATURE, WITNESS.publicKey))),
    named(CUSTODY, formatVkey(verifierKey(CUSTODY.name, PLAIN_NOTE, CUSTODY.publicKey))),
  ];
}

/** A short ledger with everything in it that has signers of its own. */
function shortLedger(): LedgerMaker {
  const maker = new LedgerMaker();
  heartbeat(maker);
  record(maker, 2);
  maker.epoch("timer");
  maker.add({
    type: "activity.note",
    activity: "0a0a0a0a-0b0b-4c0c-8d0d-0e0e0e0e0e0e",
    text: "当事人拒绝签字",
  });
  maker.add({ type: "ledger.close", reason: "stop" });
  maker.boot(true);
  return maker;
}

function entryVectors() {
  const keys = new Map(
    [DEVICE, ...[1, 2, 3, 4].map((epoch) => LedgerMaker.epochKey(epoch))].map((key) => [
      key.publicKey.kid,
      key.publicKey.hex,
    ]),
  );
  return shortLedger()
    .evidence()
    .entries.map(({ seq, leaf, body, sigs }) => ({
      seq,
      body: body.toString(),
      leaf: leaf.toString("hex"),
      signed: preAuthEncoding(ENTRY_TYPE, body).toString("base64"),
      sigs,
      signers: (JSON.parse(sigs) as { kid: string }[]).map(({ kid }) => keys.get(kid)),
    }));
}

function treeVectors() {
  const leaves = Array.from({ length: 13 }, (_, i) => leafHash(Buffer.from(`{"seq":${i}}`)));
  const hashes = new Map(leaves.map((leaf, i) => [nodePosition(0, i), leaf]));
  const frontier = Frontier.empty();
  for (const leaf of leaves) {
    for (const { level, index, hash } of frontier.append(leaf)) hashes.set(nodePosition(level, index), hash);
  }
  const nodes: NodeSource = (level, index) => hashes.get(nodePosition(level, index)) as Buffer;
  const hex = (path: readonly Buffer[]) => path.map((hash) => hash.toString("hex"));
  const sizes = Array.from({ length: leaves.length + 1 }, (_, size) => size);
  return {
    leaves: hex(leaves),
    roots: hex(sizes.map((size) => treeRoot(size, nodes))),
    inclusion: [0, 1, 6, 7, 8, 12].map((index) => ({
      index,
      size: 13,
      path: hex(inclusionProof(index, 13, nodes)),
    })),
    consistency: [1, 2, 3, 6, 7, 8, 12].map((first) => ({
      first,
      second: 13,
      path: hex(consistencyProof(first, 13, nodes)),
    })),
  };
}

function checkpointVectors() {
  const maker = shortLedger();
  const note = maker.checkpoint();
  const [origin = "", size = "", root = ""] = note.split("\n");
  const checkpoint = {
    dev: DEVICE.publicKey.deviceId,
    size: Number(size),
    root: Buffer.from(root, "base64"),
  };
  const line = cosign(checkpoint, COSIGNED_S, WITNESS.name, WITNESS.signer);
  const text = `${origin}\n${size}\n${root}\n`;
  return {
    note,
    text,
    device_vkey: formatVkey(deviceVkey(DEVICE.publicKey)),
    cosignature: line,
    cosigned: `cosignature/v1\ntime ${COSIGNED_S}\n${text}`,
    time_s: COSIGNED_S,
    witness_vkey: formatVkey(verifierKey(WITNESS.name, COSIGNATURE, WITNESS.publicKey)),
  };
}

function receiptVectors() {
  const maker = shortLedger();
  const digest = maker.receipt([
    [0, 5],
    [7, maker.size],
  ]);
  const { envelope } = maker.evidence().receipts[0] as { envelope: string };
  const payload = Buffer.from(JSON.parse(envelope).payload as string, "base64");
  return {
    envelope,
    digest,
    payload: payload.toString(),
    signed: preAuthEncoding(RECEIPT_TYPE, payload).toString("base64"),
    custody_vkey: formatVkey(verifierKey(CUSTODY.name, PLAIN_NOTE, CUSTODY.publicKey)),
  };
}

/** RFC 8032's group order. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** Points of small order, in the one encoding that is canonical for each. */
const SMALL_ORDER = {
  "of order 1": `01${"00".repeat(31)}`,
  "of order 2": `ec${"ff".repeat(30)}7f`,
  "of order 4": "00".repeat(32),
  "of order 4, other sign": `${"00".repeat(31)}80`,
  "of order 8": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "of order 8, other sign": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
  "of order 8, other y": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "of order 8, other y and sign": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
};
/** y of p + 1 instead of 1: the neutral point once more. */
const NEUTRAL_NOT_CANONICAL = `ee${"ff".repeat(30)}7f`;

function ed25519Vectors() {
  const message = Buffer.from("evidence");
  const key = DEVICE.publicKey.bytes;
  const good = DEVICE.sign(message);
  const { scalar, point } = secretOf(WITNESS);
  // with a neutral key, S·B = R + k·A holds for every message: whoever takes the key takes any signature
  const forged = Buffer.concat([point, bytesOf(scalar % L)]);
  const neutralR = Buffer.from(SMALL_ORDER["of order 1"], "hex");
  const device = secretOf(DEVICE);
  const k = numberOf(createHash("sha512").update(neutralR).update(key).update(message).digest()) % L;
  const withNeutralR = Buffer.concat([neutralR, bytesOf((k * device.scalar) % L)]);
  const malleated = Buffer.concat([good.subarray(0, 32), bytesOf(numberOf(good.subarray(32)) + L)]);
  const vector = (name: string, publicKey: Buffer | string, signature: Buffer, accepted: boolean) => ({
    name,
    public_key: typeof publicKey === "string" ? publicKey : publicKey.toString("hex"),
    message: message.toString(),
    signature: signature.toString("hex"),
    accepted,
  });
  return [
    vector("a good signature", key, good, true),
    vector("another message's signature", key, DEVICE.sign(Buffer.from("evidencf")), false),
    vector("S + L in the place of S", key, malleated, false),
    vector("the neutral point as R", key, withNeutralR, false),
    vector("a neutral key that is not canonical", NEUTRAL_NOT_CANONICAL, forged, false),
    ...Object.entries(SMALL_ORDER).map(([name, point]) => vector(`a key ${name}`, point, forged, false)),
  ];
}

/** RFC 8032 §5.1.5: the scalar that belongs to a seed, and its public point. */
function secretOf(key: TestKey): { scalar: bigint; point: Buffer } {
  const half = createHash("sha512").update(key.signer.seed).digest().subarray(0, 32);
  half[0] = (half[0] as number) & 248;
  half[31] = ((half[31] as number) & 127) | 64;
  return { scalar: numberOf(half), point: key.publicKey.bytes };
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
}

function bytesOf(number: bigint): Buffer {
  return Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();
}

if (process.argv[1] === import.meta.filename) {
  for (const name of Object.keys(VECTOR_FILES) as (keyof typeof VECTOR_FILES)[]) {
    writeFileSync(vectorPath(name), vectorText(name));
  }
}
