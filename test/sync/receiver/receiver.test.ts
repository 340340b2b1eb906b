import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createLogger } from "../../../config/base/logger.ts";
import { deviceVkey, formatVkey } from "../../../crypto/keys/vkey.ts";
import { signOrder } from "../../../crypto/proof/update-order.ts";
import type { ReceiverOptions } from "../../../sync/receiver/options.ts";
import { Receiver } from "../../../sync/receiver/receiver.ts";
import { encodeHealth, parseHave, parseNack } from "../../../sync/wire/messages.ts";
import { downTopic, formatSubject, partTopic, upTopic } from "../../../sync/wire/topics.ts";
import { CUSTODY, DEVICE } from "../../support/ledger/ledger-maker.ts";
import { recording } from "../../support/ledger/scenes.ts";
import { DEV, entries, hello, media } from "../../support/receiver/desk-bench.ts";
import { ManualClock, seededRandom, temporaryDirectory } from "../../support/surroundings.ts";
import { type MemoryLink, memoryLinks } from "../../support/sync/memory-link.ts";
import { eventually } from "../../support/waiting.ts";

const ADDRESS = { shard: "north", dev: DEV };
const STRANGER = { shard: "north", dev: "f".repeat(32) };

function options(dataDir: string): ReceiverOptions {
  return {
    dataDir,
    name: "district.example",
    devices: [formatVkey(deviceVkey(DEVICE.publicKey))],
    otherWitnesses: [],
    shard: "north",
    clientId: "receiver-north",
    limits: { openDatabases: 4, creditBytes: 2 ** 20, queuedBytes: 2 ** 26, keepFreeBytes: 0 },
  };
}

async function receiving(t: TestContext, more: Partial<ReceiverOptions> = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), "fulltrace-test-"));
  const { open, links } = memoryLinks();
  const clock = new ManualClock();
  const parts = {
    openLink: open,
    clock,
    random: seededRandom("receiver"),
    log: createLogger("silent", "test"),
  };
  const receiver = await Receiver.open({ ...options(dataDir), ...more }, parts);
  t.after(async () => {
    // first: its thread may still be writing there
    await receiver.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  receiver.start();
  await eventually("a link", () => links.length === 1);
  const linkAt = (n: number) => links.at(n) ?? assert.fail("no link");
  return { dataDir, receiver, clock, links, link: linkAt(0), linkAt };
}

function said(
  link: MemoryLink,
  kind: "have" | "nack" | "receipt" | "cosignature" | "order",
  address = ADDRESS,
): Uint8Array[] {
  const topic = downTopic(address, kind);
  return link.published.filter((message) => message.topic === topic).map(({ payload }) => payload);
}

test("a ledger and its media arrive, and are answered on the device's own topics", async (t) => {
  const evidence = recording(8);
  const { receiver, link, dataDir } = await receiving(t);
  assert.deepEqual(link.session.subscriptions, ["fulltrace/v1/north/+/up/#", "fulltrace/v1/north/+/state"]);
  for (const { subject, payload } of [hello("n1"), entries(evidence), ...media(evidence)]) {
    await link.deliver(upTopic(ADDRESS, subject), payload);
  }
  await eventually("a receipt", () => said(link, "receipt").length === 1);
  assert.ok(said(link, "have").some((have) => parseHave(have).re === "n1"));
  const [device] = receiver.status().devices;
  assert.deepEqual(device?.replica, { size: evidence.entries.length, missing: 0, forks: 0 });
  assert.ok(existsSync(join(dataDir, "devices", DEV, "ledger.db")));
});

test("what a device says of itself is kept for status", async (t) => {
  const { receiver, link, clock } = await receiving(t);
  assert.deepEqual(receiver.status().devices[0], {
    dev: DEV,
    presence: null,
    lastSeenMs: null,
    replica: null,
    health: null,
    counts: {},
    problems: [],
  });
  const health = {
    utcMs: 1,
    recording: true,
    freeBytes: 2,
    backlogBytes: 3,
    backlogEntries: 4,
    oldestMs: 5,
    alarms: [],
  };
  await link.deliver(upTopic(ADDRESS, { kind: "health" }), encodeHealth(health));
  await link.deliver(`fulltrace/v1/north/${DEV}/state`, "online");
  const [device] = receiver.status().devices;
  assert.deepEqual([device?.health, device?.presence, device?.lastSeenMs], [health, "online", clock.utcMs()]);
});

test("a device that says hello is handed the orders that are laid out for it", async (t) => {
  const orders = temporaryDirectory(t);
  const lay = (name: string, dev: string, untilMs: number) => {
    const order = { dev, digest: "ab".repeat(32), bytes: 7, version: "1.2.3", fromMs: 1, untilMs };
    const envelope = signOrder(order, CUSTODY.signer);
    writeFileSync(join(orders, name), `${envelope}\n`);
    return envelope;
  };
  const { receiver, link, clock } = await receiving(t, { orders });
  const endMs = clock.utcMs() + 60_000;
  const mine = [lay("1.json", DEV, endMs), lay("2.json", "*", endMs)];
  lay("3.json", STRANGER.dev, endMs);
  lay("4.json", DEV, clock.utcMs());
  lay("5.txt", DEV, endMs);
  writeFileSync(join(orders, "6.json"), "no order");
  const greet = async (address = ADDRESS) => {
    const { subject, payload } = hello("n");
    await link.deliver(upTopic(address, subject), payload);
  };
  await greet();
  await eventually("orders", () => said(link, "order").length === 2);
  assert.deepEqual(said(link, "order").map(String), mine);
  assert.equal(receiver.status().counts["bad-order"], 1);
  await greet(STRANGER);
  assert.deepEqual(said(link, "order", STRANGER), []);
  // laid out later
  mine.push(lay("7.json", DEV, endMs));
  clock.advance(5_000);
  await greet();
  await eventually("orders", () => said(link, "order").length === 5);
  assert.deepEqual(said(link, "order").slice(2).map(String), mine);
});

test("the bundle of an order that is laid out beside it comes in parts, to whom it was ordered for", async (t) => {
  const orders = temporaryDirectory(t);
  const { link, clock, receiver } = await receiving(t, { orders });
  const bundle = Buffer.from(seededRandom("bundle").bytes(300_000));
  const lay = (name: string, dev: string, digest: string) => {
    const times = { fromMs: 1, untilMs: clock.utcMs() + 60_000 };
    const order = { dev, digest, bytes: bundle.length, version: "1.2.3", ...times };
    writeFileSync(join(orders, `${name}.json`), signOrder(order, CUSTODY.signer));
  };
  const [mine, others, absent] = ["aa", "bb", "cc"].map((pair) => pair.repeat(32)) as [
    string,
    string,
    string,
  ];
  lay("mine", DEV, mine);
  lay("others", STRANGER.dev, others);
  lay("absent", DEV, absent);
  for (const name of ["mine", "others"]) writeFileSync(join(orders, `${name}.raucb`), bundle);
  const ask = async (digest: string, offset: number, address = ADDRESS) => {
    const topic = partTopic(address, digest, offset);
    const answers = () => link.published.filter((message) => message.topic === topic);
    await link.deliver(upTopic(address, { kind: "want", digest, offset }), "");
    return answers;
  };
  const answered = async (digest: string, offset: number) => {
    const answers = await ask(digest, offset);
    await eventually("a part", () => answers().length === 1);
    return Buffer.from(answers()[0]?.payload ?? "none");
  };
  const first = await answered(mine, 0);
  const second = await answered(mine, first.length);
  assert.equal(first.length, 256 * 1024);
  assert.ok(Buffer.concat([first, second]).equals(bundle));
  assert.equal((await answered(mine, bundle.length)).length, 0);
  assert.equal((await answered(others, 0)).length, 0);
  assert.equal((await answered(absent, 0)).length, 0);
  const strangers = await ask(others, 0, STRANGER);
  await eventually("the refusal", () => said(link, "nack", STRANGER).length === 1);
  assert.deepEqual(strangers(), []);
  assert.deepEqual(receiver.status().devices[0]?.counts, {});
});

test("strangers are told that they are not known, and leave nothing behind", async (t) => {
  const { receiver, link, dataDir } = await receiving(t);
  for (const { subject, payload } of [hello("n"), entries(recording(4))]) {
    await link.deliver(upTopic(STRANGER, subject), payload);
  }
  const nacks = said(link, "nack", STRANGER).map(parseNack);
  assert.deepEqual(
    nacks.map(({ code, about }) => [code, about]),
    [
      ["unknown-device", "hello"],
      ["unknown-device", "entries/0"],
    ],
  );
  assert.equal(receiver.status().counts["unknown-device"], 2);
  assert.equal(existsSync(join(dataDir, "devices")), false);
});

test("refusals are counted for each device", async (t) => {
  const { receiver, link } = await receiving(t);
  await link.deliver(upTopic(ADDRESS, { kind: "entries", from: 0 }), "noise");
  await link.deliver(`fulltrace/v1/north/${DEV}/up/nonsense`, "noise");
  await eventually("both refused", () => said(link, "nack").length === 2);
  assert.deepEqual(receiver.status().devices[0]?.counts, { "bad-entry": 2 });
});

test("a flood is cut off by slow-down before it fills the memory", async (t) => {
  const { link, receiver } = await receiving(t);
  const part = Buffer.alloc(2 ** 20);
  const subject = { kind: "media", digest: "ab".repeat(32), offset: 0 } as const;
  await Promise.all(Array.from({ length: 50 }, () => link.deliver(upTopic(ADDRESS, subject), part)));
  const nacks = said(link, "nack").map(parseNack);
  const slow = nacks.filter(({ code }) => code === "slow-down");
  assert.ok(slow.length > 0);
  assert.equal(receiver.status().devices[0]?.counts["slow-down"], slow.length);
  assert.ok(
    slow.every(({ about, retryAfterMs }) => about === formatSubject(subject) && retryAfterMs === 1000),
  );
});

test("a lost link is opened again, and nothing that was taken is lost with it", async (t) => {
  const evidence = recording(8);
  const { receiver, link, links, linkAt, clock } = await receiving(t);
  const { subject, payload } = entries(evidence);
  await link.deliver(upTopic(ADDRESS, subject), payload);
  link.lose();
  await eventually("the loss", () => !receiver.status().linked);
  await eventually("its reason", () => receiver.status().fault?.code === "link-lost");
  await eventually("another link", () => {
    clock.advance(1000);
    return links.length === 2;
  });
  const question = hello("n2");
  await linkAt(-1).deliver(upTopic(ADDRESS, question.subject), question.payload);
  const answer = () =>
    said(linkAt(-1), "have")
      .map(parseHave)
      .find(({ re }) => re === "n2");
  await eventually("an answer", () => answer() !== undefined);
  assert.equal(answer()?.size, evidence.entries.length);
  assert.equal(receiver.status().counts["link-lost"], 1);
});

test("media held within ten seconds of a receipt waits for the next", async (t) => {
  const evidence = recording(8);
  const { link } = await receiving(t);
  const [first, ...others] = media(evidence);
  assert.ok(first);
  for (const { subject, payload } of [entries(evidence), first])
    await link.deliver(upTopic(ADDRESS, subject), payload);
  await eventually("the first receipt", () => said(link, "receipt").length === 1);
  for (const { subject, payload } of others) await link.deliver(upTopic(ADDRESS, subject), payload);
  await eventually("all parts answered", () =>
    said(link, "have").some((have) => parseHave(have).done.has(8)),
  );
  assert.equal(said(link, "receipt").length, 1);
});

test("a second receiver is refused while the first lives, and after its kill -9 takes over at once", async (t) => {
  const { dataDir, receiver } = await receiving(t);
  const { open } = memoryLinks();
  const parts = {
    openLink: open,
    clock: new ManualClock(),
    random: seededRandom("second"),
    log: createLogger("silent", "test"),
  };
  await assert.rejects(Receiver.open(options(dataDir), parts), { code: "store-locked" });
  await receiver.stop();

  const holder = fileURLToPath(new URL("../../support/receiver/lock-holder.js", import.meta.url));
  const child = spawn(process.execPath, [holder, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  await assert.rejects(Receiver.open(options(dataDir), parts), { code: "store-locked" });
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  const third = await Receiver.open(options(dataDir), parts);
  await third.stop();
});
