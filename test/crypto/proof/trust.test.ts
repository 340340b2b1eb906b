import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { COSIGNATURE, formatVkey, PLAIN_NOTE, verifierKey } from "../../../crypto/keys/vkey.ts";
import { parseTrust, readTrust } from "../../../crypto/proof/trust.ts";
import {
  CUSTODY,
  DEVICE,
  SECOND_WITNESS,
  STRANGER,
  trustFile,
  WITNESS,
} from "../../support/ledger/ledger-maker.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

const sound = trustFile();
const refuse = (text: string, says: RegExp) =>
  assert.throws(() => parseTrust(text, "trust.toml"), { code: "bad-trust", message: says });

test("control: a sound trust file", () => {
  const trust = parseTrust(sound, "trust.toml");
  assert.deepEqual(
    [trust.quorum, trust.devices.length, trust.witnesses.length, trust.custody.length],
    [1, 1, 1, 1],
  );
});

test("a quorum must be within reach, and 0 only without witnesses", () => {
  refuse(sound.replace("quorum = 1", "quorum = 0"), /quorum 0 with 1 witnesses/);
  refuse(sound.replace("quorum = 1", "quorum = 2"), /quorum 2 with 1 witnesses/);
  refuse(sound.replace("quorum = 1", "quorum = -1"), /quorum/);
  refuse(sound.replace("quorum = 1", "quorum = 1.5"), /quorum/);
  refuse(sound.replace("quorum = 1\n", ""), /quorum/);
  refuse(trustFile({ quorum: 1, witnesses: [] }), /quorum 1 with 0 witnesses/);
  assert.equal(parseTrust(trustFile({ quorum: 0, witnesses: [] }), "").quorum, 0);
  assert.equal(parseTrust(trustFile({ quorum: 2, witnesses: [WITNESS, SECOND_WITNESS] }), "").quorum, 2);
});

test("one key may appear once, whatever it is for and whatever it is called", () => {
  const twice = formatVkey(verifierKey("other.name", COSIGNATURE, WITNESS.publicKey));
  refuse(sound.replace("witness = [", `witness = [${JSON.stringify(twice)}, `), /appears twice/);
  const both = formatVkey(verifierKey("custody.name", PLAIN_NOTE, WITNESS.publicKey));
  refuse(sound.replace("custody = [", `custody = [${JSON.stringify(both)}, `), /appears twice/);
});

test("a key is listed for what it signs", () => {
  const plain = formatVkey(verifierKey(WITNESS.name, PLAIN_NOTE, WITNESS.publicKey));
  refuse(sound.replace(/witness = .*/, `witness = ["${plain}"]`), /witness\[0\]/);
  const witness = formatVkey(verifierKey(CUSTODY.name, COSIGNATURE, CUSTODY.publicKey));
  refuse(sound.replace(/custody = .*/, `custody = ["${witness}"]`), /custody\[0\]/);
});

test("a device's key bears the device's name", () => {
  const renamed = formatVkey(
    verifierKey(`fulltrace/${STRANGER.publicKey.deviceId}`, PLAIN_NOTE, DEVICE.publicKey),
  );
  refuse(sound.replace(/device = .*/, `device = ["${renamed}"]`), /device/);
});

test("what is no trust file is refused with its name", (t) => {
  refuse("quorum = ", /not TOML/);
  refuse(`${sound}\nmore = 1`, /more/);
  refuse(sound.replace("+", "-"), /device\[0\]/);
  assert.throws(() => readTrust("/nowhere/trust.toml"), { code: "bad-trust", message: /nowhere/ });
  const path = join(temporaryDirectory(t), "trust.toml");
  writeFileSync(path, sound);
  assert.equal(readTrust(path).quorum, 1);
});
