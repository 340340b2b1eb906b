import { test } from "node:test";
import type { JsonObject } from "../../../../crypto/bytes/canonical.ts";
import type { LedgerMaker } from "../../../support/ledger/ledger-maker.ts";
import { REC, scene } from "../../../support/ledger/scenes.ts";
import { verify } from "../../../support/ledger/tampering.ts";
import { expectVerdict } from "./expect.ts";

/** What entries of an activity say of its template and of recordings elsewhere, ledger-format §5. */

const ACTIVITY = "99999999-2222-4333-8444-555555555555";
const DEV = "ab".repeat(16);
const LEAF = "cd".repeat(32);

function story(change: { open?: JsonObject; template?: JsonObject; ledger?: JsonObject } = {}) {
  return scene((maker: LedgerMaker) => {
    const named = maker.media(Buffer.from("id = 1"));
    const open = { activity: ACTIVITY, kind: "k", title: "t", officers: [], template: "seizure" };
    maker.add({ type: "activity.open", ...open, template_digest: named.digest, ...change.open });
    const text = { activity: ACTIVITY, template: "seizure", mime: "application/toml", ...named };
    maker.add({ type: "activity.template", ...text, ...change.template });
    const link = { type: "activity.link", activity: ACTIVITY, rec: REC, basis: "stated" };
    maker.add({ ...link, ledger: { dev: DEV, seq: 7, leaf: LEAF, ...change.ledger } });
    maker.add({ ...link, ledger: { dev: DEV } });
  });
}

test("control: an activity with its template's text, and recordings of another ledger", () =>
  expectVerdict(verify(story()), "authentic"));

const faults: [name: string, change: Parameters<typeof story>[0]][] = [
  ["a template's digest that is none", { open: { template_digest: "seizure" } }],
  ["a template's text of no template", { template: { template: 7 } }],
  ["a template's text without a digest", { template: { digest: 0 } }],
  ["a device id that is none", { ledger: { dev: "AB".repeat(16) } }],
  ["a leaf that is none", { ledger: { leaf: "cd" } }],
  ["a place that is none", { ledger: { seq: -1 } }],
];
for (const [name, change] of faults)
  test(name, () => expectVerdict(verify(story(change)), "altered", "entry-fields"));

test("a place in another ledger without the leaf that stands there", () => {
  const half = scene((maker) => {
    const link = { type: "activity.link", activity: ACTIVITY, rec: REC, basis: "stated" };
    maker.add({ ...link, ledger: { dev: DEV, seq: 7 } });
  });
  return expectVerdict(verify(half), "altered", "entry-fields");
});
