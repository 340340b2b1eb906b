import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { formatVkey, PLAIN_NOTE, verifierKey } from "../../crypto/keys/vkey.ts";
import { signOrder } from "../../crypto/proof/update-order.ts";
import { Office } from "../support/agents/office.ts";
import { entriesOf } from "../support/ledger/bodies.ts";
import { CUSTODY } from "../support/ledger/ledger-maker.ts";
import { PluggedBoard } from "../support/serial/serial-devices.ts";
import { simulatedBundle } from "../support/update/simulated-rauc.ts";
import { updatingUnit } from "../support/update/updating-unit.ts";
import { eventually } from "../support/waiting.ts";

const WAIT_MS = 60_000;

test("an office lays out order and bundle, and a docked recorder updates itself with nobody there", async (t) => {
  const office = await Office.open(t);
  const { recorder, receiver, layout } = office;
  const board = await PluggedBoard.open(t);
  const slots = await updatingUnit(t, layout.recorder);
  const orders = join(layout.root, "orders");
  mkdirSync(orders);
  // of more than two parts
  const bundle = simulatedBundle("1.1.0", { filling: "x".repeat(600_000) });
  const order = {
    dev: "*",
    digest: createHash("sha256").update(bundle).digest("hex"),
    bytes: bundle.length,
    version: "1.1.0",
    fromMs: Date.now() - 1000,
    untilMs: Date.now() + 600_000,
  };
  writeFileSync(join(orders, "spring.json"), signOrder(order, CUSTODY.signer));
  writeFileSync(join(orders, "spring.raucb"), bundle);
  office.configureReceiver("receiver", { orders });
  office.configure("board", { device: board.path });
  office.configure("recording", { autostart: false });
  const pinned = formatVkey(verifierKey("updates", PLAIN_NOTE, CUSTODY.publicKey));
  office.configure("update", { socket: slots.socket, orders: [pinned] });
  board.device.setBattery({ percent: 90, milliVolts: 4_000, charging: "yes" });
  await receiver.start();
  await recorder.start();

  await eventually("the restart", () => slots.restarts.count === 1, WAIT_MS);
  assert.equal(slots.rauc.held.B?.version, "1.1.0");
  const { dev = "" } = await recorder.call("status", {});
  const replica = join(layout.receiver, "devices", dev);
  const states = () => entriesOf(replica, "device.update").map(({ state }) => state);
  await eventually("what became of it, at the office", () => states().includes("installed"), WAIT_MS);
  assert.deepEqual(states(), ["ordered", "begun", "installed"]);
});
