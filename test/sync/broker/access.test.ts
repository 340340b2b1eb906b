import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPublish, maySubscribe, type Principal, principalOf } from "../../../sync/broker/access.ts";

const DEV = "5d".repeat(16);
const OTHER = "0e".repeat(16);
const device: Principal = { role: "device", dev: DEV };
const receiver: Principal = { role: "receiver" };
const probe: Principal = { role: "probe", dev: DEV };

function mayPublish(principal: Principal, topic: string, retain = false): boolean {
  try {
    checkPublish(principal, "main", topic, retain);
    return true;
  } catch {
    return false;
  }
}

test("a name is a device's own id, or a receiver's", () => {
  assert.deepEqual(principalOf(DEV, DEV, []), device);
  assert.deepEqual(principalOf("district", "anything", ["district"]), receiver);
  // its name is proven, or is what it says
  assert.deepEqual(principalOf(DEV, `${DEV}-probe`, []), probe);
  assert.deepEqual(principalOf(`${DEV}-probe`, `${DEV}-probe`, []), probe);
  for (const [name, clientId] of [
    [DEV, OTHER],
    [OTHER, `${DEV}-probe`],
    [`${DEV}-probe`, DEV],
    [DEV, `${DEV}-probe2`],
    ["district", "district"],
    ["", ""],
  ] as const) {
    assert.throws(() => principalOf(name, clientId, ["county"]), { code: "unknown-client" });
  }
});

test("who may write what", () => {
  const rows: [Principal, string, boolean][] = [
    [device, `fulltrace/v1/main/${DEV}/up/hello`, true],
    [device, `fulltrace/v1/main/${DEV}/up/entries/7`, true],
    [device, `fulltrace/v1/main/${DEV}/state`, true],
    [device, `fulltrace/v1/main/${DEV}/up/anything`, false],
    [device, `fulltrace/v1/main/${DEV}/down/have`, false],
    [device, `fulltrace/v1/main/${OTHER}/up/hello`, false],
    [device, `fulltrace/v1/main/${OTHER}/state`, false],
    [device, `fulltrace/v1/north/${DEV}/up/hello`, false],
    [device, "$SYS/broker", false],
    [device, `fulltrace/v1/main/${DEV}/probe`, false],
    [probe, `fulltrace/v1/main/${DEV}/probe`, true],
    [probe, `fulltrace/v1/main/${OTHER}/probe`, false],
    [probe, `fulltrace/v1/north/${DEV}/probe`, false],
    [probe, `fulltrace/v1/main/${DEV}/up/hello`, false],
    [probe, `fulltrace/v1/main/${DEV}/state`, false],
    [receiver, `fulltrace/v1/main/${DEV}/down/have`, true],
    [receiver, `fulltrace/v1/main/${OTHER}/down/receipt`, true],
    [receiver, `fulltrace/v1/main/${DEV}/up/hello`, false],
    [receiver, `fulltrace/v1/main/${DEV}/state`, false],
    [receiver, `fulltrace/v1/north/${DEV}/down/have`, false],
  ];
  for (const [principal, topic, isAllowed] of rows) {
    assert.equal(mayPublish(principal, topic), isAllowed, `${principal.role}: ${topic}`);
  }
});

test("only state is kept by the broker", () => {
  assert.equal(mayPublish(device, `fulltrace/v1/main/${DEV}/state`, true), true);
  assert.equal(mayPublish(device, `fulltrace/v1/main/${DEV}/up/hello`, true), false);
  assert.equal(mayPublish(probe, `fulltrace/v1/main/${DEV}/probe`, true), false);
});

test("who may read what", () => {
  const rows: [Principal, string, boolean][] = [
    [device, `fulltrace/v1/main/${DEV}/down/#`, true],
    [device, `fulltrace/v1/main/${DEV}/down/have`, true],
    [device, `fulltrace/v1/main/${DEV}/down/+`, true],
    [device, `fulltrace/v1/main/${DEV}/#`, false],
    [device, `fulltrace/v1/main/${DEV}/up/#`, false],
    [device, `fulltrace/v1/main/${OTHER}/down/#`, false],
    [device, "fulltrace/v1/main/+/down/#", false],
    [device, "#", false],
    [device, `fulltrace/v1/main/${DEV}/probe`, false],
    [probe, `fulltrace/v1/main/${DEV}/probe`, true],
    [probe, `fulltrace/v1/main/${OTHER}/probe`, false],
    [probe, `fulltrace/v1/main/${DEV}/down/#`, false],
    [receiver, `fulltrace/v1/main/+/probe`, false],
    [receiver, "fulltrace/v1/main/+/up/#", true],
    [receiver, "fulltrace/v1/main/+/state", true],
    [receiver, "fulltrace/v1/north/+/up/#", false],
    [receiver, "#", false],
  ];
  for (const [principal, filter, isAllowed] of rows) {
    assert.equal(maySubscribe(principal, "main", filter), isAllowed, `${principal.role}: ${filter}`);
  }
});
