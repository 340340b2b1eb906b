import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Evidence } from "../../../support/ledger/evidence.ts";
import { mediaPath } from "../../../support/ledger/evidence.ts";
import { imported, OTHER_REC, REC, record, recording, scene } from "../../../support/ledger/scenes.ts";
import { bodyOf, editMedia, rowAt, seqOf, tamper, verify } from "../../../support/ledger/tampering.ts";
import { expectVerdict } from "./expect.ts";

/** The files that entries name (ledger-format §8), by one thread and by two. */

const evidence = recording(10);
const chunk = seqOf(evidence, "recording.chunk", 3);
const flipped = (bytes: Buffer) => {
  const copy = Buffer.from(bytes);
  copy[5] = (copy[5] as number) ^ 1;
  return copy;
};
const digestAt = (seq: number) => bodyOf(rowAt(evidence, seq)).digest as string;

for (const workers of [1, 2]) {
  test(`control: every file is there (${workers} at work)`, async () => {
    const report = await verify(evidence, { workers });
    await expectVerdict(report, "authentic");
    assert.equal(report.notes.media.files, 6);
  });

  test(`a flipped bit (${workers} at work)`, () =>
    expectVerdict(
      verify(tamper(evidence, editMedia(chunk, flipped)), { workers }),
      "altered",
      "media-altered",
      chunk,
    ));

  test(`a file that is gone (${workers} at work)`, () =>
    expectVerdict(
      verify(
        tamper(
          evidence,
          editMedia(chunk, () => null),
        ),
        { workers },
      ),
      "incomplete",
      "media-missing",
      chunk,
    ));

  test(`an imported file's chunk replaced (${workers} at work)`, () =>
    expectVerdict(
      verify(tamper(imported(), editMedia(3, flipped)), { workers }),
      "altered",
      "media-altered",
      3,
    ));
}

test("a file cut short", () =>
  expectVerdict(
    verify(
      tamper(
        evidence,
        editMedia(chunk, (bytes) => bytes.subarray(1)),
      ),
    ),
    "altered",
    "media-altered",
    chunk,
  ));

test("a file with more behind it", () =>
  expectVerdict(
    verify(
      tamper(
        evidence,
        editMedia(chunk, (bytes) => Buffer.concat([bytes, Buffer.of(0)])),
      ),
    ),
    "altered",
    "media-altered",
    chunk,
  ));

test("two files in each other's place", () => {
  const swap = (copy: Evidence) => {
    const [a, b] = [digestAt(chunk), digestAt(chunk + 1)];
    const [first, second] = [copy.media.get(a) as Buffer, copy.media.get(b) as Buffer];
    copy.media.set(a, second).set(b, first);
  };
  return expectVerdict(verify(tamper(evidence, swap)), "altered", "media-altered", chunk + 1);
});

test("a directory in a file's place", () =>
  expectVerdict(
    verify(evidence, {
      upset: (dataDir) => {
        rmSync(mediaPath(dataDir, digestAt(chunk)));
        mkdirSync(mediaPath(dataDir, digestAt(chunk)));
      },
    }),
    "altered",
    "media-altered",
    chunk,
  ));

test("a file that cannot be read is neither whole nor altered", () =>
  expectVerdict(
    verify(evidence, {
      upset: (dataDir) => {
        const path = mediaPath(dataDir, digestAt(chunk));
        rmSync(path);
        symlinkSync(path, path);
      },
    }),
    "incomplete",
    "media-unreadable",
    chunk,
  ));

test("no media at all", () =>
  expectVerdict(
    verify(evidence, { upset: (dataDir) => rmSync(join(dataDir, "media"), { recursive: true }) }),
    "incomplete",
    "media-missing",
    chunk,
  ));

test("a file that two recordings share is missed in both", async () => {
  const both = scene((maker) => {
    record(maker, 4, REC);
    record(maker, 4, OTHER_REC);
  });
  const init = seqOf(both, "recording.chunk", 0);
  const report = await verify(
    tamper(
      both,
      editMedia(init, () => null),
    ),
  );
  assert.deepEqual(
    report.problems.map(({ code }) => code),
    ["media-missing", "media-missing"],
  );
});

test("a file that no entry names is counted and no fault", async () => {
  const report = await verify(evidence, {
    upset: (dataDir) => writeFileSync(mediaPath(dataDir, digestAt(chunk)).slice(0, -1), "x"),
  });
  await expectVerdict(report, "authentic");
  assert.equal(report.notes.media.unnamed, 1);
});

test("altered is worse than missing", () =>
  expectVerdict(
    verify(
      tamper(
        evidence,
        editMedia(chunk, () => null),
        editMedia(chunk + 1, flipped),
      ),
    ),
    "altered",
    "media-missing",
    chunk,
  ));
