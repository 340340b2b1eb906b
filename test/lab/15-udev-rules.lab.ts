import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { hardware } from "./support/host.ts";
import { PosingKeyboard } from "./support/posing-keyboard.ts";
import { portOf } from "./support/stick.ts";

// The udev rules that are shipped, loaded by the real udevd: whom they let in, and whom they turn out.

const TEST_MS = 90_000;
const RULES = fileURLToPath(new URL("../../../config/udev/70-fulltrace-dock.rules", import.meta.url));
const LOADED = "/run/udev/rules.d/70-fulltrace-dock.rules";
const SAVE = fileURLToPath(new URL("./support/mtp-save.js", import.meta.url));
const USB_DEVICES = "/sys/bus/usb/devices";
const NOBODY = 65_534;
const FULLTRACE_GROUP = 2_000;
const keyboard = new PosingKeyboard();

before(() => {
  // the machine's /etc is read-only
  const groups = `${readFileSync("/etc/group", "utf8").trimEnd()}\nfulltrace:x:${FULLTRACE_GROUP}:\n`;
  execFileSync("tee", ["/run/group"], { input: groups, stdio: ["pipe", "ignore", "inherit"] });
  execFileSync("mount", ["--bind", "/run/group", "/etc/group"]);
  mkdirSync("/run/udev/rules.d", { recursive: true });
  copyFileSync(RULES, LOADED);
  reload();
});

after(() => {
  keyboard.end();
  rmSync(LOADED);
  reload();
  execFileSync("umount", ["/etc/group"]);
});

test("a camera and a disk are the group's, with the disk's partitions; a serial port is not", () => {
  for (const product of ["0004", "0001"]) {
    const { gid, mode } = statSync(nodeOf(portOf("46f4", product)));
    assert.deepEqual([gid, mode & 0o777], [FULLTRACE_GROUP, 0o660], product);
  }
  const disk = realpathSync(`/dev/disk/by-id/${diskName()}`);
  const { gid, mode } = statSync(disk);
  assert.deepEqual([gid, mode & 0o777], [FULLTRACE_GROUP, 0o660]);
  assert.match(execFileSync("udevadm", ["info", disk], { encoding: "utf8" }), /E: UDISKS_IGNORE=1/);
  // the control: what is no recorder stays as it was
  assert.notEqual(statSync(nodeOf(portOf("0403", "6001"))).gid, FULLTRACE_GROUP);
});

test("who is in the group reads the camera, and nobody else does", { timeout: TEST_MS }, () => {
  const file = hardware.mtp.find(({ path }) => path.endsWith("/SHORT.MP4"));
  assert.ok(file !== undefined);
  const save = (gid: number) =>
    spawnSync(process.execPath, [SAVE, file.path, `/tmp/saved-by-${gid}`], {
      encoding: "utf8",
      uid: NOBODY,
      gid,
    });
  const { status, stderr } = save(FULLTRACE_GROUP);
  assert.equal(status, 0, stderr);
  assert.equal(statSync(`/tmp/saved-by-${FULLTRACE_GROUP}`).size, file.bytes);
  const other = save(NOBODY);
  assert.notEqual(other.status, 0);
  assert.match(other.stderr, /usb-access/);
});

test("a keyboard that poses as a disk is let go by the kernel; one without the rules is not", {
  timeout: TEST_MS,
}, async () => {
  const turnedOut = await keyboard.plug();
  assert.equal(readFileSync(join(USB_DEVICES, turnedOut, "authorized"), "utf8").trim(), "0");
  assert.deepEqual(interfacesOf(turnedOut), []);
  keyboard.unplug();
  // the control
  rmSync(LOADED);
  reload();
  const taken = await keyboard.plug();
  assert.equal(readFileSync(join(USB_DEVICES, taken, "authorized"), "utf8").trim(), "1");
  assert.equal(interfacesOf(taken).length, 2);
  copyFileSync(RULES, LOADED);
  reload();
});

function reload(): void {
  udevadm("control", "--reload");
  udevadm("trigger", "--action=add", "--subsystem-match=usb", "--subsystem-match=block");
  udevadm("settle", "--timeout=60");
}

function udevadm(...args: string[]): void {
  execFileSync("udevadm", args, { stdio: ["ignore", "ignore", "inherit"] });
}

/** The node below /dev/bus/usb of what is plugged in at `port`. */
function nodeOf(port: string): string {
  const number = (name: string): string =>
    readFileSync(join(USB_DEVICES, port, name), "utf8")
      .trim()
      .padStart(3, "0");
  return join("/dev/bus/usb", number("busnum"), number("devnum"));
}

/** The interfaces that the kernel has taken. */
function interfacesOf(port: string): string[] {
  return readdirSync(USB_DEVICES).filter((name) => name.startsWith(`${port}:`));
}

function diskName(): string {
  const names = readdirSync("/dev/disk/by-id");
  return names.find((name) => name.startsWith("usb-QEMU") && !name.includes("-part")) ?? "none";
}
