import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { readActivity } from "../../../../agent/records/activity/activity-record.ts";
import { overlapsOf } from "../../../../agent/records/activity/overlaps.ts";
import { LedgerReader } from "../../../../crypto/ledger/db/reader.ts";
import { recordInto, TestDevice } from "../../../support/evidence.ts";

const ACTIVITY = "99999999-2222-4333-8444-555555555555";
const FORTY_YEARS_MS = 40 * 365 * 86_400_000;

function device(t: TestContext) {
  const own = new TestDevice(t);
  const evidence = own.start();
  const { clock } = own;
  const record = () => recordInto(evidence, clock, 2);
  const open = () =>
    evidence.append({ type: "activity.open", activity: ACTIVITY, kind: "k", title: "t", officers: [] });
  const close = () => evidence.append({ type: "activity.close", activity: ACTIVITY, outcome: "done" });
  const suggested = () => {
    const reader = LedgerReader.open(own.dataDir);
    t.after(() => reader.close());
    const found = readActivity(reader, ACTIVITY);
    assert.ok(found !== null);
    return overlapsOf(reader, found).map(({ rec }) => rec);
  };
  return { clock, evidence, record, open, close, suggested };
}

test("what was recorded before an activity or after it is not suggested, whatever the clock said meanwhile", (t) => {
  const { clock, record, open, close, suggested } = device(t);
  record();
  clock.stepWall(-FORTY_YEARS_MS);
  open();
  const early = record();
  clock.stepWall(FORTY_YEARS_MS);
  const late = record();
  assert.deepEqual(suggested(), [early, late]);
  close();
  clock.advance(60_000);
  record();
  assert.deepEqual(suggested(), [early, late]);
});

test("a recording that ran when the activity was opened, and still runs, is suggested", (t) => {
  const { clock, evidence, open, suggested } = device(t);
  const rec = recordInto(evidence, clock, 2, false);
  clock.stepWall(FORTY_YEARS_MS);
  open();
  assert.deepEqual(suggested(), [rec]);
});

test("a recording whose pre-event time reaches back before the close is suggested", (t) => {
  const { clock, evidence, record, open, close, suggested } = device(t);
  open();
  close();
  clock.advance(10_000);
  const rec = "11111111-2222-4333-8444-555555555555";
  const tracks = [{ kind: "video", codec: "h264" }] as const;
  const live = { type: "recording.start", origin: "live", trigger: "button" } as const;
  evidence.append({ ...live, rec, pre_event_ms: 15_000, tracks: [...tracks] });
  record();
  assert.deepEqual(suggested(), [rec]);
});
