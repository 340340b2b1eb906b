import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Range, RangeSet } from "../../../crypto/bytes/ranges.ts";
import type { OpenedReceipt } from "../../../crypto/proof/receipt.ts";
import { ReceiptTrust } from "../../../sync/device/receipt-trust.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

function receipt(name: string, size: number, ...media: Range[]): OpenedReceipt {
  const digest = Buffer.alloc(32, name);
  const about = {
    dev: "5d".repeat(16),
    root: Buffer.alloc(32),
    storedMs: 0,
    receiver: "district.example/custody",
  };
  return { ...about, size, media: RangeSet.of(media), digest, envelope: "" };
}

const authorises = (trust: ReceiptTrust, { digest, size }: OpenedReceipt) =>
  trust.authorises({ digest: digest.toString("hex"), size });

const early = receipt("early", 50, [0, 50]);
const late = receipt("late", 100, [50, 100]);
const covered = RangeSet.of([[0, 100]]);

test("receipts authorise purges until the receiver is known to have lost data", (t) => {
  const trust = ReceiptTrust.open(temporaryDirectory(t));
  assert.equal(trust.suspendedAbove, null);
  assert.ok(authorises(trust, early) && authorises(trust, late));
  trust.suspendAbove(60);
  assert.equal(authorises(trust, early), true, "not above what is held");
  assert.equal(authorises(trust, late), false);
  trust.suspendAbove(40);
  assert.equal(authorises(trust, early), false, "less is held than was thought");
  trust.suspendAbove(90);
  assert.equal(trust.suspendedAbove, 40, "having the entries again is not having the media again");
});

test("doubt survives a restart, and ends when every covered seq is renewed", (t) => {
  const directory = temporaryDirectory(t);
  ReceiptTrust.open(directory).suspendAbove(0);
  const trust = ReceiptTrust.open(directory);
  assert.equal(authorises(trust, late), false);
  trust.renew(late, covered);
  assert.equal(authorises(trust, late), true);
  const again = ReceiptTrust.open(directory);
  assert.equal(authorises(again, late), true);
  assert.equal(authorises(again, early), false);
  again.renew(early, covered);
  assert.equal(again.suspendedAbove, null);
  assert.deepEqual(readdirSync(directory), []);
});

test("a damaged file is an error, not an end of doubt", (t) => {
  const directory = temporaryDirectory(t);
  ReceiptTrust.open(directory).suspendAbove(0);
  const [file] = readdirSync(directory);
  writeFileSync(join(directory, file as string), "{");
  assert.throws(() => ReceiptTrust.open(directory), { code: "receipt-trust-unreadable" });
  writeFileSync(join(directory, file as string), "{}");
  assert.throws(() => ReceiptTrust.open(directory), { code: "receipt-trust-unreadable" });
});
