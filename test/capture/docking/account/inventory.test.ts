import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Inventory, inventoryPieces } from "../../../../capture/docking/account/inventory.ts";
import { CardBook } from "../../../../capture/docking/card/card-book.ts";
import { canonicalText, type JsonObject, parseCanonicalText } from "../../../../crypto/bytes/canonical.ts";
import type { Listed } from "../../../../drivers/recorders/recorder-driver.ts";
import { MemoryWriter } from "../../../support/memory-writer.ts";

/** A book of so many files, every fate among them. */
async function bookOf(count: number): Promise<CardBook> {
  const book = new CardBook();
  const listing: Listed[] = Array.from({ length: count }, (_, i) => ({
    kind: "file",
    file: {
      handle: `${i}`,
      path: `DCIM/执法"\\ ${i}.mp4`,
      bytes: i,
      ...(i % 2 === 0 ? {} : { modifiedMs: i }),
    },
  }));
  await book.take([...listing, { kind: "skipped", path: "link", reason: "symlink" }]);
  const known = { rec: "rec-1", fileDigest: "ab".repeat(32), fresh: true };
  const fates = [
    { kind: "pending" },
    { kind: "failed", reason: "read-error" },
    { kind: "imported", ...known },
    { kind: "gone", ...known },
    { kind: "wiped", ...known, receipt: "cd".repeat(32) },
  ] as const;
  for (const [i, entry] of [...book.files()].entries()) entry.fate = fates[i % fates.length] ?? entry.fate;
  return book;
}

describe("an inventory", () => {
  it("is canonical JSON of every file, whatever their number", async () => {
    for (const count of [0, 1, 99, 100, 101, 350]) {
      const pieces = await inventoryPieces({ bay: "3", serial: 'A"1', book: await bookOf(count) });
      const text = Buffer.concat(pieces).toString();
      const whole = parseCanonicalText(text) as JsonObject;
      assert.equal(canonicalText(whole), text);
      assert.equal((whole.files as unknown[]).length, count);
      assert.deepEqual(whole.skipped, [{ path: "link", reason: "symlink" }]);
      assert.deepEqual([whole.v, whole.bay, whole.serial], [1, "3", 'A"1']);
    }
  });

  it("is signed once, and anew when something has changed", async () => {
    const writer = new MemoryWriter();
    const inventory = new Inventory();
    const book = await bookOf(5);
    const about = { bay: "3", serial: "A", book, disk: null };
    const first = await inventory.sign(about, writer);
    assert.equal(await inventory.sign(about, writer), first);
    assert.equal(writer.entries.length, 1);
    for (const entry of book.files()) entry.fate = { kind: "pending" };
    assert.notEqual(await inventory.sign(about, writer), first);
    assert.equal(writer.entries.length, 2);
  });
});
