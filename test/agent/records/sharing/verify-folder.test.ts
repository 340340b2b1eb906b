import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { exportActivity } from "../../../../agent/records/sharing/export/export-activity.ts";
import { verifyFolder } from "../../../../agent/records/sharing/verify/verify-folder.ts";
import { mappingOf } from "../../../../agent/records/sharing/view/mapping.ts";
import { sha256 } from "../../../../crypto/bytes/digest.ts";
import {
  COSIGNATURE,
  deviceVkey,
  formatVkey,
  type NoteKeyType,
  PLAIN_NOTE,
  verifierKey,
} from "../../../../crypto/keys/vkey.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { parseTrust } from "../../../../crypto/proof/trust.ts";
import { assertFitsSchema } from "../../../support/cli-schema.ts";
import { writeEvidence } from "../../../support/ledger/evidence.ts";
import { CUSTODY, DEVICE, STRANGER, WITNESS } from "../../../support/ledger/ledger-maker.ts";
import type { TestKey } from "../../../support/ledger/test-keys.ts";
import { ACTIVITY, finished, makeCase, REC } from "../../../support/sharing/case-maker.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace } from "../../cli/command-line.ts";

const vkeyOf = ({ name, publicKey }: TestKey, type: NoteKeyType) =>
  formatVkey(verifierKey(name, type, publicKey));
const device = formatVkey(deviceVkey(DEVICE.publicKey));
const witness = vkeyOf(WITNESS, COSIGNATURE);
const custody = vkeyOf(CUSTODY, PLAIN_NOTE);
const TRUST = `quorum = 1\ndevice = ["${device}"]\nwitness = ["${witness}"]\ncustody = ["${custody}"]\n`;
const trust = parseTrust(TRUST, "test");

/** An exported folder, and a copy of it for each thing that is done to it. */
async function exported(t: TestContext, withRecordings = true) {
  const made = makeCase();
  const dataDir = temporaryDirectory(t);
  writeEvidence(dataDir, finished(made));
  const directory = join(temporaryDirectory(t), "case");
  await visitLedger(dataDir, (reader) =>
    exportActivity(ACTIVITY, directory, {
      reader,
      dataDir,
      mapping: mappingOf(),
      withRecordings,
      onFile: () => {},
    }),
  );
  let copies = 0;
  const copy = () => {
    const other = `${directory}-${copies++}`;
    cpSync(directory, other, { recursive: true });
    return other;
  };
  return { made, directory, copy, document: `documents/${made.document}-__笔录.pdf` };
}

const textOf = (...path: string[]) => readFileSync(join(...path), "utf8");

/** Lists the files of a folder anew, as a forger would who knows what a list is. */
function listAnew(directory: string): void {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "digests")
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  const line = (name: string) => `${sha256(readFileSync(join(directory, name))).toString("hex")}  ${name}\n`;
  writeFileSync(join(directory, "digests"), names.map(line).join(""));
}

const faultsOf = async (directory: string) =>
  (await verifyFolder(directory, trust)).faults.map(({ file, code }) => `${code} ${file}`).sort();

test("an exported folder holds for who trusts its device and witness, with or without recordings", async (t) => {
  const { directory } = await exported(t);
  const file = join(directory, "..", "trust.toml");
  writeFileSync(file, TRUST);
  const { exit, stdout, stderr } = await fulltrace(["share", "verify", directory, "--trust", file, "--json"]);
  assert.equal(exit, 0, stderr);
  const told = JSON.parse(stdout);
  assertFitsSchema("share verify", told);
  assert.deepEqual(
    [told.holds, told.witnesses, told.documents, told.recordings, told.photos, told.receipts],
    [true, [WITNESS.name], 1, 1, 1, 1],
  );
  assert.deepEqual([told.activity.activity, told.activity.title], [ACTIVITY, "占道经营检查"]);
  const { directory: lean } = await exported(t, false);
  const { holds, recordings } = await verifyFolder(lean, trust);
  assert.deepEqual([holds, recordings], [true, 0]);
});

test("a forger who lists anew is seen by the entries: documents, pieces of a recording, photos, notes", async (t) => {
  const { made, copy, document } = await exported(t);
  const forge = async (change: (directory: string) => void) => {
    const directory = copy();
    change(directory);
    listAnew(directory);
    return await faultsOf(directory);
  };
  const film = `recordings/${REC}.mp4`;
  const entry = `ledger/${made.document}.json`;
  assert.deepEqual(await forge((at) => writeFileSync(join(at, document), "other")), [
    `media-altered ${document}`,
  ]);
  assert.deepEqual(await forge((at) => writeFileSync(join(at, film), "more", { flag: "a" })), [
    `media-altered ${film}`,
  ]);
  assert.deepEqual(await forge((at) => rmSync(join(at, film))), [`media-missing ${film}`]);
  assert.deepEqual(
    await forge((at) => writeFileSync(join(at, entry), textOf(at, entry).replace("closing", "opening"))),
    [`entry-unproven ${entry}`, `media-unproven ${document}`],
  );
  assert.deepEqual(await forge((at) => rmSync(join(at, `ledger/${made.chunks[0]}.json`))), [
    `recording-cut ${film}`,
  ]);
  assert.deepEqual(await forge((at) => rmSync(join(at, `ledger/${made.chunks[1]}.json`))), [
    `recording-cut ${film}`,
  ]);
  assert.deepEqual(await forge((at) => writeFileSync(join(at, "documents/9-new.pdf"), "x")), [
    "media-unproven documents/9-new.pdf",
  ]);
  assert.deepEqual(
    await forge((at) =>
      writeFileSync(join(at, "activity.json"), textOf(at, "activity.json").replace("应为二楼", "x")),
    ),
    ["activity-retold activity.json"],
  );
  assert.deepEqual(await forge((at) => rmSync(join(at, `ledger/${made.open}.json`))), [
    "activity-missing activity.json",
  ]);
  const [receipt = ""] = readdirSync(join(copy(), "receipts"));
  const spoil = (at: string) => {
    const path = join(at, "receipts", receipt);
    const envelope = JSON.parse(textOf(path));
    envelope.signatures[0].sig = Buffer.alloc(64).toString("base64");
    writeFileSync(path, JSON.stringify(envelope));
  };
  assert.deepEqual(await forge(spoil), [`receipt-forged receipts/${receipt}`]);
  // a proof of another entry proves nothing of this one
  const proof = (seq: number) => `ledger/${seq}.tlog-proof`;
  assert.deepEqual(await forge((at) => cpSync(join(at, proof(made.note)), join(at, proof(made.open)))), [
    "activity-missing activity.json",
    `entry-unproven ledger/${made.open}.json`,
  ]);
});

test("whoever is not trusted proves nothing: another device, too few witnesses, a signature that was changed", async (t) => {
  const { directory, copy } = await exported(t);
  const judge = async (text: string) =>
    (await verifyFolder(directory, parseTrust(text, "test"))).faults.map(({ code }) => code);
  const stranger = formatVkey(deviceVkey(STRANGER.publicKey));
  assert.deepEqual(await judge(TRUST.replace(device, stranger)), ["device-unknown"]);
  const other = vkeyOf(STRANGER, COSIGNATURE);
  assert.deepEqual(await judge(TRUST.replace(witness, other)), ["witnesses-too-few"]);
  // without a quorum the device vouches alone, and the verdict says that nobody cosigned
  const alone = await verifyFolder(directory, parseTrust(`quorum = 0\ndevice = ["${device}"]\n`, "test"));
  assert.deepEqual([alone.holds, alone.cosigned_ms], [true, null]);

  const forged = copy();
  const checkpoint = join(forged, "ledger", "checkpoint");
  const [text = "", lines = ""] = textOf(checkpoint).split("\n\n");
  const [name = "", signature = ""] = lines.split(" ").slice(1, 3);
  const bytes = Buffer.from(signature.split("\n")[0] ?? "", "base64");
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  writeFileSync(checkpoint, `${text}\n\n— ${name} ${bytes.toString("base64")}\n`);
  listAnew(forged);
  const faults = await faultsOf(forged);
  assert.equal(faults[0]?.startsWith("activity-missing"), true);
  assert.ok(faults.includes("checkpoint-forged ledger/checkpoint"));
});

test("what does not belong into a folder is told, and what is no folder of ours is misuse", async (t) => {
  const { copy, document, directory } = await exported(t);
  const at = copy();
  rmSync(join(at, document));
  symlinkSync(join(directory, document), join(at, document));
  mkdirSync(join(at, "documents", "deep"));
  writeFileSync(join(at, "extra"), "x");
  assert.deepEqual(await faultsOf(at), [
    `file-missing ${document}`,
    "file-unlisted extra",
    `media-missing ${document}`,
    `not-a-file ${document}`,
    "not-a-file documents/deep",
  ]);
  for (const broken of ["digests", "ledger/checkpoint"]) {
    const other = copy();
    rmSync(join(other, broken));
    await assert.rejects(verifyFolder(other, trust), { code: "not-an-export" });
    writeFileSync(join(other, broken), "\0".repeat(20_000));
    await assert.rejects(verifyFolder(other, trust), { code: "not-an-export" });
  }
  await assert.rejects(verifyFolder(join(at, "documents"), trust), { code: "not-an-export" });
});

test("one byte changed in any file of a folder is seen", async (t) => {
  const { directory, copy } = await exported(t);
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  const at = copy();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      async (file, where, bits) => {
        const whole = readFileSync(join(directory, file));
        const changed = Buffer.from(whole);
        const place = where % changed.length;
        changed[place] = (changed[place] ?? 0) ^ bits;
        writeFileSync(join(at, file), changed);
        const verdict = await verifyFolder(at, trust).catch((error: { code?: string }) => error.code);
        writeFileSync(join(at, file), whole);
        assert.ok(
          verdict === "not-an-export" || (typeof verdict === "object" && !verdict.holds),
          `${file} ${place}`,
        );
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});
