import assert from "node:assert/strict";
import { test } from "node:test";
import { Admission } from "../../../../capture/import/turns/admission.ts";
import { Preferences } from "../../../../capture/import/turns/preferences.ts";

function hall(places: number) {
  const preferences = new Preferences();
  const admission = new Admission(places, preferences);
  const entered: string[] = [];
  const come = (serial: string, path: string) =>
    admission
      .enter({ serial, path }, new AbortController().signal)
      .then(() => void entered.push(`${serial}/${path}`));
  return { preferences, admission, entered, come };
}

const settled = () => new Promise(setImmediate);

test("no more files are open than there are places; who has fewest open comes next", async () => {
  const { admission, entered, come } = hall(3);
  for (const path of ["1", "2", "3", "4"]) void come("a", path);
  void come("b", "1");
  await settled();
  assert.deepEqual(entered, ["a/1", "a/2", "a/3"]);
  admission.leave({ serial: "a" });
  await settled();
  assert.deepEqual(entered.slice(3), ["b/1"]);
  assert.equal(admission.waiting, 1);
});

test("a preferred file does not wait for a place, but the places beyond the limit are few", async () => {
  const { admission, preferences, entered, come } = hall(1);
  void come("a", "1");
  for (const path of ["1", "2", "3", "4", "5", "6"]) void come("b", path);
  preferences.prefer({ serial: "b" });
  admission.letIn();
  await settled();
  assert.deepEqual(entered, ["a/1", "b/1", "b/2", "b/3", "b/4"]);
});

test("who is sent away or gives up does not take a place", async () => {
  const { admission, entered, come } = hall(1);
  await come("a", "1");
  const sentAway = assert.rejects(come("b", "1"), { message: "undocked" });
  const gaveUp = new AbortController();
  const givingUp = assert.rejects(admission.enter({ serial: "c" }, gaveUp.signal), { message: "enough" });
  void come("d", "1");
  admission.refuse(new Error("undocked"), "b");
  gaveUp.abort(new Error("enough"));
  await Promise.all([sentAway, givingUp]);
  admission.leave({ serial: "a" });
  await settled();
  assert.deepEqual(entered, ["a/1", "d/1"]);
  await assert.rejects(admission.enter({ serial: "e" }, gaveUp.signal), { message: "enough" });
});

test("more than can wait are told to come later", async () => {
  const { admission, come } = hall(1);
  for (let n = 0; n <= 1024; n++) come("a", `${n}`).catch(() => {});
  await assert.rejects(come("a", "one more"), { code: "import-queue-full" });
  admission.refuse(new Error("over"));
  assert.equal(admission.waiting, 0);
});
