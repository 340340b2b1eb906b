import { execFileSync, type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { eventually } from "../../support/waiting.ts";

const GADGET = "/sys/kernel/config/usb_gadget/network";
const FACE = "ecm.usb0";
const SPACE = "recorder";
const DOCK_MAC = "02:00:00:00:47:01";
const RECORDER_MAC = "02:00:00:00:47:02";
const APPEAR_MS = 30_000;
const LEASE_SCRIPT = "/run/lease.sh";

/** A recorder that is docked over USB networking: a gadget of the kernel whose own end has a network space of its own. */
export class NetworkGadget {
  #dockSide = "";

  /** The dock's interface. */
  get dockSide(): string {
    return this.#dockSide;
  }

  /** Resolves when the dock has its interface, named by udev. */
  async plug(): Promise<void> {
    execFileSync("modprobe", ["-a", "dummy_hcd", "libcomposite", "usb_f_ecm", "cdc_ether"]);
    for (const folder of ["", "strings/0x409", "configs/c.1", `functions/${FACE}`])
      mkdirSync(join(GADGET, folder));
    write("idVendor", "0x1d6b");
    write("idProduct", "0x0106");
    write("strings/0x409/serialnumber", "NET-1");
    write(`functions/${FACE}/host_addr`, DOCK_MAC);
    write(`functions/${FACE}/dev_addr`, RECORDER_MAC);
    symlinkSync(join(GADGET, "functions", FACE), join(GADGET, "configs/c.1", FACE));
    write("UDC", "dummy_udc.0");
    await eventually("the dock's interface", () => interfaceWith(DOCK_MAC) !== null, APPEAR_MS);
    execFileSync("udevadm", ["settle", "--timeout=60"]);
    this.#dockSide = interfaceWith(DOCK_MAC) ?? "";
    execFileSync("ip", ["netns", "add", SPACE]);
    execFileSync("ip", [
      "link",
      "set",
      interfaceWith(RECORDER_MAC) ?? "none",
      "netns",
      SPACE,
      "name",
      "dock",
    ]);
    this.run("ip", ["link", "set", "dock", "up"]);
  }

  /** As the recorder's own system asks for it, by DHCP. Throws where it is given none. */
  askForLease(): { address: string; router: string } {
    const script =
      '#!/bin/sh\n[ "$1" = bound ] || exit 0\nip address add "$ip/$mask" dev dock\necho "LEASE $ip $router"\n';
    writeFileSync(LEASE_SCRIPT, script, { mode: 0o755 });
    const options = ["udhcpc", "-i", "dock", "-n", "-q", "-t", "20", "-T", "1", "-s", LEASE_SCRIPT];
    const { stdout, stderr } = this.run("busybox", options);
    const [, address, router] = /LEASE (\S+) (\S+)/.exec(stdout) ?? [];
    if (address === undefined || router === undefined) throw new Error(`no lease: ${stdout}${stderr}`);
    return { address, router };
  }

  /** A program on the recorder. */
  run(command: string, args: readonly string[]): SpawnSyncReturns<string> {
    return spawnSync("ip", ["netns", "exec", SPACE, command, ...args], { encoding: "utf8", input: "" });
  }

  end(): void {
    if (!existsSync(GADGET)) return;
    write("UDC", "\n");
    spawnSync("ip", ["netns", "delete", SPACE]);
    unlinkSync(join(GADGET, "configs/c.1", FACE));
    for (const name of [`functions/${FACE}`, "configs/c.1", "strings/0x409", ""])
      rmdirSync(join(GADGET, name));
  }
}

/** The name of the machine's interface with this address; null: there is none. */
function interfaceWith(mac: string): string | null {
  const folder = "/sys/class/net";
  const name = readdirSync(folder).find(
    (one) => readFileSync(join(folder, one, "address"), "utf8").trim() === mac,
  );
  return name ?? null;
}

function write(name: string, value: string): void {
  writeFileSync(join(GADGET, name), value);
}
