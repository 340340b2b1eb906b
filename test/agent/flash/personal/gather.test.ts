import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gatherPersonal } from "../../../../agent/flash/personal/gather.ts";
import { TestAuthority } from "../../../support/certificates.ts";
import { temporaryDirectory } from "../../../support/surroundings.ts";

function configIn(folder: string, sync: string): string {
  const file = join(folder, "unit.toml");
  const lines = [
    'role = "recorder"\ndata_dir = "data"',
    '[device]\nmodel = "BWC-1"\nserial = "0"',
    '[camera]\nsource = "testsrc"',
    sync,
  ];
  writeFileSync(file, lines.join("\n"));
  return file;
}

function secretIn(t: TestContext): string {
  const file = join(temporaryDirectory(t), "password");
  writeFileSync(file, "very secret\nand more\n", { mode: 0o600 });
  return file;
}

test("certificates, key and the password's first line are taken as they are", (t) => {
  const folder = temporaryDirectory(t);
  const authority = new TestAuthority(folder, "ca");
  const { certFile, keyFile } = authority.issue("unit");
  const config = configIn(folder, '[sync]\nurl = "mqtts://broker"\nusername = "unit"');
  const wish = { brokerCa: authority.caFile, brokerCert: certFile, brokerKey: keyFile };
  const files = gatherPersonal({ ...wish, config, brokerPassword: secretIn(t) });
  const text = (name: Parameters<typeof files.get>[0]) => files.get(name)?.toString();
  assert.equal(text("broker-password"), "very secret\n");
  for (const [name, file] of [
    ["broker-ca.pem", authority.caFile],
    ["broker-cert.pem", certFile],
    ["broker-key.pem", keyFile],
    ["config.toml", config],
  ] as const)
    assert.equal(text(name), readFileSync(file, "utf8"));
});

test("what the unit would refuse is refused before any card is touched, and no secret is told", (t) => {
  const folder = temporaryDirectory(t);
  const plain = configIn(folder, '[sync]\nurl = "mqtt://broker"');
  const ca = new TestAuthority(folder, "ca").caFile;
  const refuses = (wish: Parameters<typeof gatherPersonal>[0], code: string, place: RegExp) =>
    assert.throws(
      () => gatherPersonal(wish),
      (error: { code: string; place: string }) => {
        assert.equal(error.code, code);
        assert.match(error.place, place);
        assert.doesNotMatch(error.place, /very secret/);
        return true;
      },
    );
  refuses({ config: plain, brokerCa: ca }, "bad-config", /sync.url/);
  refuses({ config: plain, brokerPassword: secretIn(t) }, "bad-config", /password_file/);
  refuses({ config: configIn(temporaryDirectory(t), ""), brokerCa: ca }, "bad-config", /sync: missing/);
  refuses({ config: join(folder, "none") }, "file-unreadable", /none/);
  refuses({ brokerCert: plain }, "personal-unfit", /^broker-cert.pem/);
  refuses({ brokerKey: secretIn(t) }, "personal-unfit", /^broker-key.pem/);
  const large = join(folder, "large.toml");
  writeFileSync(large, `${readFileSync(plain, "utf8")}\n${"# more\n".repeat(40_000)}`);
  refuses({ config: large }, "personal-unfit", /^config.toml: \d+ bytes, at most 262144/);
  const receiver = join(folder, "receiver.toml");
  writeFileSync(
    receiver,
    'role = "receiver"\ndata_dir = "d"\n[receiver]\nname = "o"\n[sync]\nurl = "mqtt://b"\n',
  );
  refuses({ config: receiver }, "personal-unfit", /a recorder's/);
  const short = join(folder, "short.key");
  writeFileSync(short, Buffer.alloc(31, 7));
  refuses({ dataKey: short }, "personal-unfit", /^data-key: allowed: at least 32 random bytes/);
  writeFileSync(short, Buffer.alloc(32, 7));
  assert.deepEqual(gatherPersonal({ dataKey: short }).get("data-key"), Buffer.alloc(32, 7));
  assert.equal(gatherPersonal({ config: plain, serial: "A1" }).size, 2);
});
