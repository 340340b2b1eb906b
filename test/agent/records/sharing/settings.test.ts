import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { mappingOf } from "../../../../agent/records/sharing/view/mapping.ts";
import { settingsDigest } from "../../../../config/digest.ts";
import { Platform } from "../../../support/sharing/platform.ts";
import { DEV, linksTo, office, shareOf } from "../../../support/sharing/share-office.ts";

const OTHER_DEV = "ab".repeat(16);

/** A platform that was told a case, and what it is told by a later run with other settings. */
async function toldBefore(t: TestContext) {
  const { dataDir, receive, sharing, until, rounds } = office(t);
  const platform = await Platform.open(t);
  receive();
  /** One run with these settings, until it has nothing more to tell. */
  const run = async (toml: string) => {
    platform.taken.length = 0;
    const sharer = sharing(linksTo(platform), shareOf(`[share]\nprefix = "cg"\n${toml}`));
    const before = rounds();
    await until("a whole round", () => rounds() >= before + 2 && sharer.status().waiting === 0);
    const { published } = sharer.status();
    await sharer.stop();
    return { published, messages: platform.told() };
  };
  const file = join(dataDir, "share", `${DEV}.json`);
  const cursor = (): { size: number; settings?: string } => JSON.parse(readFileSync(file, "utf8"));
  return { run, file, cursor };
}

const activityIn = (messages: Record<string, unknown>[]) =>
  messages.find(({ what }) => what === "activity") as { version: number; data: Record<string, unknown> };

test("a changed name or code is told anew, with the same version; settings that say the same are not", async (t) => {
  const { run, cursor } = await toldBefore(t);
  const first = await run('leave_out = ["case_no", "by"]\n[share.fields]\ntitle = "t"\nplace = "p"');
  assert.ok(first.published > 3);
  assert.equal(activityIn(first.messages).data["t"], "占道经营检查");

  const same = await run('leave_out = ["by", "case_no"]\n[share.fields]\nplace = "p"\ntitle = "t"');
  assert.equal(same.published, 0);
  const elsewhere = '[share.broker]\nurl = "mqtt://elsewhere"\n';
  const reached = await run(
    `leave_out = ["by", "case_no"]\n[share.fields]\nplace = "p"\ntitle = "t"\n${elsewhere}`,
  );
  assert.equal(reached.published, 0, "how the broker is reached is none of its settings");

  const { size } = cursor();
  const changed = await run(
    'leave_out = ["case_no", "by"]\n[share.fields]\ntitle = "taskTitle"\nplace = "p"',
  );
  assert.equal(changed.published, first.published);
  assert.equal(cursor().size, size);
  assert.equal(activityIn(changed.messages).data["taskTitle"], "占道经营检查");
  assert.equal(activityIn(changed.messages).version, activityIn(first.messages).version);
  const keys = ({ messages }: typeof first) => messages.map(({ key, version }) => `${key} ${version}`);
  assert.deepEqual(keys(changed), keys(first));
});

test("a unit's code is told anew of its own device alone; a kind that was not told before is told", async (t) => {
  const { run } = await toldBefore(t);
  const listed = "only_listed_kinds = true\n";
  assert.equal((await run(`${listed}[share.kinds]\npatrol = "A1"`)).published, 0);
  const kinds = `${listed}[share.kinds]\npatrol = "A1"\ninspection = "A2"\n`;
  const told = await run(kinds);
  assert.equal(activityIn(told.messages).data["kind"], "A2");
  assert.equal((await run(`${kinds}[share.units]\n${OTHER_DEV} = "330106-04"`)).published, 0);
  const units = await run(`${kinds}[share.units]\n${OTHER_DEV} = "330106-04"\n${DEV} = "330106-03"`);
  assert.equal(units.published, told.published);
  assert.equal(activityIn(units.messages).data["unit"], "330106-03");
});

test("a file that does not say by which settings it was told is no reason to skip anything", async (t) => {
  const { run, file, cursor } = await toldBefore(t);
  const { published } = await run("");
  const { size, settings } = cursor();
  assert.match(settings ?? "", /^[0-9a-f]{64}$/);
  writeFileSync(file, JSON.stringify({ v: 1, size }));
  assert.equal((await run("")).published, published);
  assert.deepEqual(cursor(), { v: 1, size, settings });
  assert.equal((await run("")).published, 0);
});

test("each setting that decides what is told is in the digest", () => {
  const digest = (toml: string) => settingsDigest(mappingOf(shareOf(`[share]\n${toml}`)).settingsFor(DEV));
  const settings = [
    'times = "rfc3339"',
    "only_listed_kinds = true",
    "only_listed_units = true",
    'leave_out = ["wearer"]',
    'fetch = "https://h/{digest}"',
    '[share.fields]\ntitle = "t"',
    '[share.kinds]\ninspection = "A"',
    `[share.units]\n${DEV} = "U"`,
    '[share.constants]\narea = "330106"',
    "[share.constants]\narea = 330106",
  ];
  const plain = digest("");
  assert.equal(plain, settingsDigest(mappingOf().settingsFor(DEV)), "no [share] at all is the same");
  assert.equal(new Set([plain, ...settings.map(digest)]).size, settings.length + 1);
});
