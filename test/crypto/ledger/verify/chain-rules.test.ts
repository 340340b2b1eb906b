import { test } from "node:test";
import type { JsonObject } from "../../../../crypto/bytes/canonical.ts";
import { DEVICE, LedgerMaker, type Lies, STRANGER } from "../../../support/ledger/ledger-maker.ts";
import { closeWitnessed, heartbeat, recording, scene } from "../../../support/ledger/scenes.ts";
import { verify } from "../../../support/ledger/tampering.ts";
import { TestKey } from "../../../support/ledger/test-keys.ts";
import { expectVerdict } from "./expect.ts";

/** What a device with all its keys must not do to the chain (ledger-format §2, §4): everything is signed. */

/** Changes the body with this seq. */
const at = (seq: number, change: (body: JsonObject) => void): Lies => ({
  body: (body) => {
    if (body.seq === seq) change(body);
  },
});
const time = (body: JsonObject) => body.t as JsonObject;

/** 0 genesis, 1 first, 2 heartbeat, 3 timer epoch, 4 heartbeat, 5 close, 6 boot epoch, 7 device.boot, 8 heartbeat, 9 close. */
function twoRuns(lies: Lies = {}, clean = true) {
  const maker = new LedgerMaker(lies);
  heartbeat(maker);
  maker.epoch("timer");
  heartbeat(maker);
  if (clean) maker.add({ type: "ledger.close", reason: "stop" });
  maker.boot(clean);
  heartbeat(maker);
  return closeWitnessed(maker);
}

test("control: two runs with a rotation and a clean boot", () =>
  expectVerdict(verify(twoRuns()), "authentic"));

test("a boot that says the run before was closed when it was not", () => {
  const lies = at(6, (body) => {
    if (body.type === "device.boot") body.clean = true;
  });
  return expectVerdict(verify(twoRuns(lies, false)), "altered", "boot-claims", 6);
});

const faults: [name: string, code: string, seq: number, change: (body: JsonObject) => void][] = [
  ["another version", "entry-fields", 4, (body) => Object.assign(body, { v: 2 })],
  ["no type", "entry-fields", 4, (body) => delete body.type],
  ["a seq beyond its place", "entry-order", 4, (body) => Object.assign(body, { seq: 5 })],
  ["a wrong prev", "chain-broken", 4, (body) => Object.assign(body, { prev: "0".repeat(64) })],
  ["another dev", "wrong-device", 4, (body) => Object.assign(body, { dev: STRANGER.publicKey.deviceId })],
  ["an epoch number that skips one", "epoch-order", 3, (body) => Object.assign(body, { epoch: 3 })],
  ["an entry of an earlier epoch", "epoch-order", 4, (body) => Object.assign(body, { epoch: 1 })],
  [
    "a rotation to an earlier key",
    "epoch-key-reused",
    3,
    (body) => Object.assign(body, { pub: TestKey.named("epoch 1").publicKey.hex }),
  ],
  [
    "a rotation to the device key",
    "epoch-key-reused",
    3,
    (body) => Object.assign(body, { pub: DEVICE.publicKey.hex }),
  ],
  [
    "a small-order epoch key",
    "bad-public-key",
    3,
    (body) => Object.assign(body, { pub: `01${"00".repeat(31)}` }),
  ],
  ["a second first epoch", "epoch-order", 3, (body) => Object.assign(body, { reason: "first" })],
  ["a boot epoch within a run", "epoch-order", 3, (body) => Object.assign(body, { reason: "boot" })],
  ["a timer epoch that opens a run", "epoch-order", 6, (body) => Object.assign(body, { reason: "timer" })],
  [
    "no device.boot behind the boot epoch",
    "boot-order",
    7,
    (body) => Object.assign(body, { type: "device.other" }),
  ],
  [
    "a monotonic clock that runs backwards",
    "time-backwards",
    4,
    (body) => Object.assign(time(body), { mono_us: 1 }),
  ],
  [
    "an entry behind ledger.close",
    "boot-order",
    6,
    (body) => Object.assign(time(body), { boot: "00000000-0000-4000-8000-000000000000", mono_us: 1e12 }),
  ],
  ["a boot id that is no UUID", "entry-fields", 4, (body) => Object.assign(time(body), { boot: "first" })],
  ["a clock source of its own", "entry-fields", 4, (body) => Object.assign(time(body), { src: "sundial" })],
  [
    "an uncertainty without a source",
    "entry-fields",
    4,
    (body) => Object.assign(time(body), { src: "none" }),
  ],
  ["a second genesis", "entry-order", 4, (body) => Object.assign(body, { type: "ledger.genesis" })],
];
for (const [name, code, seq, change] of faults) {
  test(`${name}`, () => expectVerdict(verify(twoRuns(at(seq, change))), "altered", code, seq));
}

test("a boot id that reappears", () => {
  const lies: Lies = {
    body: (body) => {
      if (Number(body.seq) >= 8)
        Object.assign(time(body), { boot: "00000000-0000-4000-8000-000000000000", mono_us: 1e12 });
    },
  };
  return expectVerdict(verify(twoRuns(lies)), "altered", "boot-order", 8);
});

test("genesis and first epoch in different runs", () => {
  const lies = at(0, (body) => Object.assign(time(body), { boot: "00000000-0000-4000-8000-999999999999" }));
  return expectVerdict(verify(recording(4, lies)), "altered", "boot-order", 1);
});

test("a genesis that is not signed by the key it names", () => {
  const lies: Lies = { signers: (signers, seq) => (seq === 0 ? [STRANGER] : signers) };
  return expectVerdict(verify(recording(4, lies)), "altered", "wrong-signers", 0);
});

test("a boot epoch that the old key signs too", () => {
  const lies: Lies = {
    signers: (signers, seq) => (seq === 6 ? [TestKey.named("epoch 2"), ...signers] : signers),
  };
  return expectVerdict(verify(twoRuns(lies)), "altered", "wrong-signers", 6);
});

test("an unknown type and unknown fields are verified and shown, and no fault", async () => {
  const report = await verify(scene((maker) => maker.add({ type: "device.lamp", colour: "red", level: 3 })));
  await expectVerdict(report, "authentic");
  if (report.notes.unknown_types["device.lamp"] !== 1) throw new Error("it is not shown");
});

test("every boot after a run that was not closed is listed", async () => {
  const report = await verify(twoRuns({}, false));
  await expectVerdict(report, "authentic");
  if (report.notes.unclean_boots.listed[0]?.seq !== 6) throw new Error("it is not listed");
});
