import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { RaucCommand } from "../../../../agent/update/rauc/rauc.ts";
import { readBundle, readStatus } from "../../../../agent/update/rauc/told.ts";
import { seededRandom } from "../../../support/surroundings.ts";

const missing = ["rauc", "mksquashfs", "openssl"].filter(
  (tool) => spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0,
);
const skip = missing.length > 0 && `not installed: ${missing.join(", ")}`;

describe("RAUC by its command", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "fulltrace-rauc-"));
  const at = (name: string) => join(folder, name);
  const rauc = () => new RaucCommand([`--keyring=${at("office-ca.pem")}`]);

  before(() => {
    for (const name of ["office", "stranger"]) authority(at, name);
    bundle(at, "good", "office", "1.2.3", "minimum-version=1.1.0");
    bundle(at, "plain", "office", "2.0.0", null);
    bundle(at, "strange", "stranger", "1.2.3", null);
    bundle(at, "no-version", "office", "next", null);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("tells what a bundle is that the office has signed", async () => {
    assert.deepEqual(await rauc().inspect(at("good.raucb")), {
      compatible: "fulltrace-recorder-test",
      version: "1.2.3",
      minimumVersion: "1.1.0",
    });
    // by itself nothing older may follow
    assert.equal((await rauc().inspect(at("plain.raucb"))).minimumVersion, "2.0.0");
  });

  it("refuses what somebody else has signed", async () => {
    await assert.rejects(rauc().inspect(at("strange.raucb")), { code: "bundle-unsigned" });
  });

  it("refuses everything where nobody is trusted", async () => {
    writeFileSync(at("nobody.pem"), "");
    const trusting = new RaucCommand([`--keyring=${at("nobody.pem")}`]);
    await assert.rejects(trusting.inspect(at("good.raucb")), { code: "bundle-unsigned" });
  });

  it("refuses what is cut short, is no bundle, has no version, or is not there", async () => {
    copyFileSync(at("good.raucb"), at("short.raucb"));
    truncateSync(at("short.raucb"), 3000);
    await assert.rejects(rauc().inspect(at("short.raucb")), { code: "bundle-damaged" });
    writeFileSync(at("text.raucb"), "no bundle\n".repeat(1000));
    await assert.rejects(rauc().inspect(at("text.raucb")), { code: "bundle-damaged" });
    await assert.rejects(rauc().inspect(at("no-version.raucb")), { code: "bundle-damaged" });
    await assert.rejects(rauc().inspect(at("absent.raucb")), { code: "bundle-missing" });
  });

  it("sees any part that was changed after it was signed, before a slot is written", async () => {
    const whole = readFileSync(at("good.raucb"));
    const manifest = whole.lastIndexOf("verity-hash=");
    // 12 blocks of squashfs, one of their digests, the signature around the manifest
    const payload = manifest - (manifest % 4096) - 4096;
    for (const place of [8, 3000, 20_000, payload - 10, payload + 5, payload + 4000]) {
      const changed = Buffer.from(whole);
      changed[place] = (changed[place] ?? 0) ^ 1;
      writeFileSync(at("changed.raucb"), changed);
      await assert.rejects(rauc().inspect(at("changed.raucb")), { code: "bundle-damaged" }, `byte ${place}`);
    }
    const short = Buffer.concat([whole.subarray(0, 8192), whole.subarray(12_288)]);
    writeFileSync(at("changed.raucb"), short);
    await assert.rejects(rauc().inspect(at("changed.raucb")), { code: "bundle-damaged" });
  });

  it("compares a payload with more than one level of digests", async () => {
    const long = seededRandom("long").bytes(1_500_000);
    bundle(at, "long", "office", "1.2.3", null, { content: long });
    assert.equal((await rauc().inspect(at("long.raucb"))).version, "1.2.3");
    const changed = readFileSync(at("long.raucb"));
    changed[1_000_000] = (changed[1_000_000] ?? 0) ^ 1;
    writeFileSync(at("long.raucb"), changed);
    await assert.rejects(rauc().inspect(at("long.raucb")), { code: "bundle-damaged" });
  });

  it("refuses a bundle whose signature vouches for no digests", async () => {
    bundle(at, "whole", "office", "1.2.3", null, { format: "plain" });
    await assert.rejects(rauc().inspect(at("whole.raucb")), {
      code: "bundle-damaged",
      place: /not of format verity/,
    });
  });

  it("sees a manifest that was changed after it was signed", async () => {
    const bytes = readFileSync(at("good.raucb"));
    const found = bytes.lastIndexOf("version=1.2.3");
    assert.ok(found > 0);
    bytes.write("version=9.9.9", found);
    writeFileSync(at("changed.raucb"), bytes);
    await assert.rejects(rauc().inspect(at("changed.raucb")), { code: "bundle-unsigned" });
  });
});

describe("what RAUC tells", () => {
  // as rauc 1.8 printed it on a unit whose slot A runs, after a damaged update of slot B
  const told = readFileSync(new URL("../../../../../test/vectors/rauc/status.json", import.meta.url), "utf8");

  it("of the slots is read", () => {
    const { compatible, slots } = readStatus(told);
    assert.equal(compatible, "fulltrace-recorder-qemu-virt");
    assert.deepEqual(
      slots.map(({ name, booted, good, holds }) => [name, booted, good, holds?.version ?? null]).sort(),
      [
        ["A", true, true, null],
        ["B", false, false, null],
      ],
    );
  });

  it("and is something else gives a coded error", () => {
    for (const other of ["", "{", "[]", '{"compatible": 1}', '{"compatible": "x", "slots": [{"a": {}}]}'])
      assert.throws(() => readStatus(other), { code: "rauc-failed" });
    for (const other of ["", "{}", '{"compatible": "x", "version": "one"}'])
      assert.throws(() => readBundle(other), { code: "bundle-damaged" });
    const bad = { compatible: "x", version: "1.0.0", description: "minimum-version=latest" };
    assert.throws(() => readBundle(JSON.stringify(bad)), { code: "bundle-damaged" });
  });
});

type At = (name: string) => string;

function authority(at: At, name: string): void {
  const openssl = (...words: string[]) => execFileSync("openssl", words, { stdio: "pipe" });
  const newKey = ["-newkey", "rsa:2048", "-nodes", "-days", "100"];
  const ca = ["-keyout", at(`${name}-ca.key`), "-out", at(`${name}-ca.pem`), "-subj", `/CN=${name}`];
  openssl("req", "-x509", ...newKey, ...ca);
}

function bundle(
  at: At,
  name: string,
  signer: string,
  version: string,
  description: string | null,
  { content: image = seededRandom(name).bytes(40_000), format = "verity" } = {},
): void {
  const content = at(`${name}-content`);
  mkdirSync(content);
  writeFileSync(join(content, "root.ext4"), image);
  const about = description === null ? "" : `description=${description}\n`;
  writeFileSync(
    join(content, "manifest.raucm"),
    `[update]\ncompatible=fulltrace-recorder-test\nversion=${version}\n${about}\n[bundle]\nformat=${format}\n\n[image.rootfs]\nfilename=root.ext4\n`,
  );
  const signed = [`--cert=${at(`${signer}-ca.pem`)}`, `--key=${at(`${signer}-ca.key`)}`];
  execFileSync("rauc", ["bundle", ...signed, content, at(`${name}.raucb`)], { stdio: "pipe" });
}
