import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { UpdatingClient } from "../../../../agent/update/service/updating-client.ts";
import { simulatedBundle } from "../../../support/update/simulated-rauc.ts";
import { updatingUnit } from "../../../support/update/updating-unit.ts";

async function unit(t: TestContext) {
  const unit = await updatingUnit(t);
  return { ...unit, client: new UpdatingClient(unit.socket) };
}

test("a unit tells its slots, its version and what it may not go below", async (t) => {
  const { client } = await unit(t);
  const { slots, version, minimumVersion } = await client.status();
  assert.equal(version, "1.0.0");
  assert.equal(minimumVersion, "0.0.0");
  assert.deepEqual(
    slots.map(({ name, booted, good }) => [name, booted, good]),
    [
      ["A", true, true],
      ["B", false, true],
    ],
  );
});

test("the staged bundle is looked at and installed, and no other can be named", async (t) => {
  const { client, bundle, rauc, ask } = await unit(t);
  await assert.rejects(client.inspect(), { code: "bundle-missing" });
  writeFileSync(bundle, simulatedBundle("1.1.0"));
  assert.equal((await client.inspect()).version, "1.1.0");
  await client.install();
  assert.equal(rauc.held.B?.version, "1.1.0");
  for (const order of [{ do: "install", path: "/tmp/x" }, { do: "erase" }, {}, []])
    assert.match(await ask(order), /"code":"bad-request"/);
});

test("what is unsigned or for another board is refused with its code", async (t) => {
  const { client, bundle, rauc } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.1.0", { signed: false }));
  await assert.rejects(client.install(), { code: "bundle-unsigned" });
  writeFileSync(bundle, simulatedBundle("1.1.0", { compatible: "fulltrace-recorder-other" }));
  await assert.rejects(client.install(), { code: "bundle-other-board" });
  assert.equal(rauc.held.B, null);
});

test("a version that ran well decides for good what may still follow it", async (t) => {
  const { client, bundle, rauc, minimum } = await unit(t);
  writeFileSync(bundle, simulatedBundle("1.3.0", { description: "minimum-version=1.2.0" }));
  await client.install();
  // not before it has shown that it runs
  await client.good();
  assert.equal((await client.status()).minimumVersion, "0.0.0");
  rauc.booted = "B";
  await client.good();
  assert.equal((await client.status()).minimumVersion, "1.2.0");
  assert.equal(readFileSync(minimum, "utf8"), "1.2.0\n");
  writeFileSync(bundle, simulatedBundle("1.1.9"));
  await assert.rejects(client.install(), { code: "bundle-too-old" });
  // a step back that stays above it is none of its business
  writeFileSync(bundle, simulatedBundle("1.2.0"));
  await client.install();
  rauc.booted = "A";
  await client.good();
  assert.equal((await client.status()).minimumVersion, "1.2.0");
});

test("a minimum that cannot be read lets nothing through", async (t) => {
  const { client, bundle, minimum, rauc } = await unit(t);
  writeFileSync(bundle, simulatedBundle("9.0.0"));
  writeFileSync(minimum, "newest\n");
  await assert.rejects(client.install(), { code: "update-failed" });
  assert.equal(rauc.held.B, null);
});

test("without the service a unit says where it looked", async (t) => {
  const { socket } = await unit(t);
  const client = new UpdatingClient(`${socket}.absent`);
  assert.equal(existsSync(`${socket}.absent`), false);
  await assert.rejects(client.status(), { code: "update-failed", place: /absent/ });
});
