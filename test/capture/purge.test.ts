import assert from "node:assert/strict";
import { test } from "node:test";
import { choosePurge, type PurgeCandidate } from "../../capture/purge.ts";

const DAY_MS = 86_400_000;
const rule = { keepMs: 30 * DAY_MS, reserveBytes: 1000 };
const roomy = { utcMs: 100 * DAY_MS, freeBytes: 5000 };
const media = (seq: number, ageDays: number, bytes = 100): PurgeCandidate => ({
  seq,
  bytes,
  utcMs: roomy.utcMs - ageDays * DAY_MS,
});

test("media goes once its days are over, and not a day before", () => {
  const candidates = [media(3, 31), media(4, 30), media(6, 29)];
  assert.deepEqual(choosePurge(rule, roomy, candidates), { seqs: [[3, 5]], reason: "keep-days" });
  assert.equal(choosePurge(rule, roomy, [media(6, 29)]), null);
});

test("below the reserve the oldest go first, only as many as are needed", () => {
  const candidates = [media(3, 5), media(5, 4), media(9, 3)];
  const crowded = { ...roomy, freeBytes: 850 };
  assert.deepEqual(choosePurge(rule, crowded, candidates), {
    seqs: [
      [3, 4],
      [5, 6],
    ],
    reason: "reserve",
  });
  assert.equal(choosePurge(rule, { ...roomy, freeBytes: 1000 }, candidates), null);
});

test("nothing receipted, nothing purged, however full the disk", () => {
  assert.equal(choosePurge(rule, { ...roomy, freeBytes: 0 }, []), null);
});
