import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { messagesOf } from "../../../../agent/records/sharing/live/messages.ts";
import { mappingOf } from "../../../../agent/records/sharing/view/mapping.ts";
import { visitLedger } from "../../../../crypto/ledger/visit.ts";
import { sharedSchemaOf } from "../../../support/asyncapi.ts";
import { writeEvidence } from "../../../support/ledger/evidence.ts";
import { DEVICE, WITNESS } from "../../../support/ledger/ledger-maker.ts";
import { ACTIVITY, type Case, makeCase, REC } from "../../../support/sharing/case-maker.ts";
import { shareOf } from "../../../support/sharing/share-office.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

const ELSEWHERE = "22222222-2222-4333-8444-555555555555";
const DEV = DEVICE.publicKey.deviceId;

/** What a platform with this configuration is told of a case, all of it cosigned. */
async function told(t: TestContext, toml: string, { maker }: Case = makeCase(), since = 0) {
  maker.checkpoint(WITNESS);
  const dataDir = temporaryDirectory(t);
  writeEvidence(dataDir, maker.evidence());
  const mapping = mappingOf(shareOf(toml));
  return await visitLedger(dataDir, (reader) => {
    const checkpoint = reader.newestCosigned();
    assert.ok(checkpoint !== null);
    return messagesOf(ACTIVITY, { reader, mapping, prefix: "p", since, checkpoint }).map(
      ({ payload }) =>
        JSON.parse(payload.toString()) as { what: string; version: number; data: Record<string, unknown> },
    );
  });
}

const PLATFORM = `[share]
times = "rfc3339"
leave_out = ["officers"]
fetch = "https://office.example/{dev}/{digest}"
[share.fields]
case_no = "案件编号"
title = "taskTitle"
[share.kinds]
inspection = "A0102"
[share.units]
${DEV} = "330106-03"
[share.constants]
areaCode = "330106"
level_no = 2`;

test("a platform is told by its own names, codes and constants, and not what is left out", async (t) => {
  const messages = await told(t, PLATFORM);
  const data = messages.find(({ what }) => what === "activity")?.data ?? {};
  assert.deepEqual(
    [data["案件编号"], data["taskTitle"], data["kind"], data["unit"], data["areaCode"], data["level_no"]],
    ["2026-118", "占道经营检查", "A0102", "330106-03", "330106", 2],
  );
  assert.match(String(data["opened_ms"]), /^2026-11-23T08:00:00\.\d{3}Z$/);
  for (const gone of ["officers", "case_no", "title"]) assert.equal(gone in data, false);
  // nor by the signed bytes
  const proofs = messages.filter(({ what }) => what === "proof");
  assert.ok(
    proofs.length > 0 &&
      proofs.every(({ data: { entry, leaf } }) => entry === undefined && leaf !== undefined),
  );
  assert.equal(JSON.stringify(messages).includes("110042"), false);
  const whole = await told(t, "");
  assert.equal(JSON.stringify(whole).includes("110042"), true);
  const document = messages.find(({ what }) => what === "document")?.data ?? {};
  assert.equal(document["fetch"], `https://office.example/${DEV}/${document["digest"]}`);
});

test("kinds and units that are not listed are not told where only listed ones are", async (t) => {
  const other = PLATFORM.replace("inspection", "patrol").replace(DEV, "ab".repeat(16));
  assert.ok((await told(t, other)).length > 0);
  assert.deepEqual(await told(t, other.replace("[share]", "[share]\nonly_listed_kinds = true")), []);
  assert.deepEqual(await told(t, other.replace("[share]", "[share]\nonly_listed_units = true")), []);
  const both = PLATFORM.replace("[share]", "[share]\nonly_listed_kinds = true\nonly_listed_units = true");
  assert.ok((await told(t, both)).length > 0);
});

test("only what changed since is told, and what does not belong any more is", async (t) => {
  const made = makeCase();
  const unlink = made.maker.add({
    type: "activity.unlink",
    activity: ACTIVITY,
    rec: REC,
    reason: "另一现场",
  });
  const messages = await told(t, "", made, unlink);
  assert.deepEqual(
    messages.map(({ what }) => what),
    ["activity", "recording", "proof", "proof"],
  );
  const [activity, recording] = messages;
  assert.deepEqual(
    [activity?.data["recordings"], recording?.data["basis"], recording?.data["reason"]],
    [0, "unlinked", "另一现场"],
  );
  assert.equal(recording?.version, unlink + 1);
  assert.ok(sharedSchemaOf("recording")(recording));
});

test("a clock's claim that no calendar reaches keeps nothing from being told", () => {
  const { map } = mappingOf(shareOf('[share]\ntimes = "rfc3339"'));
  assert.deepEqual(map({ opened_ms: 0, closed_ms: 9e15 }), {
    opened_ms: "1970-01-01T00:00:00.000Z",
    closed_ms: 9e15,
  });
});

test("an unlinked recording of another ledger is told as one of that ledger", async (t) => {
  const made = makeCase();
  const about = { activity: ACTIVITY, rec: ELSEWHERE };
  const dev = "ab".repeat(16);
  const ledger = { dev, seq: 7, leaf: "cd".repeat(32) };
  made.maker.add({ type: "activity.link", ...about, basis: "stated", ledger });
  const seq = made.maker.add({ type: "activity.unlink", ...about, reason: "r" });
  const recording = (await told(t, "", made, seq)).find(({ what }) => what === "recording");
  assert.deepEqual([recording?.data["basis"], recording?.data["dev"]], ["unlinked", dev]);
});

test("a recording in another ledger is told by its place there", async (t) => {
  const made = makeCase();
  const link = {
    type: "activity.link",
    activity: ACTIVITY,
    rec: ELSEWHERE,
    stage: "closing",
    basis: "stated",
  };
  const ledger = { dev: "ab".repeat(16), seq: 7, leaf: "cd".repeat(32) };
  const seq = made.maker.add({ ...link, ledger });
  const recording = (await told(t, "", made, seq)).find(({ what }) => what === "recording");
  const { dev, start_seq, start_leaf } = recording?.data ?? {};
  assert.deepEqual({ dev, seq: start_seq, leaf: start_leaf }, ledger);
  assert.ok(sharedSchemaOf("recording")(recording));
  assert.equal(
    sharedSchemaOf("recording")({ ...recording, data: { ...recording?.data, start_leaf: "x" } }),
    false,
  );
});

test("what cannot be is refused when the configuration is loaded, with the key that is at fault", () => {
  const refused = (toml: string, what: RegExp) =>
    assert.throws(() => shareOf(toml), { code: "bad-config", message: what });
  assert.equal(shareOf("[share]")?.prefix, "fulltrace-share");
  refused('[share.fields]\ncolour = "c"', /fields\.colour/);
  refused('[share.fields]\ntitle = "place"', /place would be there twice/);
  refused('[share.fields]\ntitle = "x"\nplace = "x"', /x would be there twice/);
  refused('[share.fields]\ntitle = "file"', /file would be there twice/);
  refused('[share.constants]\ntitle = "x"', /title would be there twice/);
  assert.ok(shareOf('[share]\nleave_out = ["title"]\n[share.constants]\ntitle = "x"') !== undefined);
  refused('[share.units]\nnobody = "1"', /share\.units/);
  refused('[share.fields]\ntitle = "a b"', /share\.fields/);
  refused("[share.constants]\nx = 1.5", /share\.constants/);
  refused('[share]\nfetch = "http://h/{digest}"', /share\.fetch/);
  refused('[share]\nfetch = "https://h/"', /share\.fetch/);
  refused('[share]\nprefix = "a/#"', /share\.prefix/);
  refused('[share]\nleave_out = ["colour"]', /leave_out/);
  refused('[share.broker]\nurl = "mqtt://h"\nca_file = "/c"', /share\.broker\.url/);
});
