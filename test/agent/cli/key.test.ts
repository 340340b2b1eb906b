import assert from "node:assert/strict";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseConfig } from "../../../config/load.ts";
import { parseVkey } from "../../../crypto/keys/vkey.ts";
import { parseTrust } from "../../../crypto/proof/trust.ts";
import { receiver, recorder } from "../../config/sample-config.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";
import { fulltrace } from "./command-line.ts";

function configured(t: TestContext, toml: string): { folder: string; file: string } {
  const folder = temporaryDirectory(t);
  const file = join(folder, "agent.toml");
  writeFileSync(file, toml);
  return { folder, file };
}

/** The indented lines under a heading, as they would be pasted. */
function block(text: string, heading: string): string {
  const lines = text.split("\n");
  const from = lines.indexOf(heading) + 1;
  assert.ok(from > 0, `no heading ${heading}`);
  return lines.slice(from, lines.indexOf("", from)).join("\n");
}

test("a recorder's key is made once, private to its owner, and shown as a vkey", async (t) => {
  const { folder, file } = configured(t, recorder);
  const early = await fulltrace(["key", "show", "--config", file]);
  assert.equal(early.exit, 1);
  assert.match(early.stderr, /key-missing/);

  assert.equal((await fulltrace(["key", "init", "--config", file])).exit, 0);
  const path = join(folder, "data/keys/device.key");
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const pem = readFileSync(path, "utf8");

  const again = await fulltrace(["key", "init", "--config", file, "--json"]);
  assert.deepEqual(JSON.parse(again.stdout), {
    role: "recorder",
    keys: [{ key: "device", path, made: false }],
  });
  assert.equal(readFileSync(path, "utf8"), pem, "a key is never replaced");

  const shown = JSON.parse((await fulltrace(["key", "show", "--config", file, "--json"])).stdout);
  const vkey = parseVkey(shown.device);
  assert.equal(vkey.name, `fulltrace/${vkey.key.deviceId}`);
});

test("what key show prints can be pasted into configurations and trust files", async (t) => {
  const device = configured(t, recorder);
  const office = configured(t, receiver);
  for (const { file } of [device, office]) await fulltrace(["key", "init", "--config", file]);
  const ofDevice = (await fulltrace(["key", "show", "--config", device.file])).stdout;
  const ofOffice = (await fulltrace(["key", "show", "--config", office.file])).stdout;

  const accepting = receiver.replace("[receiver]", block(ofDevice, "For the receiver's configuration:"));
  const receiving = parseConfig(accepting, office.file);
  assert.ok(receiving.role === "receiver");
  assert.equal(receiving.receiver.devices.length, 1);

  const pinning = `${recorder}${block(ofOffice, "For the configuration of each device:")}\nurl = "mqtt://b"`;
  const pinned = parseConfig(pinning, device.file);
  assert.ok(pinned.role === "recorder");
  assert.equal(pinned.sync?.witness.length, 1);

  const trust = parseTrust(
    `${block(ofOffice, "For trust.toml:")}\n${block(ofDevice, "For trust.toml:")}`,
    "trust.toml",
  );
  assert.deepEqual(
    trust.witnesses.map(({ name }) => name),
    ["district.example/witness"],
  );
  assert.deepEqual(
    trust.custody.map(({ name }) => name),
    ["district.example/custody"],
  );
  assert.equal(trust.devices.length, 1);
});

test("a damaged key is told, not replaced", async (t) => {
  const { folder, file } = configured(t, recorder);
  await fulltrace(["key", "init", "--config", file]);
  const path = join(folder, "data/keys/device.key");
  writeFileSync(path, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  for (const verb of ["init", "show"]) {
    const { exit, stderr } = await fulltrace(["key", verb, "--config", file, "--lang", "zh"]);
    assert.equal(exit, 1);
    assert.match(stderr, /key-unreadable: .*device\.key\n {2}密钥文件损坏/);
  }
});
