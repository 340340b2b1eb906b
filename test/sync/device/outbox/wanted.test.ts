import assert from "node:assert/strict";
import { test } from "node:test";
import type { MediaRow } from "../../../../crypto/ledger/db/tables/media.ts";
import { type MediaSource, type Preference, wantedMedia } from "../../../../sync/device/outbox/wanted.ts";

/** 300 media entries, one every second seq; every tenth is a photo, recordings change every 100 seqs. */
const rows: MediaRow[] = Array.from({ length: 300 }, (_, i) => ({
  seq: 2 * i,
  digest: i.toString(16).padStart(64, "0"),
  bytes: 1000,
  type: i % 10 === 0 ? "recording.photo" : "recording.chunk",
  rec: i % 10 === 0 ? null : `recording ${Math.floor(i / 50)}`,
  purged: false,
}));

const within = (from: number, to: number) => rows.filter(({ seq }) => seq >= from && seq < to);
const source: MediaSource = {
  media: {
    within: (from, to, order, limit) =>
      (order === "oldest" ? within(from, to) : within(from, to).toReversed()).slice(0, limit),
    documentsWithin: (from, to, limit) =>
      within(from, to)
        .filter(({ type }) => type === "recording.photo")
        .slice(0, limit),
    of: (rec, from = 0, to = 1000, limit = 1000) =>
      within(from, to)
        .filter((row) => row.rec === rec)
        .slice(0, limit),
  },
  recordings: {
    wanted: () => [
      { rec: "recording 4", marked: true, linked: false },
      { rec: "recording 1", marked: true, linked: true },
      { rec: "recording 5", marked: false, linked: false },
    ],
  },
};

function order(preferences: Preference[], gaps: (readonly [number, number])[] = [[0, 600]]): number[] {
  return [...wantedMedia(source, gaps, preferences)].map(({ seq }) => seq);
}

const seqs = (isMeant: (row: MediaRow) => boolean) => rows.filter(isMeant).map(({ seq }) => seq);

test("each preference gives its media, page after page", () => {
  assert.deepEqual(
    order(["oldest"]),
    seqs(() => true),
  );
  assert.deepEqual(order(["newest"]), seqs(() => true).toReversed());
  assert.deepEqual(
    order(["documents"]),
    seqs(({ type }) => type === "recording.photo"),
  );
  const of = (rec: string) => seqs((row) => row.rec === rec);
  assert.deepEqual(order(["marked"]), [...of("recording 4"), ...of("recording 1")]);
  assert.deepEqual(order(["linked"]), of("recording 1"));
  assert.deepEqual(
    [...wantedMedia(source, [[0, 600]], ["marked"], ["recording 3"])].map(({ seq }) => seq),
    [...of("recording 3"), ...of("recording 4"), ...of("recording 1")],
  );
  assert.deepEqual(order(["activities"]), of("recording 5"));
});

test("preferences follow one another, and only seqs in the gaps come", () => {
  const gaps: [number, number][] = [
    [0, 5],
    [590, 600],
  ];
  assert.deepEqual(order(["newest"], gaps), [598, 596, 594, 592, 590, 4, 2, 0]);
  assert.deepEqual(
    order(["documents", "activities", "oldest"], [[576, 584]]),
    [580, 576, 578, 582, 576, 578, 580, 582],
  );
  assert.deepEqual(order(["documents"], []), []);
});
