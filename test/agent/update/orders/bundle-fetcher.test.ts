import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { BundleFetcher, type BundleFetcherParts } from "../../../../agent/update/orders/bundle-fetcher.ts";
import { AgentError } from "../../../../config/base/errors.ts";
import { createLogger } from "../../../../config/base/logger.ts";
import type { OpenedOrder } from "../../../../crypto/proof/update-order.ts";
import { seededRandom, temporaryDirectory } from "../../../support/surroundings.ts";

const BUNDLE = Buffer.from(seededRandom("bundle").bytes(100_000));
const PART_BYTES = 30_000;
const ORDER: OpenedOrder = {
  dev: "*",
  digest: createHash("sha256").update(BUNDLE).digest("hex"),
  bytes: BUNDLE.length,
  version: "1.1.0",
  fromMs: 0,
  untilMs: 1,
  id: "00",
  signer: "updates",
  envelope: "",
};
const { signal } = new AbortController();

/** A unit whose receiver sends parts of `content`. */
function unit(t: TestContext, change: Partial<BundleFetcherParts> = {}, content = BUNDLE) {
  const folder = temporaryDirectory(t);
  const staged = join(folder, "staged.raucb");
  const asked: number[] = [];
  const part = async (digest: string, offset: number) => {
    assert.equal(digest, ORDER.digest);
    asked.push(offset);
    return content.subarray(offset, offset + PART_BYTES);
  };
  const log = createLogger("silent", "test");
  const parts = { staged, part, mayFetch: () => true, freeBytes: () => 1e9, log };
  const fetcher = new BundleFetcher({ ...parts, ...change });
  return { folder, staged, asked, fetcher, parts };
}

test("a bundle comes in parts, and lies there whole", async (t) => {
  const { fetcher, staged, asked, folder } = unit(t);
  assert.equal(await fetcher.fetch(ORDER, signal), true);
  assert.deepEqual(asked, [0, 30_000, 60_000, 90_000]);
  assert.ok(readFileSync(staged).equals(BUNDLE));
  assert.deepEqual(readdirSync(folder), ["staged.raucb"]);
});

test("what was cut off is gone on with by whoever comes next", async (t) => {
  const { parts, asked, staged } = unit(t);
  let left = 2;
  const breaking = async (digest: string, offset: number) => {
    if (left-- === 0) throw new AgentError("no-link", "gone");
    return await parts.part(digest, offset);
  };
  await assert.rejects(new BundleFetcher({ ...parts, part: breaking }).fetch(ORDER, signal), {
    code: "no-link",
  });
  assert.equal(existsSync(staged), false);
  assert.equal(await new BundleFetcher(parts).fetch(ORDER, signal), true);
  assert.deepEqual(asked, [0, 30_000, 60_000, 90_000]);
  assert.ok(readFileSync(staged).equals(BUNDLE));
});

test("what a power cut left of it damaged comes anew", async (t) => {
  const { fetcher, asked, staged, folder } = unit(t);
  writeFileSync(join(folder, `${ORDER.digest}.part`), Buffer.alloc(PART_BYTES));
  assert.equal(await fetcher.fetch(ORDER, signal), false);
  assert.equal(await fetcher.fetch(ORDER, signal), true);
  assert.deepEqual(asked, [30_000, 60_000, 90_000, 0, 30_000, 60_000, 90_000]);
  assert.ok(readFileSync(staged).equals(BUNDLE));
});

test("a unit that is taken out of its dock stops fetching", async (t) => {
  let looks = 0;
  const { fetcher, asked, staged } = unit(t, { mayFetch: () => ++looks < 3 });
  assert.equal(await fetcher.fetch(ORDER, signal), false);
  assert.deepEqual(asked, [0, 30_000]);
  assert.equal(existsSync(staged), false);
});

test("a receiver that has no such bundle, or ends too early, leaves nothing staged", async (t) => {
  for (const content of [Buffer.alloc(0), BUNDLE.subarray(0, 50_000)]) {
    const { fetcher, staged } = unit(t, {}, content);
    assert.equal(await fetcher.fetch(ORDER, signal), false);
    assert.equal(existsSync(staged), false);
  }
});

test("another bundle, or more than the ordered one, is not staged", async (t) => {
  const other = Buffer.from(BUNDLE);
  other[50_000] = (other[50_000] ?? 0) ^ 1;
  const { fetcher, folder } = unit(t, {}, other);
  await assert.rejects(fetcher.fetch(ORDER, signal), { code: "bundle-damaged" });
  assert.deepEqual(readdirSync(folder), []);
  const longer = unit(t, {}, Buffer.concat([BUNDLE, Buffer.alloc(70_000)]));
  assert.equal(await longer.fetcher.fetch(ORDER, signal), true);
  assert.ok(readFileSync(longer.staged).equals(BUNDLE));
});

test("evidence has the room first, and what an earlier order began is thrown away", async (t) => {
  const { folder, parts } = unit(t);
  writeFileSync(join(folder, `${"ab".repeat(32)}.part`), "begun");
  const full = new BundleFetcher({ ...parts, freeBytes: () => BUNDLE.length - 1 });
  await assert.rejects(full.fetch(ORDER, signal), { code: "disk-full" });
  assert.deepEqual(readdirSync(folder), []);
  writeFileSync(join(folder, `${ORDER.digest}.part`), BUNDLE.subarray(0, 1));
  assert.equal(await full.fetch(ORDER, signal), true);
});
