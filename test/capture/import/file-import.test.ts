import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs, { existsSync, readdirSync, readFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import type { ReadingEnd, Step } from "../../../capture/import/steps.ts";
import { FileImport, type FileImportParts } from "../../../capture/import/thread/file-import.ts";
import type { ImportChunk } from "../../../crypto/entry/recording-types.ts";
import { Blocks } from "../../../crypto/media/blocks.ts";
import { parseIntent } from "../../../crypto/media/intent.ts";
import { parseRecipient } from "../../../crypto/media/seal.ts";
import { MediaStore } from "../../../crypto/media/store.ts";
import { sha256sum } from "../../support/import/import-bench.ts";
import { gone, ioError, type Script, ScriptedReader } from "../../support/import/scripted-reader.ts";
import { seededRandom, temporaryDirectory } from "../../support/surroundings.ts";

const REC = "11111111-2222-4333-8444-555555555555";
const CHUNK = 100;

class Place {
  readonly dataDir: string;
  readonly store: MediaStore;
  readonly parts: FileImportParts;

  constructor(t: TestContext, changes: Partial<FileImportParts> = {}) {
    this.dataDir = temporaryDirectory(t);
    this.store = new MediaStore(this.dataDir);
    const random = seededRandom("import");
    this.parts = {
      store: this.store,
      blocks: new Blocks(),
      random,
      keepFreeBytes: 0,
      recipients: [],
      chunkBytes: CHUNK,
      ...changes,
    };
  }

  begin(content: Uint8Array, script: Script = {}, bytes = content.length): FileImport {
    return new FileImport({ rec: REC, bytes }, new ScriptedReader(content, script), this.parts);
  }

  joined(chunks: readonly ImportChunk[]): Buffer {
    return Buffer.concat(chunks.map(({ digest }) => readFileSync(this.store.path(digest))));
  }

  temporary(): string[] {
    const partial = join(this.dataDir, "partial");
    return existsSync(partial) ? readdirSync(partial).filter((name) => name.endsWith(".tmp")) : [];
  }
}

/** Steps to the end, two at once as the importer asks for them, with a new reader after each failure. */
async function importAll(
  file: FileImport,
  next: () => ScriptedReader = () => assert.fail("the reader failed"),
): Promise<{ chunks: ImportChunk[]; end: ReadingEnd }> {
  const chunks: ImportChunk[] = [];
  const taken = (step: Step): ReadingEnd | null => {
    if (step.chunk !== null) chunks.push(step.chunk);
    return step.end;
  };
  for (;;) {
    const steps = await Promise.allSettled([file.step(), file.step()]);
    for (const step of steps) {
      const end = step.status === "fulfilled" ? taken(step.value) : null;
      if (end !== null) return { chunks, end };
    }
    if (steps.some(({ status }) => status === "rejected")) file.attach(next());
  }
}

test("any file, in pieces of any length, is stored in whole chunks with the digest it has on the card", async (t) => {
  const place = new Place(t);
  const size = fc.oneof(fc.nat(450), fc.constantFrom(0, 1, 99, 100, 101, 199, 200, 201, 300));
  await fc.assert(
    fc.asyncProperty(
      size,
      fc.integer({ min: 1, max: 250 }),
      fc.boolean(),
      async (bytes, pieceBytes, isSlow) => {
        const content = randomBytes(bytes);
        const { chunks, end } = await importAll(place.begin(content, { pieceBytes, isSlow }));
        assert.deepEqual(end, { reason: "imported", fileDigest: sha256sum(content) });
        assert.deepEqual(place.joined(chunks), content);
        assert.equal(chunks.length, Math.ceil(bytes / CHUNK));
        for (const [n, chunk] of chunks.entries()) {
          assert.deepEqual([chunk.n, chunk.offset, chunk.rec], [n, n * CHUNK, REC]);
        }
      },
    ),
    { numRuns: 200 },
  );
  assert.deepEqual(place.temporary(), []);
});

test("however often it is pulled out, at whatever bytes: every byte is read once and the file is whole", async (t) => {
  const place = new Place(t);
  const cuts = fc.array(fc.nat(400), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.nat(400), cuts, fc.boolean(), async (bytes, cutsAt, isSlow) => {
      const content = randomBytes(bytes);
      const readers: ScriptedReader[] = [];
      const sorted = [...cutsAt.filter((at) => at <= bytes)].sort((a, b) => a - b);
      const next = () => {
        const failAt = sorted.shift() ?? Number.POSITIVE_INFINITY;
        const reader = new ScriptedReader(content, { pieceBytes: 7, failAt, isSlow });
        readers.push(reader);
        return reader;
      };
      const file = new FileImport({ rec: REC, bytes }, next(), place.parts);
      const { chunks, end } = await importAll(file, next);
      assert.equal(end.fileDigest, sha256sum(content));
      assert.deepEqual(place.joined(chunks), content);
      assert.equal(
        readers.reduce((sum, { bytesRead }) => sum + bytesRead, 0),
        bytes,
      );
      assert.ok(readers.every(({ isClosed }) => isClosed));
    }),
    { numRuns: 150 },
  );
});

test("the last chunk's note tells the digest of the file, the others' do not", async (t) => {
  const place = new Place(t);
  const content = randomBytes(150);
  const { chunks } = await importAll(place.begin(content));
  const intents = chunks.map(({ digest }) => parseIntent(place.store.readIntent(digest) ?? ""));
  assert.deepEqual(
    intents.map((intent) => intent?.body),
    chunks,
  );
  assert.deepEqual(
    intents.map((intent) => intent?.fileDigest),
    [undefined, sha256sum(content)],
  );
});

test("a file shorter than claimed, or longer, ends so; not more than claimed is read of it, but for one byte", async (t) => {
  const place = new Place(t);
  for (const bytes of [0, 50, 100, 150]) {
    const content = randomBytes(bytes);
    const shorter = await importAll(place.begin(content, {}, bytes + 200));
    assert.deepEqual(shorter.end, { reason: "shorter-than-claimed", fileDigest: null });
    assert.deepEqual(place.joined(shorter.chunks), content);
    const reader = new ScriptedReader(Buffer.concat([content, Buffer.alloc(1e6)]));
    const longer = await importAll(new FileImport({ rec: REC, bytes }, reader, place.parts));
    assert.deepEqual(longer.end, { reason: "longer-than-claimed", fileDigest: null });
    assert.deepEqual(place.joined(longer.chunks), content);
    assert.equal(reader.bytesRead, bytes + 1);
  }
});

test("a bad sector ends the file after three attempts at it, and what lay before is stored", async (t) => {
  const place = new Place(t);
  const content = randomBytes(400);
  let attempts = 1;
  const next = () => {
    attempts++;
    return new ScriptedReader(content, { failAt: 250, error: ioError() });
  };
  const { chunks, end } = await importAll(place.begin(content, { failAt: 250, error: ioError() }), next);
  assert.deepEqual([end.reason, attempts], ["read-error", 3]);
  assert.deepEqual(place.joined(chunks), content.subarray(0, 250));
});

test("a card that is pulled out at one byte again and again is no bad sector", async (t) => {
  const place = new Place(t);
  const content = randomBytes(400);
  let attempts = 0;
  const next = () => new ScriptedReader(content, attempts++ < 20 ? { failAt: 250, error: gone() } : {});
  const { end } = await importAll(place.begin(content, { failAt: 250 }), next);
  assert.equal(end.reason, "imported");
});

test("an unfinished chunk is stored when the file is given up, and nothing where nothing was read", async (t) => {
  const place = new Place(t);
  const content = randomBytes(400);
  const file = place.begin(content, { failAt: 130, pieceBytes: 9 });
  const first = await file.step();
  await assert.rejects(file.step(), { code: "recorder-gone" });
  const rest = await file.seal();
  assert.deepEqual(
    place.joined([first.chunk as ImportChunk, rest.chunk as ImportChunk]),
    content.subarray(0, 130),
  );
  const untouched = place.begin(content, { failAt: 0 });
  await assert.rejects(untouched.step(), { code: "recorder-gone" });
  assert.deepEqual(await untouched.seal(), { chunk: null, end: null });
  untouched.drop();
  assert.deepEqual(place.temporary(), []);
});

/** Lets `count` calls of `name` pass, then fails `failures` of them as a full disk does. */
function failing(t: TestContext, name: "write" | "renameSync", count: number, failures: number): void {
  const original = fs[name];
  let calls = 0;
  const fake = (...args: unknown[]) => {
    const call = calls++;
    if (call >= count && call < count + failures) {
      const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      const callback = args.at(-1);
      if (typeof callback !== "function") throw full;
      return callback(full, 0);
    }
    return (original as (...args: unknown[]) => unknown)(...args);
  };
  const set = (value: unknown) => {
    Object.assign(fs, { [name]: value });
    syncBuiltinESMExports();
  };
  set(fake);
  t.after(() => set(original));
}

for (const call of ["write", "renameSync"] as const) {
  for (const passed of [0, 1, 2, 3]) {
    test(`a disk that is full at ${call} number ${passed}: the chunk begins again, and the file is whole`, async (t) => {
      const place = new Place(t);
      const content = randomBytes(350);
      failing(t, call, passed, 2);
      const file = place.begin(content, { pieceBytes: 50, isSlow: true });
      const next = () => {
        assert.deepEqual(place.temporary(), []);
        return new ScriptedReader(content, { pieceBytes: 50, isSlow: true });
      };
      const { chunks, end } = await importAll(file, next);
      assert.deepEqual(place.joined(chunks), content);
      assert.equal(end.fileDigest, sha256sum(content));
      assert.deepEqual(
        chunks.map(({ n, offset }) => [n, offset]),
        [0, 1, 2, 3].map((n) => [n, n * CHUNK]),
      );
    });
  }
}

test("two threads may make the same folder of the store at the same time", async (t) => {
  const place = new Place(t);
  const content = randomBytes(90);
  await importAll(place.begin(content));
  const { existsSync: original } = fs;
  const set = (value: typeof original) => {
    fs.existsSync = value;
    syncBuiltinESMExports();
  };
  // as seen by the slower one: the folder was not there a moment ago
  set(() => false);
  t.after(() => set(original));
  const { chunks } = await importAll(place.begin(Buffer.concat([content, content])));
  assert.equal(chunks.length, 2);
});

test("the space kept back is not used", async (t) => {
  const place = new Place(t, { keepFreeBytes: Number.MAX_SAFE_INTEGER });
  await assert.rejects(place.begin(randomBytes(10)).step(), { code: "disk-full" });
  assert.deepEqual(place.temporary(), []);
});

test("what the store has already is not kept twice", async (t) => {
  const place = new Place(t);
  const content = Buffer.alloc(300, 7);
  const { chunks } = await importAll(place.begin(content));
  assert.equal(new Set(chunks.map(({ digest }) => digest)).size, 1);
  const inode = fs.statSync(place.store.path(chunks[0]?.digest as string)).ino;
  await importAll(place.begin(content));
  assert.equal(fs.statSync(place.store.path(chunks[0]?.digest as string)).ino, inode);
  assert.equal([...place.store.files()].length, 1);
  assert.deepEqual(place.temporary(), []);
});

test("sealed chunks are opened by Debian's age, also those that were pulled out in the middle", async (t) => {
  const directory = temporaryDirectory(t);
  const key = join(directory, "key");
  execFileSync("age-keygen", ["-o", key], { stdio: "ignore" });
  const recipient = execFileSync("age-keygen", ["-y", key], { encoding: "utf8" }).trim();
  const place = new Place(t, { chunkBytes: 150_000, recipients: [parseRecipient(recipient)] });
  const content = randomBytes(400_000);
  const file = place.begin(content, { pieceBytes: 70_000, failAt: 222_222 });
  const { chunks, end } = await importAll(file, () => new ScriptedReader(content, { pieceBytes: 1000 }));
  assert.equal(end.fileDigest, sha256sum(content));
  const opened = chunks.map(({ digest, plain_digest, plain_bytes }) => {
    const plain = execFileSync("age", ["-d", "-i", key, place.store.path(digest)], { maxBuffer: 1e6 });
    assert.equal(sha256sum(plain), plain_digest);
    assert.equal(plain.length - 32, plain_bytes);
    return plain.subarray(32);
  });
  assert.deepEqual(Buffer.concat(opened), content);
  for (const { digest, bytes } of chunks) {
    assert.equal(sha256sum(readFileSync(place.store.path(digest))), digest);
    assert.equal(place.store.bytes(digest), bytes);
  }
});
