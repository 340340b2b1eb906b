import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { RangeSet } from "../../../crypto/bytes/ranges.ts";
import { SigningKey } from "../../../crypto/keys/ed25519.ts";
import { readKeyFile } from "../../../crypto/keys/key-file.ts";
import { signCheckpoint } from "../../../crypto/proof/note.ts";
import { seededRandom } from "../../support/surroundings.ts";
import { backlog } from "../../support/sync/backlog.ts";
import { SimulatedExchange } from "../../support/sync/simulated-exchange.ts";

const MINUTE_MS = 60_000;

test("a receiver that has lost data is given it again, and its receipts are doubted", (t) => {
  const { reader } = backlog(t);
  const covered = RangeSet.of([[0, reader.size()]]);
  const exchange = new SimulatedExchange(reader, undefined, { covered, receiptedSize: reader.size() });
  exchange.connect();
  exchange.runUntil("everything there again", () => exchange.receiver.holdsEverything());
  assert.ok(exchange.events.some((event) => event.kind === "receipts-suspended" && event.size === 0));
  assert.deepEqual(exchange.machine.alarms.codes, ["receiver-lost-data"]);
});

/** What a receiver says that holds `size` entries with some other root, showing `note`. */
function contradict(exchange: SimulatedExchange, size: number, note?: string) {
  const checkpoint = note === undefined ? {} : { checkpoint: note };
  exchange.say(exchange.receiver.have({ size, root: Buffer.alloc(32, 7), ...checkpoint }));
}

test("rollback and fork are believed on the device's own signature only", async (t) => {
  const { reader, dataDir } = backlog(t, [40]);
  const own = readKeyFile(join(dataDir, "keys", "device.key"));
  const stranger = SigningKey.generate(seededRandom("stranger"));
  const root = Buffer.alloc(32, 7);
  const cases = [
    ["rolled-back", signCheckpoint({ dev: reader.dev, size: reader.size() + 5, root }, own)],
    ["forked", signCheckpoint({ dev: reader.dev, size: 3, root }, own)],
  ] as const;
  for (const [how, note] of cases) {
    await t.test(how, () => {
      const exchange = new SimulatedExchange(reader);
      exchange.connect();
      exchange.runFor(1_000);
      contradict(exchange, 3, note);
      exchange.runUntil("noticed", () => exchange.events.some(({ kind }) => kind === "contradicted"));
      assert.deepEqual(exchange.events.at(-1), { kind: "contradicted", how, note });
      assert.deepEqual(exchange.machine.alarms.codes, [`ledger-${how}`]);
      const before = exchange.sent.length;
      exchange.runFor(MINUTE_MS);
      assert.equal(exchange.sent.length, before, "nothing more is sent from this ledger");
    });
  }
  for (const [what, note] of [
    ["no note", undefined],
    ["a note of another key", signCheckpoint({ dev: reader.dev, size: reader.size() + 5, root }, stranger)],
    ["a note that agrees with the ledger", reader.newestCheckpoint()?.note],
  ] as const) {
    await t.test(`${what} proves nothing: only checkpoints go until the receiver agrees again`, () => {
      const exchange = new SimulatedExchange(reader);
      exchange.connect();
      exchange.runFor(20);
      contradict(exchange, reader.size() + 5, note);
      exchange.runFor(20);
      assert.deepEqual(exchange.machine.alarms.codes, ["ledger-mismatch"]);
      const before = exchange.sent.length;
      exchange.runFor(MINUTE_MS);
      assert.ok(exchange.sent.slice(before).every(({ kind }) => kind === "checkpoint"));
      exchange.runUntilSettled();
      assert.deepEqual(exchange.machine.alarms.codes, []);
    });
  }
});
