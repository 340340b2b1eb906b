import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { findEntries } from "../../../../crypto/ledger/query/find-entries.ts";
import { MediaStore } from "../../../../crypto/media/store.ts";
import { assertFitsSchema } from "../../../support/cli-schema.ts";
import { recordInto, TestDevice } from "../../../support/evidence.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";
import { fulltrace } from "../command-line.ts";

interface Sample {
  dataDir: string;
  first: string;
  second: string;
  size: number;
}

/** A recorder's directory after two recordings and an orderly end. */
function recorded(t: TestContext): Sample {
  const device = new TestDevice(t);
  const evidence = device.start();
  const first = recordInto(evidence, device.clock, 4);
  const second = recordInto(evidence, device.clock, 6);
  evidence.close("shutdown");
  evidence.end();
  const reader = LedgerReader.open(device.dataDir);
  const size = reader.size();
  reader.close();
  return { dataDir: device.dataDir, first, second, size };
}

async function asked(...args: string[]) {
  const { exit, stdout, stderr } = await fulltrace([...args, "--json"]);
  assert.equal(exit, 0, stderr);
  const printed = JSON.parse(stdout);
  assertFitsSchema(args.slice(0, 2).join(" "), printed);
  return printed;
}

describe("ledger", () => {
  test("lists what every filter lets through, page by page", (t) => {
    const { dataDir, first, size } = recorded(t);
    const reader = LedgerReader.open(dataDir);
    t.after(() => reader.close());
    const seqs = (...args: Parameters<typeof findEntries> extends [unknown, ...infer Rest] ? Rest : never) =>
      findEntries(reader, ...args).entries.map(({ seq }) => seq);
    const all = Array.from({ length: size }, (_, seq) => seq);
    const end = { before: Number.MAX_SAFE_INTEGER };
    assert.deepEqual(seqs({}, end, 1000), all);
    assert.deepEqual(seqs({}, { before: 5 }, 2), [3, 4]);
    assert.deepEqual(seqs({}, { after: 5 }, 2), [6, 7]);
    const bodies = all.map((seq) => reader.body(seq));
    for (const type of new Set(bodies.map((body) => String(body.type)))) {
      const meant = all.filter((seq) => bodies[seq]?.type === type);
      assert.deepEqual(seqs({ type }, end, 1000), meant, type);
      assert.deepEqual(
        seqs({ type }, { after: 0 }, 1000),
        meant.filter((seq) => seq > 0),
        type,
      );
    }
    const utcMs = bodies.map((body) => (body.t as { utc_ms: number }).utc_ms);
    const sinceMs = utcMs[6] as number;
    const untilMs = utcMs.at(-2) as number;
    assert.deepEqual(
      seqs({ sinceMs, untilMs }, end, 1000),
      all.filter((seq) => (utcMs[seq] as number) >= sinceMs && (utcMs[seq] as number) < untilMs),
    );
    assert.deepEqual(
      seqs({ rec: first, type: "recording.chunk" }, end, 1000),
      all.filter((seq) => bodies[seq]?.rec === first && bodies[seq]?.type === "recording.chunk"),
    );
    assert.deepEqual(seqs({ sinceMs: untilMs + 1e12 }, end, 1000), []);
    for (const { type, entries } of reader.index.counts(size)) {
      assert.equal(entries, bodies.filter((body) => body.type === type).length, type);
    }
    assert.equal(findEntries(reader, {}, { before: 3 }, 3).more, false);
    assert.equal(findEntries(reader, {}, { before: 4 }, 3).more, true);
  });

  test("list, show, tail and stats print what their schemas say", async (t) => {
    const { dataDir, second, size } = recorded(t);
    const listed = await asked(
      "ledger",
      "list",
      "--data",
      dataDir,
      "--rec",
      second.slice(0, 8),
      "--limit",
      "2",
    );
    assert.deepEqual([listed.size, listed.entries.length, listed.more], [size, 2, true]);
    assert.ok(listed.entries.every(({ body }: { body: { rec: string } }) => body.rec === second));

    const shown = await asked("ledger", "show", "0", "--data", dataDir);
    assert.deepEqual([shown.type, shown.sigs[0].by], ["ledger.genesis", "device"]);
    assert.equal(createHash("sha256").update(`\0${shown.raw}`).digest("hex"), shown.leaf);
    const people = await fulltrace(["ledger", "show", "0", "--data", dataDir, "--lang", "zh"]);
    assert.match(people.stdout, /账本开始/);

    const tail = await fulltrace(["ledger", "tail", "--data", dataDir, "--limit", "3", "--json"]);
    const lines = tail.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const line of lines) assertFitsSchema("ledger tail", line);
    assert.deepEqual(
      lines.map(({ seq }) => seq),
      [size - 3, size - 2, size - 1],
    );

    const stats = await asked("ledger", "stats", "--data", dataDir);
    assert.equal(stats.size, size);
    assert.equal(
      stats.types.reduce((sum: number, { entries }: { entries: number }) => sum + entries, 0),
      size,
    );
    assert.ok(stats.media_bytes > 0);

    const none = await fulltrace(["ledger", "show", String(size), "--data", dataDir]);
    assert.deepEqual([none.exit, /entry-missing/.test(none.stderr)], [1, true]);
  });

  test("a proof is checked by what shares no code with it, and tampered with it is not", async (t) => {
    const { dataDir } = recorded(t);
    const file = join(temporaryDirectory(t), "entry.tlog-proof");
    const seq = 6;
    const answer = await asked("ledger", "proof", String(seq), file, "--data", dataDir);
    assert.ok(answer.size > seq);
    const reader = LedgerReader.open(dataDir);
    const key = reader.deviceKey.bytes;
    reader.close();
    const text = readFileSync(file, "utf8");
    assert.ok(strangerBelieves(text, key));
    const lines = text.split("\n");
    const spoilt = (at: number, line: string) => lines.map((own, i) => (i === at ? line : own)).join("\n");
    const extra = JSON.parse(Buffer.from(lines[1]?.split(" ")[1] ?? "", "base64").toString());
    const body = Buffer.from(extra.body, "base64").toString().replace('"seq":6', '"seq":7');
    const other = { ...extra, body: Buffer.from(body).toString("base64") };
    assert.ok(
      !strangerBelieves(spoilt(1, `extra ${Buffer.from(JSON.stringify(other)).toString("base64")}`), key),
    );
    assert.ok(!strangerBelieves(spoilt(2, "index 7"), key));
    assert.ok(!strangerBelieves(spoilt(3, Buffer.alloc(32, 1).toString("base64")), key));
    const again = await fulltrace(["ledger", "proof", String(seq), file, "--data", dataDir]);
    assert.deepEqual([again.exit, /file-exists/.test(again.stderr)], [2, true]);
  });
});

/** docs/ledger-format.md §3, §6 and §11 again, from the page alone. */
function strangerBelieves(text: string, deviceKey: Buffer): boolean {
  const sha256 = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  const blank = text.indexOf("\n\n");
  const [magic, extraLine = "", indexLine = "", ...path] = text.slice(0, blank).split("\n");
  const note = text.slice(blank + 2);
  const signedText = note.slice(0, note.indexOf("\n\n") + 1);
  const [origin, size, root = ""] = signedText.split("\n");
  const extra = JSON.parse(Buffer.from(extraLine.replace("extra ", ""), "base64").toString("utf8"));
  const body = Buffer.from(extra.body, "base64");
  const index = Number(indexLine.replace("index ", ""));
  const { seq, dev } = JSON.parse(body.toString("utf8"));
  if (magic !== "c2sp.org/tlog-proof@v1" || seq !== index || origin !== `fulltrace/${dev}`) return false;

  let hash = sha256(Buffer.from([0]), body);
  let at = index;
  let last = Number(size) - 1;
  for (const step of path) {
    const sibling = Buffer.from(step, "base64");
    const isRight = at % 2 === 1 || at === last;
    hash = isRight ? sha256(Buffer.from([1]), sibling, hash) : sha256(Buffer.from([1]), hash, sibling);
    if (isRight) while (at % 2 === 0 && at > 0) [at, last] = [at >> 1, last >> 1];
    [at, last] = [at >> 1, last >> 1];
  }
  if (last !== 0 || hash.toString("base64") !== root) return false;

  const [, , payload = ""] =
    note
      .slice(signedText.length + 1)
      .split("\n")[0]
      ?.split(" ") ?? [];
  const x = deviceKey.toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  return verify(null, Buffer.from(signedText), key, Buffer.from(payload, "base64").subarray(4));
}

describe("media check", () => {
  test("finds what is missing, altered, cut, and named by nobody", async (t) => {
    const { dataDir, first } = recorded(t);
    const sound = await asked("media", "check", "--data", dataDir, "--full");
    assert.deepEqual([sound.ok, sound.whole, sound.full], [true, sound.files, true]);

    const store = new MediaStore(dataDir);
    const reader = LedgerReader.open(dataDir);
    const [, missing, altered, cut] = reader.media.of(first).concat(reader.media.within(8, 99, "newest", 2));
    reader.close();
    assert.ok(missing && altered && cut);
    rmSync(store.path(missing.digest));
    writeFileSync(store.path(altered.digest), "x".repeat(altered.bytes));
    truncateSync(store.path(cut.digest), 1);
    const orphan = "ab".repeat(32);
    writeFileSync(store.path(missing.digest).replace(missing.digest, orphan), "stray");

    const bare = await fulltrace(["media", "check", "--data", dataDir, "--json"]);
    const sizes = JSON.parse(bare.stdout);
    assertFitsSchema("media check", sizes);
    assert.deepEqual([bare.exit, sizes.missing, sizes.wrong_size, sizes.altered], [1, 1, 1, 0]);
    const full = JSON.parse(
      (await fulltrace(["media", "check", "--data", dataDir, "--full", "--json"])).stdout,
    );
    assert.deepEqual([full.missing, full.wrong_size, full.altered, full.orphans], [1, 1, 1, 1]);
    const states = new Map(full.bad.map(({ digest, state }: Record<string, string>) => [digest, state]));
    assert.deepEqual(
      [missing, altered, cut].map(({ digest }) => states.get(digest)),
      ["missing", "altered", "wrong-size"],
    );
    assert.deepEqual(full.orphan_names, [orphan]);
  });
});
