import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Alarms } from "../../../agent/alarms.ts";
import { ControlServer } from "../../../agent/control/server.ts";
import { UpdatingClient } from "../../../agent/update/service/updating-client.ts";
import { Updates } from "../../../agent/update/updates.ts";
import { systemClock } from "../../../config/base/clock.ts";
import { Counters } from "../../../config/base/counters.ts";
import { createLogger } from "../../../config/base/logger.ts";
import { PLAIN_NOTE, parseVkey, verifierKey } from "../../../crypto/keys/vkey.ts";
import { openOrder, signOrder } from "../../../crypto/proof/update-order.ts";
import { CUSTODY } from "../../support/ledger/ledger-maker.ts";
import { ManualClock, seededRandom, temporaryDirectory } from "../../support/surroundings.ts";
import { simulatedBundle } from "../../support/update/simulated-rauc.ts";
import { NOTHING_TO_FETCH, updatingUnit } from "../../support/update/updating-unit.ts";
import { fulltrace } from "./command-line.ts";

const DEV = "d".repeat(32);
const log = createLogger("silent", "test");
const noRauc = ["rauc", "mksquashfs", "openssl"].find((tool) => spawnSync(tool, ["-h"]).error !== undefined);

/** A running unit's control socket, over simulated slots. */
async function unit(t: TestContext) {
  const slots = await updatingUnit(t);
  const standing = { recording: false, powered: true, batteryPct: 90, receipted: true };
  const updates = new Updates({
    config: { socket: slots.socket, leastBatteryPct: 50, trialMs: 60_000 },
    dataDir: slots.folder,
    dev: DEV,
    orderKeys: [verifierKey("updates", PLAIN_NOTE, CUSTODY.publicKey)],
    fetching: NOTHING_TO_FETCH,
    client: new UpdatingClient(slots.socket),
    standing: async () => ({ ...standing }),
    health: { camera: () => true, ledger: async () => true, receiver: () => true },
    isRecording: () => standing.recording,
    write: async () => {},
    alarms: new Alarms(systemClock, log),
    // nothing restarts or is carried out by itself
    clock: new ManualClock(Date.now()),
    log,
  });
  const control = await ControlServer.listen({
    dataDir: slots.folder,
    handlers: updates.handlers(),
    log,
    counters: new Counters(),
  });
  t.after(async () => {
    await control.close();
    await updates.stop();
  });
  const update = (...args: string[]) => fulltrace(["update", ...args, "--data", slots.folder]);
  const offered = join(temporaryDirectory(t), "offered.raucb");
  return { ...slots, standing, update, offered };
}

function orderFor(content: string, change: object = {}): string {
  const order = {
    dev: DEV,
    digest: createHash("sha256").update(content).digest("hex"),
    bytes: content.length,
    version: "1.1.0",
    fromMs: Date.now() - 1000,
    untilMs: Date.now() + 600_000,
    ...change,
  };
  return signOrder(order, CUSTODY.signer);
}

test("a technician sees all that is in the way, in both languages, and nothing is written", async (t) => {
  const { update, standing, offered, bundle, rauc } = await unit(t);
  writeFileSync(offered, simulatedBundle("1.1.0"));
  Object.assign(standing, { powered: false, batteryPct: 20 });
  const told = JSON.parse((await update("status", "--json")).stdout);
  assert.deepEqual(told.obstacles, ["not-docked", "battery-low"]);
  assert.match((await update("status")).stdout, /no power from outside; its battery is low/);
  assert.match((await update("status", "--lang", "zh")).stdout, /未入仓）；电量不足/);
  const refused = await update("install", offered);
  assert.equal(refused.exit, 1);
  assert.match(refused.stderr, /update-blocked/);
  assert.equal(statSync(bundle, { throwIfNoEntry: false }), undefined);
  assert.equal(rauc.held.B, null);
});

test("a bundle that is handed over is installed", async (t) => {
  const { update, offered, rauc } = await unit(t);
  writeFileSync(offered, simulatedBundle("1.1.0"));
  const { stdout, exit } = await update("install", offered, "--json");
  assert.deepEqual([JSON.parse(stdout), exit], [{ version: "1.1.0" }, 0]);
  assert.equal(rauc.held.B?.version, "1.1.0");
  assert.match((await update("status")).stdout, /on trial\s+1\.1\.0/);
});

test("what is refused is told with its code and the next step", async (t) => {
  const { update, offered, rauc } = await unit(t);
  writeFileSync(offered, simulatedBundle("1.1.0", { signed: false }));
  const { stderr, exit } = await update("install", offered);
  assert.match(stderr, /bundle-unsigned/);
  assert.equal(exit, 1);
  assert.match((await update("install", `${offered}.none`)).stderr, /bundle-missing/);
  assert.equal(rauc.held.B, null);
});

test("a bundle and its order are staged together; an order that is refused leaves nothing behind", async (t) => {
  const { update, offered, bundle } = await unit(t);
  const content = simulatedBundle("1.1.0");
  writeFileSync(offered, content);
  const paper = `${offered}.json`;
  writeFileSync(paper, `${orderFor(content, { dev: "e".repeat(32) })}\n`);
  const refused = await update("stage", offered, "--order", paper);
  assert.match(refused.stderr, /order-not-ours/);
  assert.equal(statSync(bundle, { throwIfNoEntry: false }), undefined);
  writeFileSync(paper, `${orderFor(content)}\n`);
  const { orders } = JSON.parse((await update("stage", offered, "--order", paper, "--json")).stdout);
  assert.deepEqual(
    orders.map(({ version, staged }: { version: string; staged: boolean }) => [version, staged]),
    [["1.1.0", true]],
  );
  assert.equal(readFileSync(bundle, "utf8"), content);
  assert.match((await update("status")).stdout, /ordered: 1\.1\.0, .* when nothing is in the way/);
  assert.match((await update("status", "--lang", "zh")).stdout, /已下令：1\.1\.0/);
});

const skip = noRauc !== undefined && `NOT RUN: ${noRauc} is not installed`;
test("an office looks at a bundle, signs an order for it, and learns what units must pin", {
  skip,
}, async (t) => {
  const folder = temporaryDirectory(t);
  const at = (name: string) => join(folder, name);
  mkdirSync(at("content"));
  writeFileSync(at("content/root.ext4"), seededRandom("root").bytes(40_000));
  const manifest =
    "[update]\ncompatible=test\nversion=1.2.3\n[bundle]\nformat=verity\n[image.rootfs]\nfilename=root.ext4\n";
  writeFileSync(at("content/manifest.raucm"), manifest);
  const signer = "req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=office".split(" ");
  const quiet = { stdio: "pipe" } as const;
  execFileSync("openssl", [...signer, "-keyout", at("ca.key"), "-out", at("ca.pem")], quiet);
  const bundle = at("spring.raucb");
  execFileSync(
    "rauc",
    ["bundle", `--cert=${at("ca.pem")}`, `--key=${at("ca.key")}`, at("content"), bundle],
    quiet,
  );
  execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", at("orders.key")], quiet);
  const sign = (...more: string[]) =>
    fulltrace(["update", "order", bundle, "--key", at("orders.key"), ...more]);
  const { stdout, stderr, exit } = await sign("--days", "2");
  assert.equal(exit, 0);
  const vkey = parseVkey(/orders = \["([^"]+)"\]/.exec(stderr)?.[1] ?? "");
  const order = openOrder(stdout.trimEnd(), [vkey]);
  assert.deepEqual(
    [order.dev, order.version, order.bytes, order.digest, order.untilMs - order.fromMs],
    [
      "*",
      "1.2.3",
      statSync(bundle).size,
      createHash("sha256").update(readFileSync(bundle)).digest("hex"),
      2 * 86_400_000,
    ],
  );
  assert.equal(openOrder((await sign("--device", DEV)).stdout.trimEnd(), [vkey]).dev, DEV);
  const look = (keyring: string) => fulltrace(["update", "check", bundle, "--keyring", keyring, "--json"]);
  assert.deepEqual(JSON.parse((await look(at("ca.pem"))).stdout), {
    compatible: "test",
    version: "1.2.3",
    minimum_version: "1.2.3",
    bytes: order.bytes,
    sha256: order.digest,
  });
  assert.match((await look(at("content/manifest.raucm"))).stderr, /bundle-unsigned/);
  assert.match((await sign("--device", "recorder-7")).stderr, /bad-order/);
  assert.match(
    (await fulltrace(["update", "order", at("ca.pem"), "--key", at("orders.key")])).stderr,
    /bundle-damaged/,
  );
});
