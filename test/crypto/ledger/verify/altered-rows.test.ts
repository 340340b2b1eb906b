import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalText } from "../../../../crypto/bytes/canonical.ts";
import { leafHash } from "../../../../crypto/bytes/digest.ts";
import { ENTRY_TYPE, preAuthEncoding } from "../../../../crypto/keys/dsse.ts";
import { DEVICE, STRANGER, sealed } from "../../../support/ledger/ledger-maker.ts";
import { recording } from "../../../support/ledger/scenes.ts";
import {
  bodyOf,
  drop,
  dropAndCloseUp,
  duplicate,
  edit,
  editSigs,
  rehash,
  rewrite,
  rowAt,
  seqOf,
  swap,
  tamper,
  truncate,
  verify,
} from "../../../support/ledger/tampering.ts";
import { expectVerdict } from "./expect.ts";

/** What somebody without any key can do to the rows (ledger-format §1–§4). */

const evidence = recording(30);
const chunk = seqOf(evidence, "recording.chunk", 3);
const L = 2n ** 252n + 27742317777372353535851937790883648493n;

test("control: the untouched recording is authentic", () => expectVerdict(verify(evidence), "authentic"));

test("a dropped entry", () =>
  expectVerdict(verify(tamper(evidence, drop(chunk))), "altered", "entries-missing", chunk));

test("a dropped entry, the others closed up", () =>
  expectVerdict(verify(tamper(evidence, dropAndCloseUp(chunk))), "altered", "entry-order", chunk));

test("a dropped genesis", () =>
  expectVerdict(verify(tamper(evidence, drop(0))), "altered", "entries-missing", 0));

test("a dropped epoch", () => {
  const epoch = seqOf(evidence, "ledger.epoch", 1);
  return expectVerdict(verify(tamper(evidence, drop(epoch))), "altered", "entries-missing", epoch);
});

test("two swapped entries", () =>
  expectVerdict(verify(tamper(evidence, swap(chunk, chunk + 1))), "altered", "entry-order", chunk));

test("a duplicated entry", () =>
  expectVerdict(verify(tamper(evidence, duplicate(chunk))), "altered", "entry-order", chunk + 1));

test("a cut tail that a checkpoint remembers", () =>
  expectVerdict(verify(tamper(evidence, truncate(10))), "altered", "entries-missing", 10));

test("a cut tail that nothing stored remembers is an older copy, and says so", async () => {
  const older = tamper(evidence, truncate(10), (rows) => {
    rows.checkpoints = [];
  });
  const report = await verify(older);
  await expectVerdict(report, "incomplete", "recording-open");
  assert.equal(report.latest_unknown, true);
});

test("an edited body", async () => {
  const lie = edit(chunk, (body) => Object.assign(body, { longest_us: 1 }));
  const report = await verify(tamper(evidence, lie));
  await expectVerdict(report, "altered", "leaf-mismatch", chunk);
  await expectVerdict(report, "altered", "bad-signature", chunk);
  await expectVerdict(report, "altered", "chain-broken", chunk + 1);
});

test("an edited body with its own leaf made right", () => {
  const lie = edit(chunk, (body) => Object.assign(body, { longest_us: 1 }));
  const cover = (copy: typeof evidence) => {
    const row = rowAt(copy, chunk);
    row.leaf = leafHash(row.body);
  };
  return expectVerdict(verify(tamper(evidence, lie, cover)), "altered", "chain-broken", chunk + 1);
});

test("an edited body with every later hash made right", () => {
  const lie = edit(chunk, (body) => Object.assign(body, { longest_us: 1 }));
  return expectVerdict(verify(tamper(evidence, lie, rehash(chunk))), "altered", "bad-signature", chunk);
});

test("an edited last entry, where no later prev can tell", () => {
  const last = evidence.entries.length - 1;
  const lie = edit(last, (body) => Object.assign(body, { reason: "power" }));
  return expectVerdict(verify(tamper(evidence, lie, rehash(last))), "altered", "bad-signature", last);
});

test("a leaf column that is wrong alone", () => {
  const flip = (copy: typeof evidence) => {
    rowAt(copy, chunk).leaf[0] = (rowAt(copy, chunk).leaf[0] as number) ^ 1;
  };
  return expectVerdict(verify(tamper(evidence, flip)), "altered", "leaf-mismatch", chunk);
});

test("a leaf column that is too short", () => {
  const cut = (copy: typeof evidence) => {
    rowAt(copy, chunk).leaf = rowAt(copy, chunk).leaf.subarray(0, 31);
  };
  return expectVerdict(verify(tamper(evidence, cut)), "altered", "leaf-mismatch", chunk);
});

test("a flipped bit in a signature", () => {
  const flip = editSigs(chunk, ([signature]) => [
    { ...signature, sig: signature?.sig.replace(/^./, (digit) => (digit === "0" ? "1" : "0")) },
  ]);
  return expectVerdict(verify(tamper(evidence, flip)), "altered", "bad-signature", chunk);
});

test("a signature with S + L, which a lax verifier takes", () => {
  const malleate = editSigs(chunk, ([signature]) => {
    const raw = Buffer.from(signature?.sig ?? "", "hex");
    const s = BigInt(`0x${Buffer.from(raw.subarray(32)).reverse().toString("hex")}`) + L;
    const bytes = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse();
    return [{ ...signature, sig: raw.toString("hex", 0, 32) + bytes.toString("hex") }];
  });
  return expectVerdict(verify(tamper(evidence, malleate)), "altered", "bad-signature", chunk);
});

test("an entry signed anew by a stranger's key", () => {
  const resign = (copy: typeof evidence) => {
    rowAt(copy, chunk).sigs = sealed(chunk, rowAt(copy, chunk).body, [STRANGER]).sigs;
  };
  return expectVerdict(verify(tamper(evidence, resign)), "altered", "wrong-signers", chunk);
});

test("an entry signed by a stranger under the right key's name", () => {
  const forge = editSigs(chunk, ([signature]) => {
    const message = preAuthEncoding(ENTRY_TYPE, rowAt(evidence, chunk).body);
    return [{ kid: signature?.kid, sig: STRANGER.sign(message).toString("hex") }];
  });
  return expectVerdict(verify(tamper(evidence, forge)), "altered", "bad-signature", chunk);
});

test("an ordinary entry signed by the device key", () => {
  const resign = (copy: typeof evidence) => {
    rowAt(copy, chunk).sigs = sealed(chunk, rowAt(copy, chunk).body, [DEVICE]).sigs;
  };
  return expectVerdict(verify(tamper(evidence, resign)), "altered", "wrong-signers", chunk);
});

const epoch = seqOf(evidence, "ledger.epoch", 1);

test("an epoch with its signers swapped", () =>
  expectVerdict(
    verify(
      tamper(
        evidence,
        editSigs(epoch, ([old, device, fresh]) => [device, old, fresh]),
      ),
    ),
    "altered",
    "wrong-signers",
    epoch,
  ));

test("an epoch without its new key's signature", () =>
  expectVerdict(
    verify(
      tamper(
        evidence,
        editSigs(epoch, (sigs) => sigs.slice(0, 2)),
      ),
    ),
    "altered",
    "wrong-signers",
    epoch,
  ));

test("an entry with a signature too many", () =>
  expectVerdict(
    verify(
      tamper(
        evidence,
        editSigs(chunk, ([signature]) => [signature, signature]),
      ),
    ),
    "altered",
    "wrong-signers",
    chunk,
  ));

test("sigs with fields in another order", () =>
  expectVerdict(
    verify(
      tamper(
        evidence,
        editSigs(chunk, ([signature]) => [{ sig: signature?.sig, kid: signature?.kid }]),
      ),
    ),
    "altered",
    "wrong-signers",
    chunk,
  ));

test("sigs with a space", () => {
  const loosen = (copy: typeof evidence) => {
    rowAt(copy, chunk).sigs = rowAt(copy, chunk).sigs.replace(",", ", ");
  };
  return expectVerdict(verify(tamper(evidence, loosen)), "altered", "wrong-signers", chunk);
});

const spellings: [name: string, code: string, change: (text: string) => string | Buffer][] = [
  ["a space after a colon", "not-canonical", (text) => text.replace(":", ": ")],
  ["keys out of order", "not-canonical", (text) => `{"v":1,${text.slice(1).replace(',"v":1', "")}`],
  ["a key twice", "not-canonical", (text) => text.replace('"n":', '"n":9,"n":')],
  [
    "a number with a fraction",
    "not-canonical",
    (text) => text.replace(/"longest_us":\d+/, '"longest_us":1.5'),
  ],
  [
    "an integer spelled as a float",
    "not-canonical",
    (text) => text.replace(/"longest_us":\d+/, '"longest_us":1e3'),
  ],
  ["minus zero", "not-canonical", (text) => text.replace(/"longest_us":\d+/, '"longest_us":-0')],
  [
    "a number beyond 2^53",
    "not-canonical",
    (text) => text.replace(/"longest_us":\d+/, '"longest_us":9007199254740992'),
  ],
  ["null", "not-canonical", (text) => text.replace('"key":true', '"key":null')],
  ["a lone surrogate", "not-canonical", (text) => text.replace('"key":true', '"key":"\\ud800"')],
  ["an escape where none is needed", "not-canonical", (text) => text.replace("chunk", "\\u0063hunk")],
  ["a key with a capital", "not-canonical", (text) => text.replace('"n":', '"N":')],
  [
    "nine containers deep",
    "not-canonical",
    (text) => text.replace('"key":true', `"key":${"[".repeat(8)}${"]".repeat(8)}`),
  ],
  ["invalid UTF-8", "not-canonical", (text) => Buffer.concat([Buffer.from(text), Buffer.of(0xff)])],
  ["a byte order mark", "not-canonical", (text) => `\ufeff${text}`],
  ["something behind the object", "not-canonical", (text) => `${text}\n`],
  ["a NUL and more behind the object", "not-canonical", (text) => `${text}\0{}`],
  [
    "more than 16 KiB",
    "body-too-large",
    (text) => text.replace('"key":true', `"key":"${"x".repeat(16_384)}"`),
  ],
  ["no object", "not-canonical", () => "7"],
  ["nothing", "not-canonical", () => ""],
];
for (const [name, code, change] of spellings) {
  test(`a body with ${name}, its hashes made right`, () => {
    const respell = (copy: typeof evidence) => {
      rewrite(chunk, change)(copy);
      rowAt(copy, chunk).leaf = leafHash(rowAt(copy, chunk).body);
    };
    return expectVerdict(verify(tamper(evidence, respell)), "altered", code, chunk);
  });
}

test("another device's genuine entry in this ledger's place", () => {
  const graft = (copy: typeof evidence) => {
    const body = { ...bodyOf(rowAt(copy, chunk)), dev: STRANGER.publicKey.deviceId };
    Object.assign(rowAt(copy, chunk), sealed(chunk, Buffer.from(canonicalText(body)), [STRANGER]));
  };
  return expectVerdict(verify(tamper(evidence, graft)), "altered", "wrong-device", chunk);
});
