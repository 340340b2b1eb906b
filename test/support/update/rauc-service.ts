import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { promisify } from "node:util";
import { RaucCommand } from "../../../agent/update/rauc/rauc.ts";
import { temporaryDirectory } from "../surroundings.ts";
import { COMPATIBLE } from "./simulated-rauc.ts";

const run = promisify(execFile);

/**
 * The real RAUC, with its service on a bus of its own: two slots that are files, a boot loader that is a script, and
 * slot A running. Bundles of format `plain` are taken too, which need no device mapper. Gone with the test.
 */
export async function raucService(t: TestContext, keyring: string): Promise<RaucCommand> {
  const folder = temporaryDirectory(t);
  mkdirSync(join(folder, "mounts"));
  for (const slot of ["A", "B"]) writeFileSync(join(folder, `${slot}.img`), Buffer.alloc(1024 * 1024));
  writeFileSync(join(folder, "loader"), loader(folder));
  chmodSync(join(folder, "loader"), 0o755);
  const conf = join(folder, "system.conf");
  writeFileSync(conf, systemConf(folder, keyring));
  const bus = `unix:path=${join(folder, "bus")}`;
  const busFile = join(folder, "bus.conf");
  writeFileSync(busFile, busConf(bus));
  const words = [`--config-file=${busFile}`, "--nofork", "--print-address"];
  const daemon = mortal(t, spawn("dbus-daemon", words, { stdio: ["ignore", "pipe", "ignore"] }));
  await once(daemon.stdout as NonNullable<typeof daemon.stdout>, "data");
  const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: bus, LC_ALL: "C" };
  const service = [`--conf=${conf}`, "--override-boot-slot=A", "service"];
  mortal(t, spawn("rauc", service, { env, stdio: "ignore" }));
  await answering(env);
  return new RaucCommand([`--keyring=${keyring}`], bus);
}

/** Until the service has its name on the bus. */
async function answering(env: NodeJS.ProcessEnv): Promise<void> {
  for (let left = 50; ; left--) {
    try {
      await run("rauc", ["status"], { env, timeout: 1_000 });
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

function mortal(t: TestContext, child: ChildProcess): ChildProcess {
  const ended = once(child, "close");
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return child;
}

/** As U-Boot: a slot that is made the next one has all its tries. */
function loader(folder: string): string {
  return `#!/bin/sh
cd ${folder}
case $1 in
  get-primary) cat primary 2>/dev/null || echo A ;;
  set-primary) echo "$2" > primary; echo good > "state-$2" ;;
  get-state) cat "state-$2" 2>/dev/null || echo good ;;
  set-state) echo "$3" > "state-$2" ;;
esac
`;
}

function systemConf(folder: string, keyring: string): string {
  return `[system]
compatible=${COMPATIBLE}
bootloader=custom
bundle-formats=+plain
statusfile=${folder}/status
mountprefix=${folder}/mounts
[handlers]
bootloader-custom-backend=${folder}/loader
[keyring]
path=${keyring}
[slot.rootfs.0]
device=${folder}/A.img
type=raw
bootname=A
[slot.rootfs.1]
device=${folder}/B.img
type=raw
bootname=B
`;
}

function busConf(address: string): string {
  return `<busconfig><type>system</type><listen>${address}</listen><policy context="default">
<allow user="*"/><allow own="*"/><allow send_destination="*"/><allow eavesdrop="true"/></policy></busconfig>`;
}

/** Why nothing can be installed here; false: it can. RAUC mounts what it installs. */
export function noInstalling(): string | false {
  if (process.getuid?.() !== 0) return "NOT RUN: installing mounts the bundle, which only root may";
  const known = readFileSync("/proc/filesystems", "utf8").includes("squashfs");
  return known ? false : "NOT RUN: this kernel has no squashfs";
}
