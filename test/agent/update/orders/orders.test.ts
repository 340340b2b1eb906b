import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, it, type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Alarms } from "../../../../agent/alarms.ts";
import { OrderBook } from "../../../../agent/update/orders/order-book.ts";
import { UpdatingClient } from "../../../../agent/update/service/updating-client.ts";
import { Updates } from "../../../../agent/update/updates.ts";
import { createLogger } from "../../../../config/base/logger.ts";
import type { UpdateStep } from "../../../../crypto/entry/ledger-types.ts";
import { PLAIN_NOTE, verifierKey } from "../../../../crypto/keys/vkey.ts";
import { signOrder, type UpdateOrder } from "../../../../crypto/proof/update-order.ts";
import { CUSTODY, STRANGER } from "../../../support/ledger/ledger-maker.ts";
import { ManualClock } from "../../../support/surroundings.ts";
import { simulatedBundle } from "../../../support/update/simulated-rauc.ts";
import { NOTHING_TO_FETCH, updatingUnit } from "../../../support/update/updating-unit.ts";
import { eventually } from "../../../support/waiting.ts";

const DEV = "d".repeat(32);
const DAY_MS = 86_400_000;
const KEYS = [verifierKey("office.example/updates", PLAIN_NOTE, CUSTODY.publicKey)];

/** A unit in its dock that takes orders of one office, over simulated slots; version 1.0.0 runs. */
async function unit(t: TestContext) {
  const slots = await updatingUnit(t);
  const standing = { recording: false, powered: true, batteryPct: 90, receipted: true };
  const clock = new ManualClock();
  const written: UpdateStep[] = [];
  /** What the receiver has of the ordered bundle. */
  const shelf = { content: Buffer.alloc(0), asked: 0 };
  const fetching = {
    ...NOTHING_TO_FETCH,
    mayFetch: () => standing.powered,
    part: async (_digest: string, offset: number) => {
      shelf.asked++;
      return shelf.content.subarray(offset, offset + 20);
    },
  };
  const start = () => {
    const updates = new Updates({
      config: { socket: slots.socket, leastBatteryPct: 50, trialMs: 60_000 },
      dataDir: slots.folder,
      dev: DEV,
      orderKeys: KEYS,
      fetching,
      client: new UpdatingClient(slots.socket),
      standing: async () => ({ ...standing }),
      health: { camera: () => true, ledger: async () => true, receiver: () => true },
      isRecording: () => standing.recording,
      write: async (step) => void written.push(step),
      alarms: new Alarms(clock, createLogger("silent", "test")),
      clock,
      log: createLogger("silent", "test"),
    });
    updates.start();
    t.after(() => updates.stop());
    return updates;
  };
  const updates = start();
  /** Lets time pass, with what follows from it. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 5_000) {
      clock.advance(5_000);
      for (let turns = 0; turns < 20; turns++) await turn();
    }
  };
  const until = async (what: string, condition: () => boolean) =>
    await eventually(what, () => {
      clock.advance(5_000);
      return condition();
    });
  const states = () => written.map(({ state }) => state);
  const told = async () =>
    (await updates.handlers()["update.status"]?.({}, new AbortController().signal))?.orders;
  return { ...slots, standing, clock, written, shelf, updates, start, pass, until, states, told };
}

/** An office's order for what lies in `bundle` now. */
function orderFor(bundle: string, clock: ManualClock, change: Partial<UpdateOrder> = {}, signer = CUSTODY) {
  const content = readFileSync(bundle);
  const order: UpdateOrder = {
    dev: DEV,
    digest: createHash("sha256").update(content).digest("hex"),
    bytes: content.length,
    version: "1.1.0",
    fromMs: clock.utcMs() - 1000,
    untilMs: clock.utcMs() + DAY_MS,
    ...change,
  };
  return signOrder(order, signer.signer);
}

test("an order is signed for, and carried out without anybody there", async (t) => {
  const { bundle, rauc, restarts, written, updates, clock, until, states } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  await updates.takeOrder(orderFor(bundle, clock));
  await until("restart", () => restarts.count === 1);
  assert.equal(rauc.held.B?.version, "1.1.0");
  assert.deepEqual(states(), ["ordered", "begun", "installed"]);
  const [ordered, begun] = written;
  assert.match(ordered?.order ?? "", /^[0-9a-f]{64}$/);
  assert.equal(begun?.order, ordered?.order);
});

test("an order waits for its bundle and for the gate, and says so", async (t) => {
  const { bundle, rauc, restarts, standing, updates, clock, until, pass, states, told } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  const envelope = orderFor(bundle, clock);
  writeFileSync(bundle, simulatedBundle("1.0.5"));
  await updates.takeOrder(envelope);
  await pass(180_000);
  assert.deepEqual(await told(), [
    { version: "1.1.0", until_ms: clock.utcMs() + DAY_MS - 180_000, staged: false },
  ]);
  Object.assign(standing, { powered: false });
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  await pass(180_000);
  assert.equal((await told())?.[0]?.staged, true);
  assert.deepEqual([states(), rauc.held.B], [["ordered"], null]);
  Object.assign(standing, { powered: true });
  await until("restart", () => restarts.count === 1);
  assert.deepEqual(await told(), []);
});

test("an order has its bundle fetched, and carried out, while the unit is docked", async (t) => {
  const { bundle, rauc, restarts, shelf, standing, updates, clock, until, pass, states } = await unit(t);
  const content = simulatedBundle("1.1.0");
  writeFileSync(bundle, content);
  const envelope = orderFor(bundle, clock);
  rmSync(bundle);
  Object.assign(standing, { powered: false });
  Object.assign(shelf, { content: Buffer.from(content) });
  await updates.takeOrder(envelope);
  await pass(180_000);
  assert.equal(shelf.asked, 0);
  Object.assign(standing, { powered: true });
  await until("restart", () => restarts.count === 1);
  assert.equal(shelf.asked, Math.ceil(content.length / 20));
  assert.equal(rauc.held.B?.version, "1.1.0");
  assert.deepEqual(states(), ["ordered", "begun", "installed"]);
});

test("an order for which another bundle was laid out ends there", async (t) => {
  const { bundle, shelf, updates, clock, until, written, states, pass } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  const envelope = orderFor(bundle, clock);
  rmSync(bundle);
  Object.assign(shelf, { content: Buffer.from(simulatedBundle("1.2.0")) });
  await updates.takeOrder(envelope);
  await until("refusal", () => states().at(-1) === "refused");
  assert.equal(written.at(-1)?.reason, "bundle-damaged");
  const { asked } = shelf;
  await pass(180_000);
  assert.equal(shelf.asked, asked);
});

test("an order waits for its time", async (t) => {
  const { bundle, restarts, updates, clock, until, pass, states } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  await updates.takeOrder(orderFor(bundle, clock, { fromMs: clock.utcMs() + 600_000 }));
  await pass(500_000);
  assert.deepEqual(states(), ["ordered"]);
  await until("restart", () => restarts.count === 1);
});

test("an order that comes again, or after it was tried, is nothing new", async (t) => {
  const { bundle, rauc, updates, clock, until, start, pass, states } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0", { compatible: "fulltrace-recorder-other" }));
  const envelope = orderFor(bundle, clock);
  for (let time = 0; time < 3; time++) await updates.takeOrder(envelope);
  await until("refusal", () => states().at(-1) === "refused");
  assert.deepEqual(states(), ["ordered", "begun", "refused"]);
  await updates.stop();
  const later = start();
  await later.takeOrder(envelope);
  await pass(300_000);
  assert.equal(states().length, 3);
  assert.equal(rauc.held.B, null);
});

test("an order for what RAUC refuses, or for another version than the bundle's, ends there", async (t) => {
  const faults = [
    [simulatedBundle("1.1.0", { signed: false }), "bundle-unsigned"],
    [simulatedBundle("1.0.9"), "order-other-bundle"],
  ] as const;
  for (const [content, code] of faults) {
    const { bundle, updates, clock, until, states, written, told } = await unit(t);
    writeFileSync(bundle, content);
    await updates.takeOrder(orderFor(bundle, clock));
    await until("refusal", () => states().at(-1) === "refused");
    assert.equal(written.at(-1)?.reason, code);
    assert.deepEqual(await told(), []);
  }
});

test("an order for the version that runs is done", async (t) => {
  const { bundle, rauc, updates, clock, pass, states, told } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.0.0"));
  await updates.takeOrder(orderFor(bundle, clock, { version: "1.0.0" }));
  await eventuallyNone(told, pass);
  assert.deepEqual([states(), rauc.held.B], [["ordered"], null]);
});

async function eventuallyNone(
  told: () => Promise<readonly unknown[] | undefined>,
  pass: (ms: number) => Promise<void>,
): Promise<void> {
  for (let minutes = 0; minutes < 20; minutes++) {
    if ((await told())?.length === 0) return;
    await pass(60_000);
  }
  assert.fail("the order still waits");
}

describe("what is no order for this unit is refused, and not kept", () => {
  const faults: [string, (bundle: string, clock: ManualClock) => string][] = [
    ["order-not-ours", (bundle, clock) => orderFor(bundle, clock, { dev: "e".repeat(32) })],
    ["order-expired", (bundle, clock) => orderFor(bundle, clock, { untilMs: clock.utcMs() })],
    ["unknown-order-key", (bundle, clock) => orderFor(bundle, clock, {}, STRANGER)],
    ["bad-order", () => "{}"],
  ];
  for (const [code, make] of faults)
    it(code, async (t) => {
      const { bundle, updates, clock, written, told } = await unit(t);
      writeFileSync(bundle, simulatedBundle("1.1.0"));
      await assert.rejects(updates.takeOrder(make(bundle, clock)), { code });
      assert.deepEqual([await told(), written], [[], []]);
    });
});

describe("the book of orders", () => {
  const book = (folder: string, clock: ManualClock, keys = KEYS) =>
    new OrderBook({ dataDir: folder, dev: DEV, keys, utcMs: () => clock.utcMs() });

  it("has room for so many, and room again when they have run out", async (t) => {
    const { bundle, folder, clock } = await unit(t);
    writeFileSync(bundle, simulatedBundle("1.1.0"));
    const orders = book(folder, clock);
    const take = (n: number) => orders.take(orderFor(bundle, clock, { bytes: n }));
    for (let n = 1; n <= 16; n++) take(n);
    assert.throws(() => take(17), { code: "too-many-orders" });
    clock.advance(2 * DAY_MS);
    assert.deepEqual(orders.open(), []);
    assert.throws(() => take(17), { code: "too-many-orders" });
    clock.advance(40 * DAY_MS);
    take(17);
    assert.equal(orders.open().length, 1);
  });

  it("forgets no order that was used while it could come again, and none of a key that is not pinned now", async (t) => {
    const { bundle, folder, clock } = await unit(t);
    writeFileSync(bundle, simulatedBundle("1.1.0"));
    const envelope = orderFor(bundle, clock);
    const order = book(folder, clock).take(envelope);
    assert.ok(order !== null);
    assert.deepEqual(book(folder, clock, []).open(), []);
    book(folder, clock).use(order);
    assert.equal(book(folder, clock).take(envelope), null);
    assert.deepEqual(book(folder, clock).open(), []);
  });

  it("puts the newest version first", async (t) => {
    const { bundle, folder, clock } = await unit(t);
    writeFileSync(bundle, simulatedBundle("1.1.0"));
    for (const version of ["1.9.0", "1.10.0", "1.2.0"])
      book(folder, clock).take(orderFor(bundle, clock, { version }));
    assert.deepEqual(
      book(folder, clock)
        .open()
        .map(({ version }) => version),
      ["1.10.0", "1.9.0", "1.2.0"],
    );
  });
});
