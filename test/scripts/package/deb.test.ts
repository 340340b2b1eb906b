import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it, type TestContext } from "node:test";
import { assemble } from "../../../scripts/package/assemble.ts";
import { packDeb } from "../../../scripts/package/deb/deb.ts";
import { ownTarget } from "../../../scripts/package/target.ts";
import { REPOSITORY } from "../../support/repository.ts";
import { temporaryDirectory } from "../../support/surroundings.ts";

const skip = process.getuid?.() === 0 ? false : "dpkg sets owners: needs root";

/** A system that has nothing but dpkg's own records, below a folder. */
class System {
  readonly root: string;

  constructor(t: TestContext) {
    this.root = temporaryDirectory(t);
    // dpkg looks into it as the accounts of its packages
    chmodSync(this.root, 0o755);
    for (const folder of ["var/lib/dpkg/info", "var/lib/dpkg/updates", "etc", "run", "tmp"]) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    writeFileSync(join(this.root, "var/lib/dpkg/status"), "");
  }

  /** What dpkg has to say on stderr. Throws when it fails. */
  dpkg(...args: string[]): string {
    const force = ["--force-script-chrootless", "--force-depends", "--force-confold"];
    const { status, stderr } = spawnSync("dpkg", [`--root=${this.root}`, ...force, ...args], {
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return stderr;
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** `owner:group mode`, by the system's own accounts. */
  rights(path: string): string {
    const { uid, gid, mode } = statSync(join(this.root, path));
    const nameIn = (file: string, id: number) =>
      readFileSync(join(this.root, file), "utf8")
        .split("\n")
        .map((line) => line.split(":"))
        .find(([, , own]) => Number(own) === id)?.[0] ?? (id === 0 ? "root" : `${id}`);
    return `${nameIn("etc/passwd", uid)}:${nameIn("etc/group", gid)} ${(mode & 0o7777).toString(8)}`;
  }
}

describe("the Debian package", { skip }, () => {
  const work = mkdtempSync(join(tmpdir(), "fulltrace-deb-test-"));
  const [first, second, next] = ["first.deb", "second.deb", "next.deb"].map((name) => join(work, name));
  assert.ok(first !== undefined && second !== undefined && next !== undefined);
  after(() => rmSync(work, { recursive: true }));

  before(async () => {
    await assemble(REPOSITORY, join(work, "program"), ownTarget());
    cpSync(join(work, "program"), join(work, "copy"), { recursive: true });
    await packDeb(REPOSITORY, join(work, "program"), first, ownTarget());
    await packDeb(REPOSITORY, join(work, "copy"), second, ownTarget());
    // the next version, with another file of its own
    const tree = join(work, "next");
    execFileSync("dpkg-deb", ["-R", first, tree]);
    const control = join(tree, "DEBIAN/control");
    writeFileSync(control, readFileSync(control, "utf8").replace(/^Version: .*/m, "Version: 99.0.0"));
    appendFileSync(join(tree, "etc/fulltrace/receiver.toml"), "# a new key\n");
    execFileSync("dpkg-deb", ["-b", tree, next], { stdio: "ignore" });
  });

  it("has the same bytes each time", () => {
    const digests = [first, second].map((file) =>
      createHash("sha256").update(readFileSync(file)).digest("hex"),
    );
    assert.equal(digests[0], digests[1]);
  });

  it("is root's, with its configurations marked as such", () => {
    const listed = execFileSync("dpkg-deb", ["-c", first], { encoding: "utf8" }).trimEnd().split("\n");
    for (const line of listed) assert.match(line, /^[dl-][rwx-]{9} root\/root /, line);
    const conffiles = execFileSync("dpkg-deb", ["-f", first, "Package"], { encoding: "utf8" });
    assert.equal(conffiles, "fulltrace\n");
    const info = execFileSync("dpkg-deb", ["-I", first, "conffiles"], { encoding: "utf8" });
    assert.deepEqual(info.trim().split("\n").sort(), [
      "/etc/fulltrace/dock.toml",
      "/etc/fulltrace/receiver.toml",
      "/etc/fulltrace/recorder.toml",
    ]);
  });

  it("makes account, folders and code caches, and its command runs", (t) => {
    const system = new System(t);
    system.dpkg("--install", first);
    assert.match(
      readFileSync(join(system.root, "etc/passwd"), "utf8"),
      /^fulltrace:.*:\/usr\/sbin\/nologin$/m,
    );
    assert.equal(system.rights("etc/fulltrace"), "root:fulltrace 750");
    assert.equal(system.rights("etc/fulltrace/recorder.toml"), "root:fulltrace 640");
    assert.equal(system.rights("var/lib/fulltrace"), "fulltrace:fulltrace 750");
    assert.equal(system.rights("run/fulltrace-cards"), "root:fulltrace 750");
    const programs = join(system.root, "usr/lib/fulltrace/programs");
    assert.deepEqual(readdirSync(join(programs, "cache")).sort(), readdirSync(join(programs, "code")).sort());
    const told = execFileSync(join(system.root, "usr/bin/fulltrace"), ["--version"], { encoding: "utf8" });
    assert.match(told, /\d+\.\d+\.\d+/);
    for (const unit of [
      "fulltrace-recorder.service",
      "fulltrace-mounter.socket",
      "fulltrace-mounter@.service",
      "fulltrace-updater.socket",
      "fulltrace-updater@.service",
    ]) {
      assert.ok(system.has(`usr/lib/systemd/system/${unit}`), unit);
    }
    assert.ok(system.has("usr/share/doc/fulltrace/service.md"));
  });

  it("keeps a configuration that was changed when it is updated", (t) => {
    const system = new System(t);
    system.dpkg("--install", first);
    const mine = join(system.root, "etc/fulltrace/dock.toml");
    appendFileSync(mine, "# mine\n");
    system.dpkg("--install", next);
    assert.match(readFileSync(mine, "utf8"), /# mine\n$/);
    assert.match(readFileSync(join(system.root, "etc/fulltrace/receiver.toml"), "utf8"), /# a new key\n$/);
    assert.equal(system.rights("etc/fulltrace/dock.toml"), "root:fulltrace 640");
  });

  it("leaves configuration and evidence when it is removed, and nothing else", (t) => {
    const system = new System(t);
    system.dpkg("--install", first);
    writeFileSync(join(system.root, "var/lib/fulltrace/ledger.db"), "evidence");
    system.dpkg("--remove", "fulltrace");
    assert.ok(system.has("etc/fulltrace/dock.toml") && system.has("var/lib/fulltrace/ledger.db"));
    for (const path of ["usr/lib/fulltrace", "usr/bin/fulltrace", "usr/share/doc/fulltrace"]) {
      assert.ok(!system.has(path), path);
    }
  });

  it("leaves nothing when it is purged", (t) => {
    const system = new System(t);
    system.dpkg("--install", first);
    assert.doesNotMatch(system.dpkg("--purge", "fulltrace"), /stays/);
    for (const path of ["etc/fulltrace", "var/lib/fulltrace", "run/fulltrace-cards", "usr/lib/fulltrace"]) {
      assert.ok(!system.has(path), path);
    }
  });

  it("never purges a ledger, wherever below its folder, and says so", (t) => {
    for (const ledger of ["ledger.db", "devices/0123/ledger.db"]) {
      const system = new System(t);
      system.dpkg("--install", first);
      const file = join(system.root, "var/lib/fulltrace", ledger);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(file, "evidence");
      assert.match(system.dpkg("--purge", "fulltrace"), /holds a ledger and stays/);
      assert.equal(readFileSync(file, "utf8"), "evidence");
      assert.ok(!system.has("etc/fulltrace"));
    }
  });

  it("leaves secrets that somebody put beside its configuration, and says so", (t) => {
    const system = new System(t);
    system.dpkg("--install", first);
    writeFileSync(join(system.root, "etc/fulltrace/broker-password"), "secret");
    assert.match(system.dpkg("--purge", "fulltrace"), /etc\/fulltrace is not empty and stays/);
    assert.ok(system.has("etc/fulltrace/broker-password"));
  });
});
