import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import {
  CARDS_DIRECTORY,
  MOUNTER_SOCKET,
} from "../../drivers/recorders/mass-storage/mount/service/places.ts";
import { REPOSITORY } from "../support/repository.ts";
import { temporaryDirectory } from "../support/surroundings.ts";

const CONFIG = join(REPOSITORY, "config");
const UNITS = readdirSync(join(CONFIG, "systemd"));
const ROLES = ["recorder", "dock", "receiver"];
/** In tenths, as `systemd-analyze security --threshold` takes it. */
const MOST_EXPOSED = 20;

/** Which module makes a kind of device known to the kernel (/proc/devices); null: the kernel itself. */
const KNOWN_BY: Record<string, string | null> = {
  usb_device: "usbcore",
  sd: "sd_mod",
  ttyUSB: "usbserial",
  ttyACM: "cdc_acm",
  video4linux: "videodev",
  alsa: "snd",
  input: null,
  ttyS: null,
  ttyAMA: null,
};

const unit = (name: string) => readFileSync(join(CONFIG, "systemd", name), "utf8");

/** How exposed systemd calls a unit of this text, in tenths; judged without loading it. */
function isSafe(t: TestContext, text: string): boolean {
  const file = join(temporaryDirectory(t), "judged.service");
  writeFileSync(file, text);
  const args = ["security", "--no-pager", "--offline=true", `--threshold=${MOST_EXPOSED}`, file];
  const { status, stdout } = spawnSync("systemd-analyze", args, { encoding: "utf8" });
  assert.match(stdout, /Overall exposure level/, "it was judged at all");
  return status === 0;
}

describe("the units", () => {
  for (const role of ROLES) {
    it(`of the ${role} leave it few rights`, (t) => {
      assert.ok(isSafe(t, unit(`fulltrace-${role}.service`)));
    });

    it(`of the ${role} never stop trying, and are watched`, () => {
      const text = unit(`fulltrace-${role}.service`);
      for (const line of ["Restart=always", "StartLimitIntervalSec=0", "Type=notify", "NotifyAccess=all"]) {
        assert.ok(text.includes(`\n${line}\n`), line);
      }
      assert.match(text, /\nWatchdogSec=[1-9]\d*\n/);
      assert.match(text, /\nCapabilityBoundingSet=\n/);
    });
  }

  it("would not be called safe without their sandbox", (t) => {
    const bare = unit("fulltrace-receiver.service").replace(
      /^(?:Protect|Private|Restrict|SystemCall).*\n/gm,
      "",
    );
    assert.ok(!isSafe(t, bare));
  });

  it("are what systemd understands", (t) => {
    const folder = temporaryDirectory(t);
    // the programs are not installed here
    const files = UNITS.map((name) => {
      const file = join(folder, name);
      writeFileSync(file, unit(name).replace(/^ExecStart=\S+/m, "ExecStart=/bin/true"));
      return file;
    });
    assert.equal(verified(files), "");
    writeFileSync(join(folder, "fulltrace-dock.service"), `${unit("fulltrace-dock.service")}Nonsense=1\n`);
    assert.match(verified(files), /Nonsense/);
  });

  it("have the kernel know each kind of device that they may open, before they start", () => {
    for (const role of ROLES) {
      const text = unit(`fulltrace-${role}.service`);
      const allowed = [...text.matchAll(/^DeviceAllow=(?:char|block)-(\S+)/gm)].map(([, kind = ""]) => kind);
      for (const kind of allowed) assert.ok(kind in KNOWN_BY, kind);
      const modules = allowed.flatMap((kind) => KNOWN_BY[kind] ?? []);
      const words = [...new Set(modules)].map((module) => `modprobe@${module}.service`).sort();
      for (const key of ["Wants", "After"]) {
        const lines = [...text.matchAll(new RegExp(`^${key}=(.*modprobe@.*)$`, "gm"))];
        assert.deepEqual(lines.flatMap(([, line = ""]) => line.split(" ")).sort(), words, `${role}, ${key}`);
      }
    }
  });

  it("let the dock alone order mounts, where its code looks for them", () => {
    const socket = unit("fulltrace-mounter.socket");
    assert.match(socket, new RegExp(`^ListenStream=${MOUNTER_SOCKET}$`, "m"));
    assert.match(socket, /^SocketUser=fulltrace$/m);
    assert.match(socket, /^SocketMode=0600$/m);
    assert.match(
      readFileSync(join(CONFIG, "tmpfiles.d/fulltrace.conf"), "utf8"),
      new RegExp(`^d ${CARDS_DIRECTORY} `, "m"),
    );
  });

  it("give the mounting service no mount namespace of its own, in which nobody would see its mounts", () => {
    assert.doesNotMatch(
      unit("fulltrace-mounter@.service"),
      /^(?:Protect|Private|ReadOnly|ReadWrite|Inaccessible)/m,
    );
  });
});

function verified(files: readonly string[]): string {
  const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...files], { encoding: "utf8" });
  return stderr;
}

it("account and folders are made by systemd's own tools", (t) => {
  const root = temporaryDirectory(t);
  mkdirSync(join(root, "etc"));
  for (const [tool, file] of [
    ["systemd-sysusers", "sysusers.d/fulltrace.conf"],
    ["systemd-tmpfiles", "tmpfiles.d/fulltrace.conf"],
  ] as const) {
    const how = tool === "systemd-tmpfiles" ? ["--create"] : [];
    execFileSync(tool, [`--root=${root}`, ...how, join(CONFIG, file)], { stdio: "pipe" });
  }
  assert.match(readFileSync(join(root, "etc/group"), "utf8"), /^fulltrace:/m);
  assert.deepEqual(readdirSync(join(root, "var/lib")), ["fulltrace"]);
});
