import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  rmdirSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { eventually } from "../../support/waiting.ts";
import { portOf } from "./stick.ts";

const GADGET = "/sys/kernel/config/usb_gadget/keyboard";
const DISK = "/run/keyboard-disk.img";
const FACES = ["mass_storage.0", "hid.0"];
const APPEAR_MS = 30_000;
const IDS = { vendorId: "1d6b", productId: "0105" };
/** A boot keyboard's eight bytes: HID 1.11 appendix B.1, without its lamps. */
const REPORT = Buffer.from(
  "05010906a101050719e029e71500250175019508810295017508810395067508150025650507190029658100c0",
  "hex",
);

/** A gadget of the kernel that is a disk and a keyboard at once. */
export class PosingKeyboard {
  #isBuilt = false;

  /** Resolves with its port when udev is done with it. */
  async plug(): Promise<string> {
    if (!this.#isBuilt) this.#build();
    write("UDC", "dummy_udc.0");
    await eventually("the keyboard", () => isThere(), APPEAR_MS);
    execFileSync("udevadm", ["settle", "--timeout=60"]);
    return portOf(IDS.vendorId, IDS.productId);
  }

  unplug(): void {
    write("UDC", "\n");
  }

  /** Takes it apart; does nothing where it was never built. */
  end(): void {
    if (!existsSync(GADGET)) return;
    this.unplug();
    for (const name of FACES) {
      unlinkSync(join(GADGET, "configs/c.1", name));
      rmdirSync(join(GADGET, "functions", name));
    }
    for (const name of ["configs/c.1", "strings/0x409", ""]) rmdirSync(join(GADGET, name));
  }

  #build(): void {
    this.#isBuilt = true;
    execFileSync("modprobe", ["-a", "dummy_hcd", "libcomposite", "usb_f_mass_storage", "usb_f_hid"]);
    for (const folder of ["", "strings/0x409", "configs/c.1"]) mkdirSync(join(GADGET, folder));
    write("idVendor", `0x${IDS.vendorId}`);
    write("idProduct", `0x${IDS.productId}`);
    write("strings/0x409/serialnumber", "KEYS-1");
    for (const name of FACES) mkdirSync(join(GADGET, "functions", name));
    writeFileSync(DISK, "");
    truncateSync(DISK, 2 ** 20);
    write("functions/mass_storage.0/lun.0/file", DISK);
    write("functions/hid.0/protocol", "1");
    write("functions/hid.0/subclass", "1");
    write("functions/hid.0/report_length", "8");
    writeFileSync(join(GADGET, "functions/hid.0/report_desc"), REPORT);
    for (const name of FACES) symlinkSync(join(GADGET, "functions", name), join(GADGET, "configs/c.1", name));
  }
}

function isThere(): boolean {
  try {
    portOf(IDS.vendorId, IDS.productId);
    return true;
  } catch {
    return false;
  }
}

function write(name: string, value: string): void {
  writeFileSync(join(GADGET, name), value);
}
