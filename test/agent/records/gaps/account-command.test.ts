import assert from "node:assert/strict";
import { test } from "node:test";
import { assertFitsSchema } from "../../../support/cli-schema.ts";
import { fulltrace } from "../../cli/command-line.ts";
import { Shift } from "./shift.ts";

const ACTIVITY = "0193a5f2-0000-4000-8000-000000000001";

test("fulltrace gap account speaks of a shift and of an activity, to people and to machines", async (t) => {
  const shift = new Shift(t);
  const { dataDir } = shift.device;
  const from = new Date(shift.nowMs - 60_000).toISOString();
  shift.evidence.append({
    type: "activity.open",
    activity: ACTIVITY,
    kind: "patrol",
    title: "夜市巡查",
    officers: ["110042"],
  });
  const rec = shift.film({
    wearer: "110042",
    chunks: [
      [0, 2],
      [5, 7],
    ],
  });
  shift.evidence.append({ type: "activity.link", activity: ACTIVITY, rec, basis: "stated" });
  shift.idle(30);
  shift.evidence.append({ type: "activity.close", activity: ACTIVITY, outcome: "done" });
  shift.evidence.close("done");
  const to = new Date(shift.nowMs).toISOString();

  const about = ["gap", "account", "--data", dataDir];
  const [people, machines, activity, misuse] = await Promise.all([
    fulltrace([...about, "--wearer", "110042", "--from", from, "--to", to, "--lang", "zh"]),
    fulltrace([...about, "--wearer", "110042", "--from", from, "--to", to, "--json"]),
    fulltrace([...about, "--activity", "0193", "--json"]),
    fulltrace([...about, "--wearer", "110042", "--from", from]),
  ]);
  assert.equal(people.exit, 1, people.stderr);
  assert.match(people.stdout, /录制 \S{8}：无数据块，亦无条目说明/);
  assert.match(people.stdout, /无签名依据的时长：1:00\.0/);
  assert.doesNotMatch(people.stdout, /所有时段均有签名依据/);
  const shown = JSON.parse(machines.stdout);
  assertFitsSchema("gap account", shown);
  const none = { "pre-event": 0, muted: 0, full: 0 };
  assert.deepEqual(shown.totals_ms, { ...none, recorded: 4_000, lost: 3_000, off: 30_000, unknown: 60_000 });
  const ofActivity = JSON.parse(activity.stdout);
  assertFitsSchema("gap account", ofActivity);
  assert.deepEqual(ofActivity.totals_ms, { ...none, recorded: 4_000, lost: 3_000, off: 30_000, unknown: 0 });
  assert.deepEqual([misuse.exit, misuse.stdout], [2, ""]);
});
