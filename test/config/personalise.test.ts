import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "../../config/load.ts";
import { type UnitSettings, withUnitSettings } from "../../config/personalise.ts";
import { SigningKey } from "../../crypto/keys/ed25519.ts";
import { formatVkey, PLAIN_NOTE, verifierKey } from "../../crypto/keys/vkey.ts";
import { seededRandom } from "../support/surroundings.ts";

const FILE = "/etc/fulltrace/recorder.toml";
const NONE: UnitSettings = { witness: [], custody: [], brokerFiles: {} };
const vkeys = ["a", "b"].map((name) =>
  formatVkey(verifierKey(name, PLAIN_NOTE, SigningKey.generate(seededRandom(name)).publicKey)),
);
const BASE = `# the office's own
role = "recorder"
data_dir = "/data"
[device]
model = "BWC-1" # of 2026
serial = "0"
[camera]
source = "testsrc"
[sync]
url = "mqtt://broker:1883"
username = "unit"
custody = ["${vkeys[0]}"]
`;

test("without settings not a letter changes, even of what is no TOML", () => {
  assert.equal(withUnitSettings(BASE, FILE, NONE), BASE);
  assert.equal(withUnitSettings("]", FILE, NONE), "]");
});

test("serial, keys and files get in, and all else means what it meant", () => {
  const settings = {
    serial: 'A"1\\',
    witness: [],
    custody: [...vkeys],
    brokerFiles: { password_file: "/etc/fulltrace/broker-password" },
  };
  const before = parseConfig(BASE, FILE);
  const after = parseConfig(withUnitSettings(BASE, FILE, settings), FILE);
  assert.ok(before.role === "recorder" && after.role === "recorder" && before.sync && after.sync);
  assert.deepEqual(after, {
    ...before,
    device: { model: "BWC-1", serial: 'A"1\\' },
    sync: { ...before.sync, custody: vkeys, passwordFile: "/etc/fulltrace/broker-password" },
  });
});

test("a setting without a table for it, and what is no TOML, are refused with the place", () => {
  const serial = { ...NONE, serial: "A" };
  assert.throws(() => withUnitSettings('device = "x"', FILE, serial), {
    code: "bad-config",
    place: `${FILE}: device: missing; allowed: a table`,
  });
  const keys = { ...NONE, witness: [vkeys[0] as string] };
  assert.throws(() => withUnitSettings("[device]", FILE, keys), { code: "bad-config", place: /sync/ });
  assert.throws(() => withUnitSettings("a = ]", FILE, serial), { code: "config-syntax", place: /toml:1:/ });
});
