import assert from "node:assert/strict";
import { test } from "node:test";
import type { ActivityRecord } from "../../../../agent/records/activity/activity-record.ts";
import { completenessOf, DISPUTE, missingOf } from "../../../../agent/records/activity/completeness.ts";
import type { RecordingFacts } from "../../../../agent/records/activity/recording-facts.ts";
import { parseTemplate } from "../../../../config/templates.ts";

const ACTIVITY = "99999999-2222-4333-8444-555555555555";
const REC = "11111111-2222-4333-8444-555555555555";

const TEMPLATE = parseTemplate(
  `id = "test"
name = { zh = "测试", en = "Test" }
when_disputed = ["service"]
[[stages]]
id = "notice"
name = { zh = "告知", en = "Notice" }
requires = [
  { id = "paper", name = { zh = "告知书", en = "Notice" }, what = "document" },
  { id = "reply", name = { zh = "申辩", en = "Reply" }, what = "text", only_if = { zh = "申辩", en = "they replied" } },
]
[[stages]]
id = "service"
name = { zh = "送达", en = "Service" }
requires = [
  { id = "whole", name = { zh = "全程录像", en = "All of it" }, what = "sound-and-picture" },
  { id = "first", name = { zh = "文书一", en = "One" }, what = "document" },
  { id = "second", name = { zh = "文书二", en = "Two" }, what = "document" },
]`,
  "test.toml",
);

const facts: RecordingFacts = {
  rec: REC,
  origin: "live",
  wearer: null,
  startedMs: 0,
  endedMs: 60_000,
  hasSound: true,
  hasPicture: true,
  mediaUs: 60_000_000,
  gaps: [],
  unexplainedUs: [],
  photoSeqs: [],
};

function activity(changes: Partial<ActivityRecord> = {}): ActivityRecord {
  const open = { type: "activity.open", activity: ACTIVITY, kind: "k", title: "t", officers: [] } as const;
  return {
    activity: ACTIVITY,
    open: { ...open, officers: [], seq: 2, utcMs: 0 },
    templateSeq: null,
    documents: [],
    notes: [],
    disputes: [],
    recordings: [],
    unlinked: [],
    lastSeq: 2,
    close: null,
    ...changes,
  };
}

function document(seq: number, stage: string, answers?: string, mime = "application/pdf") {
  const own = { type: "activity.document", activity: ACTIVITY, stage, name: "a.pdf", mime } as const;
  const media = { digest: "ab".repeat(32), bytes: 10, sealed: false };
  return { ...own, ...media, seq, utcMs: 0, ...(answers === undefined ? {} : { answers }) };
}

const linked = (...stages: string[]) => ({
  rec: REC,
  seq: 9,
  utcMs: 0,
  lastSeq: 9,
  basis: "stated" as const,
  ledger: null,
  stages,
});
const note = { type: "activity.note", activity: ACTIVITY, text: "x", seq: 5, utcMs: 0 } as const;
const dispute = { type: "activity.dispute", activity: ACTIVITY, text: "x", seq: 7, utcMs: 0 } as const;

/** What is missing, and why. */
function lacks(record: ActivityRecord, own: Partial<RecordingFacts> = {}): Record<string, string | null> {
  const result = completenessOf(record, TEMPLATE, () => ({ ...facts, ...own }));
  assert.equal(result.complete, missingOf(result).length === 0);
  return Object.fromEntries(
    result.findings
      .filter(({ status }) => status === "missing")
      .map(({ stage, requirement, lack }) => [`${stage}/${requirement}`, lack]),
  );
}

const FULL = activity({
  documents: [document(3, "notice"), document(4, "service", "first"), document(6, "service", "second")],
  recordings: [linked("service")],
});

test("an empty activity lacks all that is required, and nothing that is required only under a condition", () => {
  assert.deepEqual(lacks(activity()), {
    "notice/paper": "no-document",
    "service/whole": "not-recorded",
    "service/first": "no-document",
    "service/second": "no-document",
  });
});

test("what has everything is complete, each requirement with the entries that show it", () => {
  const { complete, findings } = completenessOf(FULL, TEMPLATE, () => facts);
  assert.equal(complete, true);
  assert.deepEqual(
    findings.map(({ requirement, status, seqs }) => [requirement, status, seqs]),
    [
      ["paper", "met", [3]],
      ["reply", "only-if", []],
      ["whole", "met", [9]],
      ["first", "met", [4]],
      ["second", "met", [6]],
    ],
  );
});

test("a document that does not say what it answers counts only where it can answer but one thing", () => {
  const unsaid = activity({
    documents: [document(3, "notice"), document(4, "service"), document(5, "service")],
  });
  const result = lacks({ ...unsaid, recordings: [linked("service")] });
  assert.deepEqual(Object.keys(result), ["service/first", "service/second"]);
  const wrong = activity({ documents: [document(3, "notice", "reply")] });
  assert.equal(lacks(wrong)["notice/paper"], "no-document");
});

test("a recording counts for the stage it was linked for, and only with what is asked of it", () => {
  assert.equal(lacks({ ...FULL, recordings: [linked()] })["service/whole"], "not-recorded");
  assert.equal(lacks({ ...FULL, recordings: [linked("notice")] })["service/whole"], "not-recorded");
  assert.equal(lacks(FULL, { hasSound: false })["service/whole"], "no-sound");
  assert.equal(lacks(FULL, { hasPicture: false })["service/whole"], "no-pictures-moving");
  assert.equal(lacks(FULL, { endedMs: null })["service/whole"], "no-stop");
  assert.deepEqual(lacks(FULL, { origin: "import", hasSound: false, hasPicture: false }), {});
});

test("an objection asks for sound and picture throughout: a muted moment or a gap is not that", () => {
  const gap = (reason: "muted" | "frames-lost") => ({ gaps: [{ seq: 8, reason, fromUs: 1, toUs: 2 }] });
  assert.deepEqual(lacks(FULL, gap("muted")), {});
  const disputed = { ...FULL, disputes: [dispute] };
  assert.deepEqual(lacks(disputed), {});
  assert.deepEqual(lacks(disputed, gap("muted")), { [`service/${DISPUTE}`]: "muted" });
  assert.deepEqual(lacks(disputed, gap("frames-lost")), { [`service/${DISPUTE}`]: "media-gap" });
});

test("a note of its stage is text enough", () => {
  const { findings } = completenessOf(
    { ...FULL, notes: [{ ...note, stage: "notice" }] },
    TEMPLATE,
    () => facts,
  );
  assert.deepEqual(findings.find(({ requirement }) => requirement === "reply")?.status, "met");
});

test("a recording of another ledger counts once it was looked at, and photos of it are shown by the link", () => {
  const ledger = { dev: "ab".repeat(16) };
  const elsewhere = { ...FULL, recordings: [{ ...linked("service"), ledger }] };
  const whole = (looked: RecordingFacts | "other-recording" | null) =>
    completenessOf(elsewhere, TEMPLATE, () => looked).findings.find(
      ({ requirement }) => requirement === "whole",
    );
  assert.equal(whole(facts)?.status, "met");
  assert.equal(whole(null)?.lack, "not-at-hand");
  assert.equal(whole("other-recording")?.lack, "other-recording");
  assert.equal(whole({ ...facts, hasSound: false })?.lack, "no-sound");
  const pictures = parseTemplate(
    `id = "p"
name = { zh = "照片", en = "Pictures" }
when_disputed = []
[[stages]]
id = "service"
name = { zh = "送达", en = "Service" }
requires = [{ id = "photo", name = { zh = "照片", en = "Photo" }, what = "picture" }]`,
    "p.toml",
  );
  const photos = (record: ActivityRecord, photoSeqs: number[]) =>
    completenessOf(record, pictures, () => ({ ...facts, photoSeqs })).findings[0]?.seqs;
  assert.deepEqual(
    [photos(elsewhere, [70, 71]), photos(FULL, [70, 71]), photos(elsewhere, [])],
    [[9], [70, 71], []],
  );
});
