import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { claimedPath } from "../../../drivers/recorders/claimed-path.ts";
import { type ByteSource, SKIP_REASONS } from "../../../drivers/recorders/recorder-driver.ts";
import { readSocketSource } from "../../../drivers/usb/host/data/data-client.ts";
import { seededRandom } from "../../support/surroundings.ts";
import {
  content,
  fileAt,
  filesOf,
  going,
  listing,
  MODIFIED_MS,
  PROMPT_MS,
  refuses,
  within,
  withRecorder,
} from "./calls.ts";
import type {
  CardFile,
  CardUnderTest,
  MakeRecorder,
  RecorderCheck,
  RecorderUnderTest,
} from "./under-test.ts";

const SIZES = [
  0, 1, 499, 500, 501, 512, 513, 65_524, 65_536, 262_132, 262_144, 300_001, 1_048_564, 1_500_000,
];

/** Names of the field, and sizes around those of packets and buffers. */
export const CARD: readonly CardFile[] = SIZES.map((size, i) => ({
  path: `DCIM/${i % 3}00MEDIA/DCAM_00000${i}_012345_20261123_0930${i + 10}.mp4`,
  bytes: seededRandom(`card file ${i}`).bytes(size),
  modifiedMs: MODIFIED_MS + i * 2000,
}));
const WORD: CardFile = { path: "收件/说明 1.txt", bytes: Buffer.from("说明"), modifiedMs: MODIFIED_MS };
/** Its neighbours have the same length, name or folder. */
const TWINS = ["A/one.mp4", "A/two.mp4", "B/one.mp4"].map(
  (path): CardFile => ({ path, bytes: seededRandom(path).bytes(4_000), modifiedMs: MODIFIED_MS }),
);
const TARGET = TWINS[0] as CardFile;

/** Runs `use` if the driver knows files. */
export function withCard(
  make: MakeRecorder,
  files: readonly CardFile[],
  use: (recorder: RecorderUnderTest, card: CardUnderTest) => Promise<void>,
): Promise<void> {
  return withRecorder(make, files, async (recorder) => {
    if (!recorder.driver.capabilities.has("files")) return;
    assert.ok(recorder.card);
    await use(recorder, recorder.card);
  });
}

function removing(
  make: MakeRecorder,
  use: (recorder: RecorderUnderTest, card: CardUnderTest) => Promise<void>,
): Promise<void> {
  return withCard(make, TWINS, async (recorder, card) => {
    if (recorder.driver.capabilities.has("remove")) await use(recorder, card);
  });
}

/** As an import thread reads it. */
async function bytesAt(source: ByteSource, length: number): Promise<Buffer> {
  if (source.kind === "path")
    return readFileSync(source.isLatin1 ? Buffer.from(source.path, "latin1") : source.path);
  const parts: Buffer[] = [];
  // each part is the same memory
  for await (const part of readSocketSource(source, 0, length, going())) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

export const fileChecks = {
  "lists each file once, harmless in path and true in size": (make) =>
    withCard(make, [...CARD, WORD], async ({ driver }) => {
      const listed = await listing(driver);
      const handles = new Set<string>();
      for (const one of listed) {
        const path = one.kind === "file" ? one.file.path : one.path;
        assert.equal(claimedPath(path), path, "a path that is not harmless");
        if (one.kind === "file") handles.add(one.file.handle);
        else assert.ok(SKIP_REASONS.includes(one.reason), one.reason);
      }
      const files = listed.flatMap((one) => (one.kind === "file" ? [one.file] : []));
      assert.equal(handles.size, files.length, "a handle that stands for two files");
      const told = files.map(({ path, bytes }) => [path, bytes]).sort();
      assert.deepEqual(told, [...CARD, WORD].map(({ path, bytes }) => [path, bytes.length]).sort());
      for (const { path, modifiedMs } of files) {
        const file = [...CARD, WORD].find((one) => one.path === path);
        if (modifiedMs !== undefined) assert.equal(modifiedMs, file?.modifiedMs, path);
      }
    }),

  "lists an empty card": (make) =>
    withCard(make, [], async ({ driver }) => {
      assert.deepEqual(await listing(driver), []);
    }),

  "lists again, the same": (make) =>
    withCard(make, TWINS, async ({ driver }) => {
      assert.deepEqual(await listing(driver), await listing(driver));
    }),

  "reads exactly the bytes from any offset, and none beyond the end": (make) =>
    withCard(make, CARD, async ({ driver }) => {
      const files = await filesOf(driver);
      const contents = new Map(CARD.map(({ path, bytes }) => [path, bytes]));
      const range = fc.constantFrom(...contents.keys()).chain((path) => {
        const bytes = contents.get(path) as Uint8Array;
        return fc.record({
          path: fc.constant(path),
          offset: fc.oneof(fc.nat(bytes.length + 10), fc.constantFrom(0, Math.max(0, bytes.length - 1))),
          length: fc.oneof(fc.nat(bytes.length + 10), fc.nat(600), fc.constantFrom(500, 512, 2 ** 24)),
        });
      });
      await fc.assert(
        fc.asyncProperty(range, async ({ path, offset, length }) => {
          const bytes = contents.get(path) as Uint8Array;
          const file = files.get(path);
          assert.ok(file);
          const expected = Buffer.from(bytes.subarray(offset, offset + length));
          assert.ok(
            (await content(driver, file, offset, length)).equals(expected),
            `${path} ${offset}+${length}`,
          );
        }),
        { numRuns: 150, seed: 3 },
      );
    }),

  "reads every file whole": (make) =>
    withCard(make, CARD, async ({ driver }) => {
      const files = await filesOf(driver);
      for (const { path, bytes } of CARD) {
        const file = files.get(path);
        assert.ok(file);
        assert.ok((await content(driver, file, 0, file.bytes)).equals(bytes), path);
      }
    }),

  "goes on after a reader that left early, and serves two at once": (make) =>
    withCard(make, CARD, async ({ driver }) => {
      const large = CARD.at(-1) as CardFile;
      const small = CARD[5] as CardFile;
      const files = [await fileAt(driver, large.path), await fileAt(driver, small.path)] as const;
      for await (const part of driver.read(files[0], 0, large.bytes.length, going())) {
        assert.ok(part.length > 0);
        break;
      }
      const both = [
        content(driver, files[0], 0, large.bytes.length),
        content(driver, files[1], 0, small.bytes.length),
      ];
      assert.deepEqual(
        (await Promise.all(both)).map((bytes) => bytes.length),
        [large.bytes.length, small.bytes.length],
      );
      for await (const part of driver.read(files[0], 0, large.bytes.length, going())) {
        assert.ok(part.length > 0);
        await within(PROMPT_MS, "a question while a file is read", driver.identify(going()));
      }
    }),

  "gives a source that is read by, or none": (make) =>
    withCard(make, TWINS, async ({ driver }) => {
      const file = await fileAt(driver, TARGET.path);
      const source = driver.sourceOf(file);
      if (source === null) return;
      // plain data that crosses into a thread
      assert.deepEqual(structuredClone(source), source);
      assert.ok((await bytesAt(source, file.bytes)).equals(TARGET.bytes), "the source has other bytes");
    }),

  "reads nothing of another file that took the place of the one listed": (make) =>
    withCard(make, TWINS, async ({ driver }, card) => {
      const file = await fileAt(driver, TARGET.path);
      card.replace({ ...TARGET, bytes: Buffer.alloc(TARGET.bytes.length + 1, 7) });
      const parts: Buffer[] = [];
      await refuses("file-gone", "read", content(driver, file, 0, file.bytes, going(), parts));
      assert.equal(parts.length, 0);
    }),

  "removes the very file and no other": (make) =>
    removing(make, async ({ driver }, card) => {
      const file = await fileAt(driver, TARGET.path);
      await driver.remove(file, going());
      assert.equal(card.bytesOf(TARGET.path), null);
      for (const { path, bytes } of TWINS.slice(1)) assert.deepEqual(card.bytesOf(path), bytes);
      assert.deepEqual([...(await filesOf(driver)).keys()].sort(), ["A/two.mp4", "B/one.mp4"]);
      await refuses("file-gone", "a second time", driver.remove(file, going()));
    }),

  "keeps a file that has another length than the one listed": (make) =>
    removing(make, async ({ driver }, card) => {
      const file = await fileAt(driver, TARGET.path);
      const longer = { ...TARGET, bytes: Buffer.alloc(TARGET.bytes.length + 1, 7) };
      card.replace(longer);
      await refuses("file-gone", "remove", driver.remove(file, going()));
      assert.deepEqual(card.bytesOf(TARGET.path), longer.bytes);
      await refuses("file-gone", "a wrong claim", driver.remove({ ...file, bytes: 1 }, going()));
      assert.deepEqual(card.bytesOf(TARGET.path), longer.bytes);
    }),

  "keeps another file of the same name and length": (make) =>
    removing(make, async ({ driver }, card) => {
      const file = await fileAt(driver, TARGET.path);
      const other = {
        path: TARGET.path,
        bytes: seededRandom("another").bytes(TARGET.bytes.length),
        modifiedMs: TARGET.modifiedMs + 60_000,
      };
      card.replace(other);
      await refuses("file-gone", "remove", driver.remove(file, going()));
      assert.deepEqual(card.bytesOf(TARGET.path), other.bytes);
    }),
} satisfies Record<string, RecorderCheck>;
